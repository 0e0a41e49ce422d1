"""What a plan will amount to, before anything runs.

In: a plan, the rows of its tables where known, and what a sample of a step's sub-problems asks of each model where
known. Out: for each step its rows, sub-problems, Dask tasks, tokens and dollars; what cannot be known yet says until
when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

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
    Until,
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
class Share:
    """The part of a step's calls that a model gets, from 0 to 1, and the mean input tokens of one."""

    calls: float
    tokens: float


# What each model gets of a step's calls, None where only running tells.
Sample = Callable[[Step], Mapping[str, Share] | None]


@dataclass(frozen=True)
class Cost:
    """Prompt tokens that a step sends to one model, estimated, and their price in dollars.

    ``each`` is the input tokens of one call, None where the tables' first rows do not tell.
    ``output_tokens`` is the most that the model's ``max_tokens`` allows, None without one. ``dollars`` is None where
    the model has no price; it covers the output where ``output_tokens`` is known. An agent's call has up to ``turns``
    turns; ``each``, ``input_tokens`` and ``dollars`` are then of the first.
    """

    model: str
    input_tokens: Count
    each: int | None = None
    output_tokens: int | None = None
    dollars: float | None = None
    turns: int = 1


@dataclass(frozen=True)
class StepEstimate:
    """One step: the rows that it gives, and what it runs where it calls a task; ``costs`` are by model."""

    step: Step
    rows: Count
    task: Task | None = None
    subproblems: Count = 0
    dask_tasks: Count = 0
    costs: tuple[Cost, ...] = ()


def estimate(plan: Plan, tables: Mapping[str, int | None], sample: Sample) -> tuple[StepEstimate, ...]:
    """Estimate every step.

    ``tables`` gives the rows of each scan by step name, None where only reading tells; ``sample`` what models get
    of a step.
    """
    found: dict[str, StepEstimate] = {}
    for step in plan.steps:
        inputs = [_of_a_round(step) if step.unless else found[name].rows for name in step.inputs]
        match step.operation:
            case Map(task=name):
                subproblems = _subproblems(step, step.operation, inputs)
                found[step.name] = _called(plan, step, plan.task(name), subproblems, subproblems, sample)
            case TaskReduce(task=name, group=group):
                calls = _merges(step.operation, step, inputs[0])
                rows: Count = Unknown(f"`{step.name}` has run") if group else 1
                found[step.name] = _called(plan, step, plan.task(name), calls, rows, sample)
            case Call(task=name):
                calls = _of_a_round(step) if step.unless else 1
                found[step.name] = _called(plan, step, plan.task(name), calls, calls, sample)
            case _:
                found[step.name] = StepEstimate(step, _rows(step, inputs, tables))
    return tuple(found.values())


def _of_a_round(step: Step) -> Count:
    return Unknown(f"`{step.unless}` tells whether another round follows")


def _rows(step: Step, inputs: list[Count], tables: Mapping[str, int | None]) -> Count:
    match step.operation:
        case Scan():
            rows = tables.get(step.name)
            return Unknown(f"`{step.name}` is read") if rows is None else rows
        case Until():
            return 0
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
    sample: Sample,
) -> StepEstimate:
    tasks: Count = calls
    if isinstance(calls, int):
        match step.operation:
            case Map(batch=batch):
                tasks = task_count(step, -(-calls // batch))
            case TaskReduce(strategy="fold"):
                tasks = min(calls, 1)
    costs = []
    if isinstance(task.body, Prompt):
        shares = sample(step)
        models = {model.name: model for model in plan.models}
        # Of a route whose share is not known, each model may get every call.
        for name in dict.fromkeys(task.body.models):
            share = Share(1.0, 0.0) if shares is None else shares.get(name)
            if share is not None:
                part = calls if isinstance(calls, Unknown) else round(calls * share.calls)
                cost = _cost(step, models[name], part, None if shares is None else share.tokens)
                costs.append(replace(cost, turns=max(1, task.body.max_steps)))
    return StepEstimate(step, rows, task, calls, tasks, tuple(costs))


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
