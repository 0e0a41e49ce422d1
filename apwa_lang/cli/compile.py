"""`apwa compile`: write the plan of a flow.

In: a program and the values of its parameters. Out: the optimised plan as JSON, or a stand-alone Python program, on
standard output or in a file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apwa_lang.cli.common import InputError, color_option, flow_options, load_checked, print_diagnostics

if TYPE_CHECKING:
    from apwa_compiler.plan import Plan


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--to", type=click.Choice(["json", "python"]), help="By default what OUT's suffix says, else json.")
@click.option("-o", "--output", metavar="OUT", help="Write to a file instead of standard output.")
@flow_options
@color_option
def command(file: str, to: str | None, output: str | None, flow: str | None, params: dict[str, object]) -> None:
    """Compile a flow to a plan in JSON or to a Python program.

    The Python program needs the package apwa-lang to run, but not FILE.
    """
    plan = compiled(file, flow, params)
    if to == "python" or (to is None and output is not None and output.endswith(".py")):
        from apwa_compiler.emit.python import python

        text = python(plan, Path(output).name if output else "program.py")
    else:
        from apwa_compiler.plan_json import to_json

        text = to_json(plan)
    write_output(text, output)


def compiled(file: str, flow: str | None, params: dict[str, object], output_format: str = "text") -> Plan:
    """The optimised plan of a flow. Findings go to standard error; errors end the command."""
    checked = load_checked(file, output_format=output_format)
    from apwa_compiler.build import CompileError, build_plan
    from apwa_compiler.pipeline import optimise

    try:
        return optimise(build_plan(checked.program, flow, params, checked.claims))
    except CompileError as error:
        print_diagnostics(error.diagnostics, output_format=output_format, stream=sys.stderr)
        raise click.exceptions.Exit(error.exit_code) from None


def write_output(text: str, path: str | None) -> None:
    """Write a command's result to a file, or to standard output. Raises InputError."""
    if path is None:
        click.echo(text, nl=False)
        return
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error
    click.echo(f"wrote {path}", err=True)
