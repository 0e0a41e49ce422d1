"""What a run takes over from earlier ones.

In: the folder of the run to go on with, the other runs of the program's folder, and what of failures is to stand. Out:
for each step the earlier results that it may use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apwa_compiler.plan import Plan, Prompt, Python, Step, Task
from apwa_runtime.batches import Failure
from apwa_runtime.journal.journal import STARTED
from apwa_runtime.journal.reuse import Earlier
from apwa_runtime.keys import fingerprint, ingredients
from apwa_runtime.mended import Mended
from apwa_runtime.run_folder import RunFolder, runs_below
from apwa_runtime.step_run import Before

# How many other runs are looked at for results of a step.
_OTHERS = 5


@dataclass(frozen=True)
class Resume:
    """``journals`` are those of the run to go on with, oldest first; ``others`` may hold results by content.

    ``crashed``: that run died inside the process that ran its sub-problems. ``only_quarantined``: what failed otherwise
    stays as it is. Rows that are ``mended``, by step: those that the quarantine tables give run again.
    """

    plan: Plan
    steps: Mapping[str, str]
    journals: tuple[Path, ...] = ()
    others: tuple[RunFolder, ...] = ()
    crashed: bool = False
    only_quarantined: bool = False
    mended: Mapping[str, Mended] = field(default_factory=dict)

    def before(self, step: Step, task: Task) -> Before:
        """What there is of a step."""
        mended = self.mended.get(step.name)

        def kept(failure: Failure) -> bool:
            if failure.outcome == "fail":
                return self.only_quarantined
            return mended is None or failure.ordinal not in mended.given

        earlier = [Earlier([folder / f"{step.name}.log" for folder in self.journals], kept)]
        if is_cached(task):
            for run in self.others:
                for name, other in run.record.get("steps", {}).items():
                    if other.get("key") == self.steps[step.name]:
                        logs = [folder / f"{name}.log" for folder in run.generations]
                        earlier.append(Earlier(logs, _none, spends=False))
        suspects = frozenset() if only_asks(self.plan, task) else self._suspects(step)
        return Before(tuple(one for one in earlier if one), mended, suspects)

    def _suspects(self, step: Step) -> frozenset[int]:
        """The sub-problems that were under way when the run died, with it."""
        if not self.crashed or not self.journals:
            return frozenset()
        logs = [log for folder in self.journals if (log := folder / f"{step.name}{STARTED}.log").exists()]
        text = logs[-1].read_text(errors="replace") if logs else ""
        ranges = (entry.partition("+") for entry in text.split())
        return frozenset(
            ordinal
            for first, _, count in ranges
            if first.isdigit() and count.isdigit()
            for ordinal in range(int(first), int(first) + int(count))
        )


def step_keys(plan: Plan) -> dict[str, dict[str, Any]]:
    """By step that calls a task: what its results depend on, and one ``key`` of it all."""
    found: dict[str, dict[str, Any]] = {}
    for step in plan.steps:
        name = getattr(step.operation, "task", None)
        if name is not None:
            parts = ingredients(plan, step, plan.task(name))
            found[step.name] = {"task": name, "key": fingerprint(parts), "ingredients": parts}
    return found


def is_cached(task: Task) -> bool:
    """Whether results of other runs may be used: what asks a model, and what is known to be pure, unless told.

    What an agent is told by its tools may have changed, and so may the files that a function reads.
    """
    if task.cache is not None:
        return task.cache
    if isinstance(task.body, Prompt):
        return not task.body.tools
    return isinstance(task.body, Python) and task.body.grounds == "proved pure" and not task.reads


def only_asks(plan: Plan, task: Task) -> bool:
    """Whether a task does no more than ask a server, so that it cannot be to blame for the end of its process.

    In a process of its own it would have a share of the model's limits to itself.
    """
    models = task.models()
    return bool(models) and all(
        model.provider in ("openai", "anthropic") for model in plan.models if model.name in models
    )


def others_of(base: Path, own: RunFolder, keys: Iterable[str]) -> tuple[RunFolder, ...]:
    """Other runs of programs in a folder that have results of steps with one of these keys, oldest first."""
    wanted = set(keys)
    found: list[RunFolder] = []
    for run in runs_below(base):
        if run.path == own.path:
            continue
        if any(step.get("key") in wanted for step in run.record.get("steps", {}).values()):
            found.append(run)
            if len(found) == _OTHERS:
                break
    return tuple(reversed(found))


def _none(failure: Failure) -> bool:
    return False
