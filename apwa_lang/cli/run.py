"""`apwa run`: run a flow, or go on with a run.

In: a program, the flow's name, values of parameters, other paths for its tables. Out: what the flow saves; findings and
progress go to standard error, the summary to standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apwa_lang.cli.common import color_option, flow_options, load_checked, pairs, print_diagnostics
from apwa_lang.cli.resuming import as_given, which
from apwa_lang.diagnostics.suggest import suggestion

if TYPE_CHECKING:
    from apwa_compiler.plan import Plan, ReadSource
    from apwa_lang.check import Checked


def _tables(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    return pairs(value, "--table", "NAME=PATH")


table_option = click.option(
    "--table",
    "tables",
    metavar="NAME=PATH",
    multiple=True,
    callback=_tables,
    help="Read a table from another file or URL; may be repeated.",
)


@click.command()
@click.argument("names", metavar="FILE [RUN]", nargs=-1)
@flow_options
@table_option
@click.option("--resume", is_flag=True, help="Go on with RUN, by default the latest of FILE; what is done stays done.")
@click.option("--only-quarantined", is_flag=True, help="Of that run, run again only the rows in its quarantine tables.")
@click.option("--no-cache", is_flag=True, help="Use no results of other runs.")
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
    names: tuple[str, ...],
    flow: str | None,
    params: dict[str, object],
    tables: dict[str, str],
    resume: bool,
    only_quarantined: bool,
    no_cache: bool,
    scheduler: str | None,
    cluster: str | None,
    workers: int | None,
    progress: str,
    run_folder: Path | None,
) -> None:
    """Run a flow of FILE.

    Without --scheduler and --cluster it runs inside this process. Exit code 1 when sub-problems failed. A run that was
    interrupted, or died, goes on with --resume; `apwa runs` lists runs.
    """
    places = {"--scheduler": scheduler, "--cluster": cluster, "--workers": workers}
    if len(named := [name for name, value in places.items() if value is not None]) > 1:
        raise click.UsageError(f"{' and '.join(named)} say where to run; give one of them")
    resume = resume or only_quarantined
    file, earlier = which(names, flow, resume)
    if earlier is not None:
        flow, params, tables = as_given(earlier, flow, params, tables)
    checked = load_checked(file)
    from apwa_compiler.build import CompileError, build_plan
    from apwa_compiler.pipeline import optimise

    try:
        plan = optimise(with_tables(build_plan(checked.program, flow, params, checked.claims), tables))
    except CompileError as error:
        print_diagnostics(error.diagnostics, stream=sys.stderr)
        ctx.exit(error.exit_code)
    from apwa_runtime.engine import RunOptions, run

    options = RunOptions(
        scheduler=scheduler,
        cluster=cluster,
        workers=workers,
        progress=progress,
        run_folder=run_folder,
        resume=earlier,
        only_quarantined=only_quarantined,
        cache=not no_cache,
        record={"file": str(Path(file).resolve()), "given": {"flow": flow, "params": params, "tables": tables}},
        kept=_kept(checked, Path(file)),
    )
    ctx.exit(run(plan, options).exit_code)


def _kept(checked: Checked, file: Path) -> dict[str, str]:
    """The texts that belong with a run: the program as it was, and its certificate where there is one."""
    from apwa_lang.certificate.document import NoCertificateError, certificate

    root = file.resolve().parent
    kept: dict[str, str] = {}
    for source in checked.program.sources:
        path = source.file.resolve() if source.file else root / "program.apwa"
        kept[f"program/{path.relative_to(root) if path.is_relative_to(root) else path.name}"] = source.text
    with suppress(NoCertificateError, OSError):
        kept["certificate.json"] = certificate(checked.program, checked.claims, root)
    return kept


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
        steps[name] = replace(steps[name], operation=Scan(source), inputs=())
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
