"""Splits that a model or a function proposes: asked for, verified, and kept with the run.

In: a map over such a split, and its table. Out: files in the run's folder: the proposal that was accepted, and for each
row the number of its sub-problem, which ``splits.py`` reads. A resume verifies the kept proposal and asks no more.
"""

from __future__ import annotations

import json
import threading
from array import array
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from apwa_compiler.plan import Map, Plan, Step
from apwa_runtime.batches import Usage
from apwa_runtime.bodies.agent import usage_of
from apwa_runtime.datasets import Dataset
from apwa_runtime.errors import RunError
from apwa_runtime.journal.frames import write_whole
from apwa_runtime.manager.asking import ask_manager
from apwa_runtime.manager.describe import describe
from apwa_runtime.manager.parts import parted
from apwa_runtime.manager.places import NUMBERS, keep_places
from apwa_runtime.manager.proposal import MOST, SCHEMA, Proposal, Refused, read
from apwa_runtime.manager.tree import Limits, Tree, accepted, combined, part_of, tree_of
from apwa_runtime.models.protocol import Answer, Message, ModelSetupError, Request
from apwa_runtime.models.retry import AskFailed
from apwa_runtime.parameters import parameter_names

# How often the manager is asked until it has given a decomposition.
_ATTEMPTS = 4
# Questions about one table, and those that are on the wire at a time.
_QUESTIONS = 1_000
_AT_ONCE = 8

_SYSTEM = """\
You split a table into sub-problems, each of which is then worked on by itself, without a look at the others.
Propose one rule, and leave the settings of the others null:
- chunk: `size` rows after another.
- group: rows with equal values of `fields`.
- ranges: `field` with ascending `bounds`; n bounds make n + 1 ranges.
- predicates: `conditions`, one for each sub-problem; no row may satisfy two. They are expressions over the fields, as \
`ward == "3" and words > 100`; there are and, or, not, ==, !=, <, <=, >, >=, in, +, -, *, /, %, and of functions \
len(x), contains(x, y), starts_with(x, y), ends_with(x, y), lower(x), default(x, y), is_null(x), year(x), month(x).
- keys: lists of row keys, one for each sub-problem.
Rows that no sub-problem takes become one more. You see the table's schema, statistics and a few rows, not all of it."""


def decide(plan: Plan, step: Step, dataset: Dataset) -> tuple[str, Usage] | None:
    """Have the split of a step decided, by a model or by a function. Returns what it took of which model.

    Raises RunError when what is proposed is no decomposition, or there is no answer.
    """
    assert isinstance(step.operation, Map)
    if step.operation.split.function is not None:
        keep_places(step.operation.split, parted(step.operation.split.function, step.inputs[0], dataset))
        return None
    arguments: dict[str, Any] = dict(step.operation.split.arguments)
    limits = Limits(int(arguments.get("max") or MOST), arguments.get("size"))
    kept = Path(arguments[NUMBERS]).with_suffix(".json")
    parameters = parameter_names(plan.parameters)
    asked: dict[str, object] = {"model": arguments["model"], "goal": arguments["goal"], "max": limits.most}
    if limits.size is not None:
        asked["size"] = limits.size
    usage = Usage()
    try:
        tree = _kept(kept, asked)
        places = tree.places(dataset, parameters, limits)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # Nothing was kept for this, or the table has changed since.
        manager = _Manager(plan, step.inputs[0], arguments["model"], arguments["goal"], limits)
        tree, places = manager.split(dataset)
        usage = manager.usage
    keep_places(step.operation.split, places)
    told = {**asked, "rows": dataset.rows, "sub-problems": len(set(places)), **tree.told()}
    write_whole(kept, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    return str(arguments["model"]), usage


def _kept(file: Path, asked: Mapping[str, object]) -> Tree:
    """What was accepted at an earlier start, where the same was asked for. Raises OSError, ValueError and the like."""
    found = json.loads(file.read_text(encoding="utf-8"))
    if any(found.get(name) != value for name, value in asked.items()) or ("size" in found) != ("size" in asked):
        raise ValueError
    return tree_of(found)


class _Manager:
    """Asks a model for the split of a table, and again for those of its sub-problems that are too large."""

    def __init__(self, plan: Plan, table: str, model: str, goal: str, limits: Limits) -> None:
        self._model = next(one for one in plan.models if one.name == model)
        self._parameters = parameter_names(plan.parameters)
        self._table, self._goal, self._limits = table, goal, limits
        self._questions = 0
        self._at_once = threading.Semaphore(_AT_ONCE)
        self.usage = Usage()

    def split(self, dataset: Dataset, place: str = "Table `{}`:") -> tuple[Tree, array[int]]:
        """The accepted proposals, and the number of each row's sub-problem. Raises RunError."""
        with self._at_once:
            proposal, numbers = self._asked(dataset, place.format(self._table))
        parts = self._limits.exceeded(numbers)
        if not parts:
            return Tree(proposal), numbers

        def again(part: int) -> tuple[Tree, array[int]]:
            return self.split(part_of(dataset, numbers, part), "A sub-problem of table `{}`, to split again:")

        with ThreadPoolExecutor(_AT_ONCE, "apwa-manager") as pool:
            below = dict(zip(parts, pool.map(again, parts), strict=True))
        tree = Tree(proposal, {part: inner for part, (inner, _) in below.items()})
        return tree, combined(numbers, {part: places for part, (_, places) in below.items()})

    def _asked(self, dataset: Dataset, place: str) -> tuple[Proposal, array[int]]:
        limits, model = self._limits, self._model
        self._questions += 1
        if self._questions > _QUESTIONS:
            asked = f"was asked {_QUESTIONS:,} times how to split `{self._table}`"
            left = f"there still are sub-problems of more than {limits.size:,} rows"
            raise RunError(f"model `{model.name}` {asked}, and {left}", exit_code=1)
        described = describe(dataset.record, dataset.rows, dataset.rows_as_dicts())
        lines = [f"Goal: {self._goal}", f"At most {limits.most:,} sub-problems."]
        if limits.size is not None:
            lines.append(f"A sub-problem of more than {limits.size:,} rows is split again.")
        wanted = "\n".join([*lines, place, json.dumps(described, ensure_ascii=False, indent=1)])
        request = Request((Message("system", _SYSTEM), Message("user", wanted)), SCHEMA, "proposal")

        def accept(answer: Answer) -> tuple[Proposal, array[int]]:
            proposal = read(answer.text)
            return proposal, accepted(proposal, dataset, self._parameters, limits)

        try:
            outcome = ask_manager(model, request, accept, _ATTEMPTS)
        except ModelSetupError as error:
            raise RunError(str(error)) from None
        except AskFailed as error:
            what = f"could not be asked how to split `{self._table}`, after"
            if isinstance(error.__cause__, Refused):
                what = f"gave no decomposition of `{self._table}` in"
            attempts = f"{error.attempts} {'attempt' if error.attempts == 1 else 'attempts'}"
            raise RunError(f"model `{model.name}` {what} {attempts}: {error.reason}", exit_code=1) from None
        self.usage.add(usage_of(outcome))
        return outcome.value
