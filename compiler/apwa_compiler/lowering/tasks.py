"""Steps as Dask tasks.

In: a step that calls a task, and into how many partitions its work falls. Out: plain descriptions of Dask tasks, under
keys of their own, with what a worker must offer to run them. Nothing here imports Dask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apwa_compiler.plan import Call, Map, Plan, Step, TaskReduce

# Sub-problems are retried by their policy, and a batch by the driver, which knows what of it has finished.
_RETRIES = 0


@dataclass(frozen=True)
class DaskTask:
    """One Dask task. A higher ``priority`` runs earlier; ``resources`` are named as workers offer them."""

    key: str
    step: str
    partition: int
    resources: dict[str, float]
    priority: int
    retries: int


def lower_batch(
    plan: Plan, step: Step, run: str, partition: int, attempt: int = 0, resources: Mapping[str, float] | None = None
) -> DaskTask:
    """One Dask task of a step: attempt ``attempt`` at its partition (a map's batch, a reduction's or a call's).

    ``resources`` is what the sub-problems of the batch need, where that is not the same for all of the step.
    """
    if resources is None:
        match step.operation:
            case Map(task=name) | Call(task=name) | TaskReduce(task=name):
                resources = plan.task(name).fixed_resources() or {}
            case _:
                resources = {}
    return DaskTask(
        key=task_key(run, step.name, partition, attempt),
        step=step.name,
        partition=partition,
        resources=dict(resources),
        priority=step_priority(plan, step),
        retries=_RETRIES,
    )


def lower_step(plan: Plan, step: Step, run: str, partitions: int) -> tuple[DaskTask, ...]:
    """Every Dask task of a step that calls a task, none for other steps.

    ``partitions`` counts the batches of a map and the rows that a ``tree`` reduction starts from.
    """
    return tuple(lower_batch(plan, step, run, partition) for partition in range(task_count(step, partitions)))


def task_count(step: Step, partitions: int) -> int:
    """How many Dask tasks :func:`lower_step` makes."""
    match step.operation:
        case Map():
            return partitions
        case TaskReduce(strategy="tree", arity=arity):
            return sum(tree_levels(partitions, arity))
        case Call() | TaskReduce():
            return 1
        case _:
            return 0


def task_key(run: str, step: str, partition: int, attempt: int = 0) -> str:
    """An explicit key: equal batches of equal work are still two tasks, and a second attempt is a new one."""
    return f"{run}/{step}/{partition}/{attempt}"


def step_priority(plan: Plan, step: Step) -> int:
    """Later steps first: what is begun is finished before more is begun."""
    return next(place for place, other in enumerate(plan.steps) if other.name == step.name)


def tree_levels(rows: int, arity: int) -> tuple[int, ...]:
    """How many calls each level of a tree reduction makes; none for a single row, which stands as it is."""
    levels = []
    while rows > 1:
        rows = -(-rows // arity)
        levels.append(rows)
    return tuple(levels)
