"""What tasks have answered in an earlier run.

In: the folder of a run; a task and the arguments of a call. Out: the result that the run's journal has for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apwa_compiler.plan import Call, Map, Plan, Step, Task
from apwa_compiler.plan_json import from_json
from apwa_lang.semantics.core import Core, Var
from apwa_lang.semantics.types import RecordType
from apwa_runtime.batches import Failure, from_bytes
from apwa_runtime.errors import RunError
from apwa_runtime.journal.reuse import Earlier
from apwa_runtime.run_folder import RunFolder
from apwa_runtime.runner import Binder
from apwa_runtime.values.arrow import from_batch

_ITSELF = "@"


@dataclass(frozen=True, slots=True)
class _Source:
    """One step of the run that called a task."""

    step: Step
    task: Task
    arguments: tuple[tuple[str, Core], ...]
    binder: Binder
    earlier: Earlier


class Recorded:
    """The answers in ``run``. Raises RunError where it has no plan to read them by."""

    def __init__(self, run: RunFolder) -> None:
        self.name = run.id
        try:
            plan = from_json((run.path / "plan.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"the plan of run {run.id} cannot be read: {error}") from None
        self._sources = list(_sources(plan, run))

    def answer(self, task: str, arguments: dict[str, Any]) -> tuple[Any, ...]:
        """The result of a call as a tuple of one; an empty one where the run has none."""
        for source in self._sources:
            if source.task.name != task:
                continue
            subproblem = _subproblem(source.arguments, arguments)
            try:
                key = source.binder.bound(subproblem).key
            except KeyError:
                continue
            for frame, _ in source.earlier.found([(0, key)], lambda commit: True):
                assert isinstance(source.step.record, RecordType)
                for row in from_batch(from_bytes(frame.data), source.step.record):
                    return (_result(source.task, row),)
        return ()


def _sources(plan: Plan, run: RunFolder) -> Iterator[_Source]:
    for name, entry in run.record.get("steps", {}).items():
        step = plan.step(name)
        if isinstance(step.operation, Map | Call):
            task = plan.task(step.operation.task)
            logs = [folder / f"{name}.log" for folder in run.generations]
            binder = Binder(plan, step, task, entry["key"])
            yield _Source(step, task, step.operation.arguments, binder, Earlier(logs, _none))


def _subproblem(bound: tuple[tuple[str, Core], ...], arguments: dict[str, Any]) -> dict[str, Any]:
    """The sub-problem whose call has these arguments, as far as they tell it."""
    found: dict[str, Any] = {}
    for name, core in bound:
        if core == Var(_ITSELF):
            found.update(arguments[name])
        elif isinstance(core, Var):
            found[core.name] = arguments[name]
    return found


def _result(task: Task, row: dict[str, Any]) -> Any:
    if isinstance(task.result, RecordType):
        return {field.name: row[field.name] for field in task.result.fields}
    return row["value"]


def _none(failure: Failure) -> bool:
    return False
