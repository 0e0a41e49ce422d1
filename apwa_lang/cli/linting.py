"""Which findings `apwa check` shows: what `apwa.toml` says of the lint, and what the command line says in its place.

In: option values as typed. Out: the selection for each file, and baselines read and written. What cannot be used ends
the command with one line and exit code 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apwa_lang.cli.common import InputError
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.tally import numbered
from apwa_lang.syntax.source import Source

if TYPE_CHECKING:
    from apwa_lang.check import Checked
    from apwa_lang.lint.selection import Selection

Linting = Callable[[Source], "Selection"]
"""Which rules are wanted in a file."""


def linting(select: str | None, ignore: str | None, baseline: str | None, *, baselined: bool) -> Linting:
    """What `apwa.toml` says, but for what the command line does; without a baseline unless ``baselined``.

    Raises click's UsageError for unknown codes.
    """
    from apwa_lang.config import config_of
    from apwa_lang.lint.selection import unknown

    selected, ignored = _words(select), _words(ignore)
    strange = unknown(selected) or unknown(ignored, groups=False)
    if strange is not None:
        raise click.UsageError(f"no code begins with `{strange}`; `apwa explain --list` shows the codes")

    def wanted(source: Source) -> Selection:
        lint = config_of(source.file).lint
        known = Path(baseline).absolute() if baseline is not None else lint.baseline
        return replace(
            lint,
            select=lint.select if select is None else selected,
            ignore=(*lint.ignore, *ignored),
            baseline=known if baselined else None,
        )

    return wanted


def write(path: str, findings: Iterable[Diagnostic]) -> None:
    """Write the warnings and notes among ``findings`` as a baseline, and say so. Raises InputError."""
    from apwa_lang.lint.baseline import write_baseline

    try:
        count = write_baseline(Path(path).absolute(), findings)
    except OSError as error:
        raise InputError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error
    click.echo(f"wrote {numbered(count, 'finding')} to {path}", err=True)


def tell_stale(programs: Sequence[tuple[Checked, Selection]]) -> None:
    """Say how many findings of a baseline are no longer there."""
    from apwa_lang.lint.baseline import read_baseline

    for path in dict.fromkeys(lint.baseline for _, lint in programs):
        if path is None:
            continue
        checked = [program for program, lint in programs if lint.baseline == path]
        chosen = next(lint for _, lint in programs if lint.baseline == path)
        files = [program.program.source.file for program in checked]
        known = {(*one.sort_key, one.message): one for program in checked for one in program.known}
        stale = read_baseline(path).stale(
            known.values(),
            [file for file in files if file is not None],
            partial(chosen.covers, linted=True),
        )
        if stale:
            verb = "is" if stale == 1 else "are"
            line = f"{numbered(stale, 'finding')} of the baseline {verb} no longer there"
            click.echo(f"note: {line}; --write-baseline {path.name} forgets them", err=True)


def _words(listed: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (listed or "").split(",") if word.strip())
