"""`apwa fmt`: programs in the one style.

In: files, folders or standard input. Out: the files rewritten, or what would be; exit code 1 when `--check` or `--diff`
find something to change, 2 for what cannot be read or parsed, 70 for what the formatter itself gets wrong.
"""

from __future__ import annotations

import difflib
import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from apwa_lang.cli.check import programs
from apwa_lang.cli.common import InputError, color_option, print_diagnostics, read_source
from apwa_lang.diagnostics.fixes import replace_file
from apwa_lang.diagnostics.tally import numbered
from apwa_lang.formatter.format import UnparsedError, UnsafeError, format_source
from apwa_lang.formatter.settings import LONGEST, SHORTEST, line_length_of
from apwa_lang.syntax.source import Source

INTERNAL_ERROR = 70


@click.command()
@click.argument("paths", nargs=-1, metavar="[FILE|DIR|-]...")
@click.option("--check", is_flag=True, help="Write nothing; exit with code 1 if something would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change, with the same exit code.")
@click.option(
    "--line-length",
    type=click.IntRange(SHORTEST, LONGEST),
    metavar="N",
    help="Width of lines; else that of [format] in the nearest apwa.toml, else 120.",
)
@click.option(
    "--stdin-filename",
    metavar="FILE",
    help="What standard input is called in messages, and beside which apwa.toml is looked for.",
)
@color_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    check: bool,
    diff: bool,
    line_length: int | None,
    stdin_filename: str | None,
) -> None:
    """Format programs in the one style.

    A folder stands for every .apwa file below it, without arguments the current one; what comes from standard input,
    `-`, goes formatted to standard output. A program that does not parse is left alone.
    """
    gc.set_threshold(100_000, 50, 100)  # Trees and layouts are large and without cycles.
    failed = 0
    files: list[str] = []
    for path in paths or (".",):
        try:
            files += programs(path)
        except InputError as error:
            failed = max(failed, _complain(error.format_message(), InputError.exit_code))
    changed: list[str] = []
    unchanged = 0
    for file in dict.fromkeys(files):
        try:
            source = read_source(file, stdin_filename)
            text = _formatted(source, line_length)
            if file == "-" and not (check or diff):
                click.echo(text.encode(), nl=False)
                continue
            if text == source.text:
                unchanged += 1
                continue
            if diff:
                click.echo("".join(_difference(source, text)), nl=False)
            elif check:
                click.echo(f"would reformat {source.path}")
            else:
                _write(source, text)
                click.echo(f"reformatted {source.path}")
            changed.append(file)
        except InputError as error:
            failed = max(failed, _complain(error.format_message(), error.exit_code))
        except UnparsedError as error:
            sys.stdout.flush()
            print_diagnostics(error.diagnostics, stream=sys.stderr)
            failed = max(failed, _complain(f"cannot format `{source.path}`: it does not parse", InputError.exit_code))
        except UnsafeError as error:
            line = f"`{file}` is left as it is, for {error}; that is a bug in apwa"
            failed = max(failed, _complain(line, INTERNAL_ERROR))
    if changed or unchanged:
        click.echo(_summary(len(changed), unchanged, "would be " if check or diff else ""), err=diff)
    ctx.exit(failed or int(bool(changed) and (check or diff)))


def _formatted(source: Source, line_length: int | None) -> str:
    folder = source.file.parent if source.file is not None else Path.cwd()
    return format_source(source, line_length=line_length or line_length_of(folder))


def _write(source: Source, text: str) -> None:
    assert source.file is not None
    try:
        replace_file(source.file, text)
    except OSError as error:
        raise InputError(f"cannot write `{source.path}`: {(error.strerror or str(error)).lower()}") from error


def _difference(source: Source, text: str) -> Iterator[str]:
    """A unified difference of the lines of two texts."""
    before, after = (one.replace("\n", "\n\0").removesuffix("\0").split("\0") for one in (source.text, text))
    for line in difflib.unified_diff(before, after, source.path, source.path):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _summary(changed: int, unchanged: int, would: str) -> str:
    counts = [(changed, f"{would}reformatted"), (unchanged, "left unchanged")]
    return ", ".join(f"{numbered(count, 'file')} {word}" for count, word in counts if count)


def _complain(line: str, code: int) -> int:
    sys.stdout.flush()
    click.echo(f"error: {line}", err=True)
    return code
