"""What a run would take over from an earlier one, before anything runs.

In: a plan and the run to go on with. Out: for each step that calls a task, how many of its sub-problems have their
result there, or which ingredient of its results has changed. Tables are read, no task is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from apwa_compiler.plan import Map, Plan, Scan, Step, Task
from apwa_runtime.batches import Failure
from apwa_runtime.datasets import Dataset
from apwa_runtime.journal.reuse import Earlier
from apwa_runtime.manager.places import is_decided, with_places
from apwa_runtime.publish import unchanged
from apwa_runtime.resume import step_keys
from apwa_runtime.run_folder import RunFolder
from apwa_runtime.runner import Binder, input_record
from apwa_runtime.splits import subproblems
from apwa_runtime.steps.relations import run_relation
from apwa_runtime.steps.scan import run_scan
from apwa_runtime.values.arrow import from_batch

_AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of one step: ``reused`` of ``total`` sub-problems; None for both where that shows only while it runs.

    ``changed`` are the ingredients for which nothing is reused, ``awaits`` the step whose rows are not known yet.
    """

    step: str
    total: int | None = None
    reused: int | None = None
    changed: tuple[str, ...] = ()
    awaits: str | None = None


def forecast(plan: Plan, run: RunFolder) -> list[Forecast]:
    """The forecast of each step that calls a task. Raises RunError for a table that cannot be read."""
    with TemporaryDirectory(prefix="apwa-plan-") as folder:
        return list(_forecasts(plan, run, Path(folder)))


def _forecasts(plan: Plan, run: RunFolder, folder: Path) -> Iterator[Forecast]:
    keys = step_keys(plan)
    plan = with_places(plan, run.path)
    before: dict[str, Any] = run.record.get("steps", {})
    datasets: dict[str, Dataset] = {}
    for step in plan.steps:
        unknown = next((name for name in step.inputs if name not in datasets), None)
        if step.name in keys:
            own, other = keys[step.name], before.get(step.name)
            if other is None:
                yield Forecast(step.name, changed=("the step is new",))
            elif changed := _changed(own["ingredients"], other.get("ingredients", {})):
                yield Forecast(step.name, changed=changed)
            elif unknown or not isinstance(step.operation, Map) or not is_decided(step.operation.split):
                yield Forecast(step.name, awaits=unknown or step.name)
            else:
                inputs = [datasets[name] for name in step.inputs]
                total, reused = _counted(plan, step, plan.task(own["task"]), own["key"], run, inputs)
                yield Forecast(step.name, total, reused)
        elif isinstance(step.operation, Scan):
            inputs = [datasets[name] for name in step.inputs]
            datasets[step.name] = run_scan(step, step.operation, inputs, folder, [])
        elif step.record is not None and unknown is None and step.unless is None:
            inputs = [datasets[name] for name in step.inputs]
            datasets[step.name] = run_relation(plan, folder, step, inputs)


def _changed(now: dict[str, str], then: dict[str, str]) -> tuple[str, ...]:
    return tuple(name for name in sorted(now.keys() | then.keys()) if now.get(name) != then.get(name))


def _counted(plan: Plan, step: Step, task: Task, key: str, run: RunFolder, inputs: list[Dataset]) -> tuple[int, int]:
    """How many sub-problems there are, and how many of them have a result that stands."""
    assert isinstance(step.operation, Map)
    earlier = Earlier([folder / f"{step.name}.log" for folder in run.generations], _stays)
    binder = Binder(plan, step, task, key)
    record = input_record(plan, step)
    total = reused = 0
    for batch in subproblems(step.operation.split, inputs, repeat(_AT_ONCE)):
        rows = from_batch(batch, record)
        wanted = [(total + place, binder.bound(row).key) for place, row in enumerate(rows)]
        for frame, _ in earlier.found(wanted, partial(unchanged, base=plan.base)):
            reused += len(frame.ordinals) + len(frame.failures)
        total += len(rows)
    return total, reused


def _stays(failure: Failure) -> bool:
    return failure.outcome != "fail"
