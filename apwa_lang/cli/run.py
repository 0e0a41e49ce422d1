"""`apwa run`: run a flow.

In: a program, the flow's name, values of parameters, other paths for its tables. Out: what the flow saves; findings and
progress go to standard error, the summary to standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apwa_lang.cli.common import color_option, flow_options, load_checked, pairs, print_diagnostics
from apwa_lang.diagnostics.suggest import suggestion

if TYPE_CHECKING:
    from apwa_compiler.plan import Plan, ReadSource


def _tables(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    return pairs(value, "--table", "NAME=PATH")


@click.command()
@click.argument("file")
@flow_options
@click.option(
    "--table",
    "tables",
    metavar="NAME=PATH",
    multiple=True,
    callback=_tables,
    help="Read a table from another file or URL; may be repeated.",
)
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler to run on, e.g. tcp://host:8786.")
@click.option(
    "--cluster",
    metavar="NAME",
    help="A Dask cluster to start for the run: a table under [cluster] in apwa.toml, local, ssh, slurm, … or a class.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Threads of the embedded cluster.")
@click.option("--progress", type=click.Choice(["auto", "plain", "none"]), default="auto", show_default=True)
@click.option("--run-folder", type=click.Path(path_type=Path), help="Where the run keeps its records.")
@color_option
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    flow: str | None,
    params: dict[str, object],
    tables: dict[str, str],
    scheduler: str | None,
    cluster: str | None,
    workers: int | None,
    progress: str,
    run_folder: Path | None,
) -> None:
    """Run a flow of FILE.

    Without --scheduler and --cluster it runs inside this process. Exit code 1 when sub-problems failed.
    """
    places = {"--scheduler": scheduler, "--cluster": cluster, "--workers": workers}
    if len(given := [name for name, value in places.items() if value is not None]) > 1:
        raise click.UsageError(f"{' and '.join(given)} say where to run; give one of them")
    checked = load_checked(file)
    from apwa_compiler.build import CompileError, build_plan
    from apwa_compiler.pipeline import optimise

    try:
        plan = optimise(with_tables(build_plan(checked.program, flow, params, checked.claims), tables))
    except CompileError as error:
        print_diagnostics(error.diagnostics, stream=sys.stderr)
        ctx.exit(error.exit_code)
    from apwa_runtime.engine import RunOptions, run

    ctx.exit(run(plan, RunOptions(scheduler, workers, progress, run_folder, cluster)).exit_code)


def with_tables(plan: Plan, paths: Mapping[str, str]) -> Plan:
    """``plan`` with tables read from other paths, relative to the current folder.

    Raises a usage error for a table that the flow does not read and for a file of no known format.
    """
    from apwa_compiler.plan import FilesSource, ReadSource, Scan

    steps = {step.name: step for step in plan.steps}
    known = [step.name for step in plan.steps if isinstance(step.operation, Scan)]
    for name, path in paths.items():
        if name not in known:
            near = suggestion(name, known)
            raise click.UsageError(f"--table: the flow reads no table `{name}`" + (f"; {near}" if near else ""))
        scan = steps[name].operation
        assert isinstance(scan, Scan)
        if isinstance(scan.source, FilesSource):
            source: FilesSource | ReadSource = FilesSource(path, str(Path.cwd()))
        else:
            source = _read(path, scan.source if isinstance(scan.source, ReadSource) else None)
        steps[name] = replace(steps[name], operation=Scan(source))
    return replace(plan, steps=tuple(steps.values()))


def _read(path: str, declared: ReadSource | None) -> ReadSource:
    """``path`` in the format of its suffix; the declared format and its options if that is the same or unknown."""
    from apwa_compiler.plan import ReadSource
    from apwa_lang.semantics.formats import READ_SUFFIXES, read_format

    place = path if "://" in path else str(Path.cwd() / path)
    format = read_format(path)
    if declared is not None and format in (None, declared.format):
        return replace(declared, path=place)
    if format is None:
        raise click.UsageError(f"--table: `{path}` must end in one of {', '.join(READ_SUFFIXES)}")
    return ReadSource(place, format)
