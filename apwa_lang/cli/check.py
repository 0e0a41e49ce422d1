"""`apwa check`: parse, type-check, prove and lint programs.

In: files, folders or standard input. Out: findings on standard output; exit code 1 when there are errors.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apwa_lang.cli.common import OUTPUT_FORMATS, InputError, color_option, print_diagnostics, read_source
from apwa_lang.cli.linting import Linting, linting, tell_stale, write
from apwa_lang.config import ConfigError
from apwa_lang.diagnostics.distinct import distinct
from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.tally import numbered, tally
from apwa_lang.syntax.source import Source

if TYPE_CHECKING:
    from apwa_lang.check import Checked
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
@click.option("--baseline", metavar="FILE", help="Leave out the findings that are known in this file.")
@click.option("--write-baseline", metavar="FILE", help="Write today's warnings and notes to a baseline.")
@click.option("--watch", is_flag=True, help="Check again whenever something changes.")
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
    baseline: str | None,
    write_baseline: str | None,
    watch: bool,
) -> None:
    """Parse, type-check, prove and lint programs.

    Needs no network, no data and no cluster. A folder stands for every .apwa file below it, `-` for standard
    input; without arguments the current folder is checked.
    """
    if fix and "-" in paths:
        raise click.UsageError("--fix rewrites files, it cannot mend standard input")
    if unsafe_fixes and not fix:
        raise click.UsageError("--unsafe-fixes says which fixes --fix applies")
    if watch and "-" in paths:
        raise click.UsageError("--watch looks at files, it cannot watch standard input")
    if watch and write_baseline:
        raise click.UsageError("--watch and --write-baseline do not go together")
    run = _Run(
        paths=paths or (".",),
        output_format=output_format,
        deny_warnings=deny_warnings,
        fixes="none" if not fix else "all" if unsafe_fixes else "safe",
        lint=linting(select, ignore, baseline, baselined=write_baseline is None),
        write_baseline=write_baseline,
    )
    if watch:
        from apwa_lang.cli.watch import watch as look_again

        look_again(run.files, lambda: run.complaining(run.once))
    ctx.exit(run.once())


@dataclass
class _Run:
    """One call of the command. ``fixes`` are ``none``, ``safe`` or ``all``; ``reads`` the files of the last check."""

    paths: tuple[str, ...]
    output_format: str
    deny_warnings: bool
    fixes: str
    lint: Linting
    write_baseline: str | None
    unreadable: bool = False
    reads: set[Path] = field(default_factory=set)

    def once(self) -> int:
        """Check everything and print what is found; the exit code."""
        self.unreadable = False
        files: list[str] = []
        for path in self.paths:
            try:
                files += programs(path)
            except InputError as error:
                self.unreadable = _complain(error)
        checked: list[tuple[Checked, Selection]] = []
        fixed = 0
        for file in dict.fromkeys(files):
            try:
                if self.fixes != "none":
                    fixed += fix_file(file, self.fixes == "all", self.lint)
                checked.append(check_file(file, self.lint))
            except InputError as error:
                self.unreadable = _complain(error)
        self.reads = {source.file for one, _ in checked for source in one.program.sources if source.file is not None}
        findings = distinct((one.modules[0].source, one.diagnostics) for one, _ in checked)
        if self.write_baseline is not None:
            write(self.write_baseline, findings)
            findings = [finding for finding in findings if finding.severity is Severity.ERROR]
        self._show(findings, len(checked), fixed)
        tell_stale(checked)
        failing = (Severity.ERROR, Severity.WARNING) if self.deny_warnings else (Severity.ERROR,)
        return 2 if self.unreadable else int(any(finding.severity in failing for finding in findings))

    def _show(self, findings: Sequence[Diagnostic], checked: int, fixed: int) -> None:
        print_diagnostics(findings, output_format=self.output_format)
        if self.output_format == "text" and checked:
            if findings:
                click.echo()
            click.echo(summary(findings, checked, fixed))
            hidden = sum(one.fix is not None and not one.fix.safe for one in findings) if self.fixes == "safe" else 0
            if hidden:
                click.echo(f"{numbered(hidden, 'fix')} more with --unsafe-fixes")
        elif fixed:
            click.echo(fixed_line(fixed), err=True)

    def files(self) -> set[Path]:
        """What the findings depend on: programs, what they import, Python modules beside them, settings."""
        found = set(self.reads)
        for path in self.paths:
            with suppress(InputError):
                found |= {Path(program).absolute() for program in programs(path)}
        folders = {file.parent for file in found}
        for folder in folders:
            found |= set(folder.glob("*.py"))
            found |= {around / "apwa.toml" for around in (folder, *folder.parents)}
        return found

    def complaining(self, act: Callable[[], object]) -> None:
        """Do something, and print what keeps it from being done."""
        try:
            act()
        except (InputError, ConfigError) as error:
            self.unreadable = _complain(error)


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


def check_file(path: str, lint: Linting) -> tuple[Checked, Selection]:
    """One program with the findings in it and in what it imports, and what was looked for. Raises InputError."""
    from apwa_lang.check import check

    source = read_source(path)
    wanted = lint(source)
    return check(source, lint=wanted), wanted


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


def _complain(error: InputError | ConfigError) -> bool:
    sys.stdout.flush()
    click.echo(f"error: {error.format_message() if isinstance(error, InputError) else error}", err=True)
    return True
