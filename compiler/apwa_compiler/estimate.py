"""What a plan will amount to, before anything runs.

In: a plan, the rows of its tables where known, and the mean prompt tokens of a step's sub-problems where known. Out:
for each step its rows, sub-problems, Dask tasks, tokens and dollars; what cannot be known yet says until when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apwa_compiler.lowering.tasks import task_count, tree_levels
from apwa_compiler.plan import (
    Aggregate,
    Call,
    Limit,
    Map,
    Model,
    Plan,
    Prompt,
    Save,
    Scan,
    Select,
    Sort,
    Step,
    Task,
    TaskReduce,
    Union,
    Where,
)


@dataclass(frozen=True)
class Unknown:
    """A number that is known only later: ``until`` says when, ``"`clean` has run"``."""

    until: str

    def __str__(self) -> str:
        return f"unknown until {self.until}"


Count = int | Unknown


@dataclass(frozen=True)
class Cost:
    """Prompt tokens of a step, estimated, and their price in dollars.

    ``each`` is the input tokens of one call, None where the tables' first rows do not tell.
    ``output_tokens`` is the most that the model's ``max_tokens`` allows, None without one. ``dollars`` is None where
    the model has no price; it covers the output where ``output_tokens`` is known.
    """

    model: str
    input_tokens: Count
    each: int | None = None
    output_tokens: int | None = None
    dollars: float | None = None


@dataclass(frozen=True)
class StepEstimate:
    """One step: the rows that it gives, and what it runs where it calls a task."""

    step: Step
    rows: Count
    task: Task | None = None
    subproblems: Count = 0
    dask_tasks: Count = 0
    cost: Cost | None = None


def estimate(
    plan: Plan, tables: Mapping[str, int | None], prompt_tokens: Callable[[Step], float | None]
) -> tuple[StepEstimate, ...]:
    """Estimate every step.

    ``tables`` gives the rows of each scan by step name, None where only reading tells; ``prompt_tokens`` the mean input
    tokens of one call of a step, None where only running tells.
    """
    found: dict[str, StepEstimate] = {}
    for step in plan.steps:
        inputs = [found[name].rows for name in step.inputs]
        match step.operation:
            case Map(task=name):
                subproblems = _subproblems(step, step.operation, inputs)
                found[step.name] = _called(plan, step, plan.task(name), subproblems, subproblems, prompt_tokens)
            case TaskReduce(task=name, group=group):
                calls = _merges(step.operation, step, inputs[0])
                rows: Count = Unknown(f"`{step.name}` has run") if group else 1
                found[step.name] = _called(plan, step, plan.task(name), calls, rows, prompt_tokens)
            case Call(task=name):
                found[step.name] = _called(plan, step, plan.task(name), 1, 1, prompt_tokens)
            case _:
                found[step.name] = StepEstimate(step, _rows(step, inputs, tables))
    return tuple(found.values())


def _rows(step: Step, inputs: list[Count], tables: Mapping[str, int | None]) -> Count:
    match step.operation:
        case Scan():
            rows = tables.get(step.name)
            return Unknown(f"`{step.name}` is read") if rows is None else rows
        case Select() | Sort() | Save():
            return inputs[0]
        case Limit(count):
            return inputs[0] if isinstance(inputs[0], Unknown) else min(count, inputs[0])
        case Aggregate(group=()):
            return 1
        case Union():
            return _total(inputs)
        case Where():
            return 0 if inputs[0] == 0 else Unknown(f"`{step.name}` has run")
        case _:
            return Unknown(f"`{step.name}` has run")


def _total(counts: list[Count]) -> Count:
    known = [count for count in counts if isinstance(count, int)]
    unknown = [count for count in counts if isinstance(count, Unknown)]
    return unknown[0] if unknown else sum(known)


def _subproblems(step: Step, operation: Map, inputs: list[Count]) -> Count:
    """How many sub-problems a split makes of its rows."""
    unknown = [count for count in inputs if isinstance(count, Unknown)]
    if unknown:
        return unknown[0]
    rows = [count for count in inputs if isinstance(count, int)]
    arguments = dict(operation.split.arguments)
    match operation.split.rule:
        case "row" | "file":
            return rows[0]
        case "chunk":
            return -(-rows[0] // int(str(arguments["n"])))
        case "window":
            size = int(str(arguments["size"]))
            stride = int(str(arguments.get("stride") or size))
            if arguments.get("full"):
                return max(0, (rows[0] - size) // stride + 1)
            return min(rows[0], 1) + max(0, -(-(rows[0] - size) // stride))
        case "cross":
            return rows[0] * rows[1]
        case _:
            return Unknown(f"the rows of `{step.inputs[0]}` are split")


def _merges(operation: TaskReduce, step: Step, rows: Count) -> Count:
    if isinstance(rows, Unknown):
        return rows
    if operation.group:
        return Unknown(f"`{step.inputs[0]}` is grouped")
    return sum(tree_levels(rows, operation.arity)) if operation.strategy == "tree" else max(rows - 1, 0)


def _called(
    plan: Plan,
    step: Step,
    task: Task,
    calls: Count,
    rows: Count,
    prompt_tokens: Callable[[Step], float | None],
) -> StepEstimate:
    tasks: Count = calls
    if isinstance(calls, int):
        match step.operation:
            case Map(batch=batch):
                tasks = task_count(step, -(-calls // batch))
            case TaskReduce(strategy="fold"):
                tasks = min(calls, 1)
    cost = None
    if isinstance(task.body, Prompt):
        model = next(model for model in plan.models if model.name == task.body.models[0])
        cost = _cost(step, model, calls, prompt_tokens(step))
    return StepEstimate(step, rows, task, calls, tasks, cost)


def _cost(step: Step, model: Model, calls: Count, tokens: float | None) -> Cost:
    each = None if tokens is None else round(tokens)
    if isinstance(calls, Unknown):
        return Cost(model.name, calls, each)
    settings = dict(model.settings)
    longest = settings.get("max_tokens")
    output = longest * calls if isinstance(longest, int) else None
    if tokens is None:
        return Cost(model.name, Unknown(f"{_names(step)} has run"), output_tokens=output)
    inputs = round(tokens * calls)
    price = settings.get("price")
    if not isinstance(price, dict):
        return Cost(model.name, inputs, each, output)
    dollars = (inputs * _number(price.get("input")) + (output or 0) * _number(price.get("output"))) / 1e6
    return Cost(model.name, inputs, each, output, dollars)


def _names(step: Step) -> str:
    return " and ".join(f"`{name}`" for name in step.inputs) or f"`{step.name}`"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
