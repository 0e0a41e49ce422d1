"""`apwa draft`: a model writes a program.

In: a question, tables, tools and a model. Out: the program, in a file or on standard output; progress and findings go
to standard error. Exit code 1 when the program is not clean, or there is none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from errno import EEXIST
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apwa_lang.cli.common import InputError, color_option, pairs, print_diagnostics
from apwa_lang.diagnostics.tally import numbered

if TYPE_CHECKING:
    from apwa_lang.draft.offer import Declaration
    from apwa_runtime.manager.draft.loop import Draft
    from apwa_runtime.manager.draft.tables import GivenTable

STDOUT = "-"


@click.command()
@click.argument("question")
@click.option(
    "--table",
    "tables",
    metavar="NAME=PATH",
    multiple=True,
    required=True,
    help="A table: a file, a glob or a URL, read by its suffix or `PATH as csv(…)`; may be repeated.",
)
@click.option(
    "--model",
    metavar="MODEL",
    required=True,
    help="openai:NAME, anthropic:NAME, local, local:FILE.gguf or PROGRAM.apwa:NAME. It drafts, and the draft uses it.",
)
@click.option("--base-url", metavar="URL", help="The server of the model.")
@click.option(
    "--api-key-env",
    metavar="VARIABLE",
    help="The variable that holds the key; OPENAI_API_KEY or ANTHROPIC_API_KEY where no --base-url is given.",
)
@click.option(
    "--tool",
    "tools",
    metavar="TOOL",
    multiple=True,
    help="What prompts may call: MODULE:FUNCTION, NAME=search(TABLE) or another tool of the language; may be repeated.",
)
@click.option(
    "--secret",
    "secrets",
    metavar="TABLE.FIELD",
    multiple=True,
    help="A field that no model is shown and that is declared @secret; may be repeated.",
)
@click.option("-o", "--output", metavar="FILE", required=True, help="Where the program goes; `-` prints it.")
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
@click.option("--attempts", type=click.IntRange(1, 20), default=4, show_default=True, help="Answers asked for at most.")
@color_option
@click.pass_context
def command(
    ctx: click.Context,
    question: str,
    tables: tuple[str, ...],
    model: str,
    base_url: str | None,
    api_key_env: str | None,
    tools: tuple[str, ...],
    secrets: tuple[str, ...],
    output: str,
    force: bool,
    attempts: int,
) -> None:
    """Have a model write a program that answers QUESTION.

    The model is told the tables' schema, size, statistics and eight rows, and the language. What it writes is checked
    and proved, and given back until it is clean. Nothing runs before `apwa run`.
    """
    from apwa_lang.draft.models import Given, model_declaration
    from apwa_lang.draft.offer import Offer, OfferError
    from apwa_lang.draft.tools import tool_declaration
    from apwa_runtime.manager.draft.loop import draft, model_of
    from apwa_runtime.models.protocol import ModelSetupError

    if not question.strip():
        raise click.UsageError("the question is empty")
    file = _place(output, force)
    try:
        asking = model_declaration(Given(model, base_url, api_key_env), file.parent)
        called = [tool_declaration(tool, file.parent) for tool in tools]
        given = _tables(pairs(tables, "--table", "NAME=PATH"), secrets, file.parent)
        declared = [*(one for table in given for one in table.declarations), asking, *called]
        _check_names(declared)
        offer = Offer(question, declared)
        asked = model_of(offer, file)
        told = {table.name: table.told for table in given}
        made = draft(offer, told, asked, file, attempts, lambda line: click.echo(line, err=True))
    except (OfferError, ModelSetupError) as error:
        raise InputError(str(error)) from error
    ctx.exit(_end(made, output, file, force))


def _place(output: str, force: bool) -> Path:
    """The file of the program to be; one in the current folder where it is printed. Raises InputError."""
    if output == STDOUT:
        return Path.cwd() / "draft.apwa"
    file = Path(os.path.abspath(output))  # noqa: PTH100
    if file.is_dir() or not file.parent.is_dir():
        raise InputError(f"`{output}` cannot be written: {'it is a folder' if file.is_dir() else 'there is no folder'}")
    if file.exists() and not force:
        raise InputError(f"`{output}` exists; --force replaces it")
    return file


def _tables(given: Mapping[str, str], secrets: Sequence[str], folder: Path) -> list[GivenTable]:
    """Every table, each with a line of what it is. Raises OfferError."""
    from apwa_runtime.manager.draft.tables import given_table

    hidden: dict[str, list[str]] = {}
    for secret in secrets:
        table, _, field = secret.partition(".")
        if table not in given or not field:
            raise click.UsageError(f"--secret takes TABLE.FIELD of a --table, not `{secret}`")
        hidden.setdefault(table, []).append(field)
    found: list[GivenTable] = []
    taken = set(given)
    for name, path in given.items():
        one = given_table(name, path, folder, taken, hidden.get(name, ()))
        taken |= {declared.name for declared in one.declarations}
        keys = ", ".join(f"`{field.name}`" for field in one.record.keys) or "none"
        rows, fields = numbered(one.rows, "row"), numbered(len(one.record.fields), "field")
        click.echo(f"table `{name}`: {rows}, {fields}, key {keys}", err=True)
        if one.left_out:
            odd = ", ".join(f"`{column}`" for column in one.left_out)
            click.echo(f"table `{name}`: left out, as their names are none in the language: {odd}", err=True)
        found.append(one)
    return found


def _check_names(declared: Sequence[Declaration]) -> None:
    """Raises a usage error for a name that is given twice."""
    seen: dict[str, str] = {}
    for one in declared:
        if one.name in seen:
            raise click.UsageError(f"`{one.name}` would be a {seen[one.name]} and a {one.kind}; name one otherwise")
        seen[one.name] = one.kind


def _end(made: Draft, output: str, file: Path, force: bool) -> int:
    """Write the best attempt and say how it stands; the exit code. Raises InputError."""
    answers = numbered(made.attempts, "attempt")
    cost = f"{answers}, {made.input_tokens:,} tokens read, {made.output_tokens:,} written"
    best = made.best
    if best is not None and best.findings:
        print_diagnostics(best.findings, stream=sys.stderr)
        click.echo(err=True)
    if made.failure is not None:
        click.echo(f"error: no clean draft after {answers}: {made.failure}", err=True)
    if best is None or best.refused:
        why = "every attempt has what a draft may not have" if best is not None else "there is no program"
        click.echo(f"nothing is written: {why} ({cost})", err=True)
        return 1
    if output == STDOUT:
        sys.stdout.write(best.text)
    else:
        _write(best.text, output, file, force)
    state = "clean" if best.is_clean else "the best attempt, which is not clean"
    done = "" if output == STDOUT else f"wrote {output}: "
    click.echo(f"{done}{state} ({cost})", err=True)
    if not best.has_errors and output != STDOUT:
        click.echo(f"next: apwa plan {output} && apwa run {output}", err=True)
    return 1 if best.has_errors else 0


def _write(text: str, output: str, file: Path, force: bool) -> None:
    """Write the program. Where that fails it is printed, since it has been paid for; raises InputError."""
    from apwa_runtime.journal.frames import write_whole

    try:
        if file.exists() and not force:
            raise FileExistsError(EEXIST, "it exists by now")
        write_whole(file, text)
    except OSError as error:
        sys.stdout.write(text)
        why = (error.strerror or str(error)).lower()
        raise InputError(f"cannot write `{output}`: {why}; the program is on standard output") from error
