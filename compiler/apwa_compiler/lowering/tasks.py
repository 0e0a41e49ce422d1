"""Steps as Dask tasks.

In: a step that calls a task, and into how many partitions its work falls. Out: plain descriptions of Dask tasks, under
keys of their own, with what a worker must offer to run them. Nothing here imports Dask.
"""

from __future__ import annotations

from dataclasses import dataclass

from apwa_compiler.plan import Call, Map, Plan, Step, Task, TaskReduce

# Unexpected exceptions of a whole batch only; sub-problems are retried inside it, by their policy.
_RETRIES = 1


@dataclass(frozen=True)
class DaskTask:
    """One Dask task. A higher ``priority`` runs earlier; ``resources`` are named as workers offer them."""

    key: str
    step: str
    partition: int
    resources: dict[str, float]
    priority: int
    retries: int


def dask_tasks(plan: Plan, step: Step, run: str, partitions: int, attempt: int = 0) -> tuple[DaskTask, ...]:
    """The Dask tasks of one step: a map's batches, the single task of a call, or a reduction's calls level by level.

    ``partitions`` counts the batches of a map and the rows that a ``tree`` reduction starts from.
    """
    operation = step.operation
    match operation:
        case Map():
            count = partitions
        case Call() | TaskReduce(strategy="fold"):
            count = 1
        case TaskReduce(arity=arity):
            count = sum(tree_levels(partitions, arity))
        case _:
            return ()
    return tuple(
        DaskTask(
            key=task_key(run, step.name, partition, attempt),
            step=step.name,
            partition=partition,
            resources=dask_resources(plan.task(operation.task)),
            priority=step_priority(plan, step),
            retries=_RETRIES,
        )
        for partition in range(count)
    )


def task_key(run: str, step: str, partition: int, attempt: int = 0) -> str:
    """An explicit key: equal batches of equal work are still two tasks, and a second attempt is a new one."""
    return f"{run}/{step}/{partition}/{attempt}"


def dask_resources(task: Task) -> dict[str, float]:
    """What a worker must offer: ``GPU``, ``MEMORY`` in bytes, custom names in capitals, ``CPU`` above one core."""
    return {name.upper(): value for name, value in task.resources if name != "cpu" or value > 1}


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
