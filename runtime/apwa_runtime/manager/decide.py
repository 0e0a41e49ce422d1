"""Splits that a model or a function proposes: asked for, verified, and kept with the run.

In: a map over such a split, and its table. Out: files in the run's folder: the proposal that was accepted, and for each
row the number of its sub-problem, which ``splits.py`` reads. A resume verifies the kept proposal and asks no more.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from dataclasses import asdict
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
from apwa_runtime.manager.proposal import MOST, SCHEMA, Proposal, Refused, numbered, read
from apwa_runtime.models.protocol import Answer, Message, ModelSetupError, Request
from apwa_runtime.models.retry import AskFailed
from apwa_runtime.parameters import parameter_names

# How often the manager is asked until it has given a decomposition.
_ATTEMPTS = 4

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
    model, goal, most = str(arguments["model"]), str(arguments["goal"]), int(arguments.get("max") or MOST)
    numbers = Path(arguments[NUMBERS])
    kept = numbers.with_suffix(".json")
    parameters = parameter_names(plan.parameters)
    asked: dict[str, object] = {"model": model, "goal": goal, "max": most}
    found = _kept(kept, asked)
    usage = Usage()
    accepted: tuple[Proposal, array[int]] | None = None
    if found is not None:
        try:
            accepted = found, numbered(found, dataset, parameters, most)
        except Refused:
            # The table has changed since.
            accepted = None
    if accepted is None:
        proposal, order, usage = _asked(plan, step, dataset, parameters, model, goal, most)
        accepted = proposal, order
    keep_places(step.operation.split, accepted[1])
    told = {**asked, "rows": dataset.rows, "sub-problems": len(set(accepted[1])), "proposal": asdict(accepted[0])}
    write_whole(kept, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    return model, usage


def _kept(file: Path, asked: Mapping[str, object]) -> Proposal | None:
    """The proposal of an earlier start, where the same was asked for."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if any(found[name] != value for name, value in asked.items()):
            return None
        return read(json.dumps(found["proposal"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _asked(
    plan: Plan, step: Step, dataset: Dataset, parameters: Mapping[str, Any], model: str, goal: str, most: int
) -> tuple[Proposal, array[int], Usage]:
    described = json.dumps(
        describe(dataset.record, dataset.rows, dataset.rows_as_dicts()), ensure_ascii=False, indent=1
    )
    wanted = f"Goal: {goal}\nAt most {most:,} sub-problems.\nTable `{step.inputs[0]}`:\n{described}"
    request = Request((Message("system", _SYSTEM), Message("user", wanted)), SCHEMA, "proposal")

    def accept(answer: Answer) -> tuple[Proposal, array[int]]:
        proposal = read(answer.text)
        return proposal, numbered(proposal, dataset, parameters, most)

    asked = next(one for one in plan.models if one.name == model)
    try:
        outcome = ask_manager(asked, request, accept, _ATTEMPTS)
    except ModelSetupError as error:
        raise RunError(str(error)) from None
    except AskFailed as error:
        table, refused = step.inputs[0], isinstance(error.__cause__, Refused)
        what = (
            f"gave no decomposition of `{table}` in" if refused else f"could not be asked how to split `{table}`, after"
        )
        attempts = f"{error.attempts} {'attempt' if error.attempts == 1 else 'attempts'}"
        raise RunError(f"model `{model}` {what} {attempts}: {error.reason}", exit_code=1) from None
    return *outcome.value, usage_of(outcome)
