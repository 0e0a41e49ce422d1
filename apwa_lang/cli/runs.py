"""`apwa runs`: the runs of the programs in a folder.

In: a folder. Out: each run with its state and what has become of its sub-problems, newest first, and how to go on with
those that are not done.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from apwa_lang.cli.common import color_option

if TYPE_CHECKING:
    from apwa_runtime.run_folder import RunFolder


@click.command()
@click.argument("folder", default=".", type=click.Path(exists=True, path_type=Path))
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@color_option
def command(folder: Path, output_format: str) -> None:
    """List the runs of the programs in FOLDER, or of one program.

    A run that was killed shows as interrupted; what it had finished is in its journal.
    """
    from apwa_runtime.run_folder import runs_below

    base = folder if folder.is_dir() else folder.parent
    runs = [run for run in runs_below(base) if folder.is_dir() or run.record.get("file") == str(folder.resolve())]
    if output_format == "json":
        click.echo(json.dumps([_as_json(run) for run in runs], indent=2, ensure_ascii=False))
        return
    if not runs:
        click.echo(f"no runs below {base}")
    for run in runs:
        click.echo(f"{run.id}  {run.state:<11}  flow `{run.record.get('flow')}` of {_program(run)}, {_counts(run)}")
        if run.state in ("interrupted", "stopped") or _counted(run).get("failed"):
            click.echo(f"  go on: apwa run {_program(run)} {run.id} --resume")
        if _counted(run).get("quarantined"):
            click.echo(f"  mend {_shown(run.path / 'quarantine')} and: apwa run {run.id} --only-quarantined")


def _as_json(run: RunFolder) -> dict[str, Any]:
    return {
        "id": run.id,
        "state": run.state,
        "program": run.record.get("file"),
        "flow": run.record.get("flow"),
        "started": run.record.get("started"),
        "ended": run.record.get("ended"),
        "folder": str(run.path),
        **_counted(run),
    }


def _counted(run: RunFolder) -> dict[str, int]:
    """The counts of a run that has come to its end, else what its journal holds."""
    from apwa_runtime.journal.frames import finished
    from apwa_runtime.report import COUNTED

    if "done" in run.record and run.state != "running":
        return {name: int(run.record.get(name, 0)) for name in COUNTED}
    return finished(run.generations)


def _counts(run: RunFolder) -> str:
    counts = _counted(run)
    counts.setdefault("done", 0)
    return ", ".join(f"{counts[name]:,} {name}" for name, count in counts.items() if count or name == "done")


def _program(run: RunFolder) -> str:
    # Where the run lies now: its folder may have been moved or copied since.
    recorded = Path(str(run.record.get("file") or run.record.get("program")))
    here = run.path.parents[2] / recorded.name
    return _shown(here if here.exists() else recorded)


def _shown(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
