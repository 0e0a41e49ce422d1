"""`apwa explain`: what a diagnostic code means.

In: a code. Out: its title, explanation, examples and fix on standard output.
"""

from __future__ import annotations

from textwrap import indent

import click

from apwa_lang.cli.common import InputError
from apwa_lang.diagnostics.registry import Code, all_codes
from apwa_lang.diagnostics.render.prose import wrapped
from apwa_lang.diagnostics.suggest import suggestion


@click.command()
@click.argument("code", required=False)
@click.option("--list", "listing", is_flag=True, help="List every code with its title.")
def command(code: str | None, listing: bool) -> None:
    """Explain a diagnostic code, with examples.

    CODE is what stands in brackets behind `error` or `warning`, for instance APWA301.
    """
    codes = all_codes()
    if listing:
        for entry in codes:
            click.echo(f"{entry.id}  {entry.severity:<7}  {entry.title}")
        return
    if code is None:
        raise click.UsageError("give a CODE, or --list")
    known = {entry.id: entry for entry in codes}
    wanted = code.upper()
    if wanted not in known:
        near = suggestion(wanted, known) or "`apwa explain --list` shows them all"
        raise InputError(f"no such code `{code}`; {near}")
    click.echo(describe(known[wanted]))


def describe(code: Code) -> str:
    """A code's page as plain text."""
    level = str(code.severity) if code.default else f"{code.severity}, off unless it is selected"
    parts = [f"{code.id} ({level}): {code.title}", wrapped(code.explanation)]
    if code.bad:
        parts += ["For example:", indent(code.bad, "    ")]
    if code.good:
        parts += ["Mended:", indent(code.good, "    ")]
    parts.append(wrapped(f"To fix it: {code.fix}"))
    return "\n\n".join(parts)
