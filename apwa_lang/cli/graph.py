"""`apwa graph`: draw a flow.

In: a program and the values of its parameters. Out: its data flow as Mermaid text or as an SVG drawing.
"""

from __future__ import annotations

import click

from apwa_lang.cli.common import color_option, flow_options
from apwa_lang.cli.compile import compiled, write_output


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--format",
    "drawing",
    type=click.Choice(["mermaid", "svg"]),
    help="By default what OUT's suffix says, else mermaid.",
)
@click.option("-o", "--output", metavar="OUT", help="Write to a file instead of standard output.")
@flow_options
@color_option
def command(file: str, drawing: str | None, output: str | None, flow: str | None, params: dict[str, object]) -> None:
    """Draw a flow: its tables, steps and results. No other program is needed."""
    plan = compiled(file, flow, params)
    if drawing == "svg" or (drawing is None and output is not None and output.endswith(".svg")):
        from apwa_compiler.emit.svg import svg

        text = svg(plan)
    else:
        from apwa_compiler.emit.mermaid import mermaid

        text = mermaid(plan)
    write_output(text, output)
