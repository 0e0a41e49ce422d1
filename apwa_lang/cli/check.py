"""`apwa check`: parse, type-check, prove and lint programs.

In: files, folders or standard input. Out: findings on standard output; exit code 1 when there are errors.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apwa_lang.cli.common import OUTPUT_FORMATS, InputError, color_option, print_diagnostics, read_source
from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.tally import numbered, tally
from apwa_lang.syntax.source import Source

if TYPE_CHECKING:
    from apwa_lang.lint.selection import Selection

SUFFIX = ".apwa"


@click.command()
@click.argument("paths", nargs=-1, metavar="[FILE|DIR|-]...")
@click.option("--output-format", type=click.Choice(OUTPUT_FORMATS), default="text", show_default=True)
@click.option("--deny-warnings", is_flag=True, help="Exit with code 1 for warnings too.")
@click.option("--fix", is_flag=True, help="Apply the fixes that keep a program's meaning, then check again.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix, apply also those that need a person's eye.")
@click.option("--select", metavar="CODES", help="Lint for these rules, in place of those that apwa.toml selects.")
@click.option("--ignore", metavar="CODES", help="Leave out warnings and notes of these codes too.")
@color_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    output_format: str,
    deny_warnings: bool,
    fix: bool,
    unsafe_fixes: bool,
    select: str | None,
    ignore: str | None,
) -> None:
    """Parse, type-check, prove and lint programs.

    Needs no network, no data and no cluster. A folder stands for every .apwa file below it, `-` for standard
    input; without arguments the current folder is checked.
    """
    if fix and "-" in paths:
        raise click.UsageError("--fix rewrites files, it cannot mend standard input")
    if unsafe_fixes and not fix:
        raise click.UsageError("--unsafe-fixes says which fixes --fix applies")
    lint = _linting(select, ignore)
    unreadable = False
    files: list[str] = []
    for path in paths or (".",):
        try:
            files += programs(path)
        except InputError as error:
            unreadable = _complain(error)
    findings: list[Diagnostic] = []
    checked = fixed = 0
    for file in dict.fromkeys(files):
        try:
            if fix:
                fixed += fix_file(file, unsafe_fixes, lint)
            findings += check_file(file, lint)
            checked += 1
        except InputError as error:
            unreadable = _complain(error)
    findings = _distinct(findings)
    print_diagnostics(findings, output_format=output_format)
    if output_format == "text" and checked:
        if findings:
            click.echo()
        click.echo(summary(findings, checked, fixed))
        if (
            hidden := sum(one.fix is not None and not one.fix.safe for one in findings)
            if fix and not unsafe_fixes
            else 0
        ):
            click.echo(f"{numbered(hidden, 'fix')} more with --unsafe-fixes")
    elif fixed:
        click.echo(fixed_line(fixed), err=True)
    failing = (Severity.ERROR, Severity.WARNING) if deny_warnings else (Severity.ERROR,)
    if unreadable:
        ctx.exit(2)
    ctx.exit(1 if any(finding.severity in failing for finding in findings) else 0)


def programs(path: str) -> list[str]:
    """The files that a path on the command line stands for, in order. Raises InputError for a folder without one."""
    if path == "-" or not Path(path).is_dir():
        return [path]
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [os.path.normpath(Path(folder) / name) for name in sorted(names) if name.endswith(SUFFIX)]
    if not found:
        raise InputError(f"no {SUFFIX} file in `{path}`")
    return found


Linting = Callable[[Source], "Selection"]
"""Which rules are wanted in a file."""


def _linting(select: str | None, ignore: str | None) -> Linting:
    """What `apwa.toml` says, but for what the command line does. Raises click's UsageError for unknown codes."""
    from apwa_lang.config import config_of
    from apwa_lang.lint.selection import unknown

    selected, ignored = _words(select), _words(ignore)
    strange = unknown(selected) or unknown(ignored, groups=False)
    if strange is not None:
        raise click.UsageError(f"no code begins with `{strange}`; `apwa explain --list` shows the codes")

    def linting(source: Source) -> Selection:
        lint = config_of(source.file).lint
        chosen = lint.select if select is None else selected
        return replace(lint, select=chosen, ignore=(*lint.ignore, *ignored))

    return linting


def _words(listed: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (listed or "").split(",") if word.strip())


def check_file(path: str, lint: Linting) -> Sequence[Diagnostic]:
    """The findings of one program and of what it imports. Raises InputError."""
    from apwa_lang.check import check

    source = read_source(path)
    return check(source, lint=lint(source)).diagnostics


def fix_file(path: str, unsafe: bool, lint: Linting) -> int:
    """Apply safe fixes to a file, or all, until none is left; how many were applied. Raises InputError."""
    from apwa_lang.check import check
    from apwa_lang.diagnostics.fixes import mend, replace_file

    def find(source: Source) -> Sequence[Diagnostic]:
        return check(source, lint=lint(source)).diagnostics

    source, count = mend(read_source(path), find, unsafe=unsafe)
    if count and source.file is not None:
        try:
            replace_file(source.file, source.text)
        except OSError as error:
            raise InputError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error
    return count


def summary(findings: Sequence[Diagnostic], files: int, fixed: int) -> str:
    """The closing line: ``3 errors, 1 warning in 2 files``."""
    counted = tally(findings)
    if counted:
        where = len({finding.primary.span.source.path for finding in findings})
        line = f"{counted} in {numbered(where, 'file')}"
    else:
        line = f"no problems found in {numbered(files, 'file')}"
    return f"{fixed_line(fixed)}; {line}" if fixed else line


def fixed_line(fixed: int) -> str:
    """``fixed 2 problems``."""
    return f"fixed {numbered(fixed, 'problem')}"


def _distinct(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each finding once: a file that several programs import is analysed with each of them."""
    by_place = {(*finding.sort_key, finding.message): finding for finding in findings}
    return list(by_place.values())


def _complain(error: InputError) -> bool:
    sys.stdout.flush()
    click.echo(f"error: {error.format_message()}", err=True)
    return True
