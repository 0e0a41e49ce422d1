"""Which program and which earlier run a command is about.

In: what was named on the command line. Out: the program's file and, to go on with it, a run; and the options that this
run was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from apwa_runtime.run_folder import RunFolder


def which(names: tuple[str, ...], flow: str | None, resume: bool) -> tuple[str, RunFolder | None]:
    """The program and the run to go on with, of what was named on the command line. Raises a usage error."""
    if not resume:
        if len(names) != 1:
            raise click.UsageError(
                "name one program, or add --resume to go on with a run" if names else "Missing argument 'FILE'."
            )
        return names[0], None
    files = [name for name in names if Path(name).exists()]
    ids = [name for name in names if name not in files]
    if len(files) > 1 or len(ids) > 1:
        raise click.UsageError("name one program, one run, or one of both")
    from apwa_runtime.run_folder import runs_below

    file = Path(files[0]).resolve() if files else None
    folder = file.parent if file else Path.cwd()
    for run in runs_below(folder):
        # By name: the folder may have been moved or copied since, with its runs.
        program = Path(str(run.record.get("file", ""))).name
        if ids and run.id != ids[0]:
            continue
        if file is not None and program != file.name:
            continue
        if not ids and flow is not None and run.record.get("flow") != flow:
            continue
        return files[0] if files else str(folder / program), run
    if file is not None and not ids:
        raise click.UsageError(f"`{files[0]}` has no run to go on with yet")
    raise click.UsageError(
        f"there is no run `{ids[0]}` here; `apwa runs` lists them" if ids else "there is no run here"
    )


def as_given(
    run: RunFolder, flow: str | None, params: Mapping[str, object], tables: Mapping[str, str]
) -> tuple[str | None, dict[str, object], dict[str, str]]:
    """The flow, parameters and tables that a run was given, with what is given now in their place."""
    given = run.record.get("given", {})
    return (
        flow or given.get("flow"),
        {**given.get("params", {}), **params},
        {**given.get("tables", {}), **tables},
    )
