"""A plan of known size as a Dask graph.

In: a plan, the number of partitions of each step, and the function that runs one partition. Out: a HighLevelGraph with
one layer a step, each annotated with its resources; the layers are materialised, since Dask drops annotations when it
flattens or fuses a graph. Built where sizes are known and small; a run of unknown size streams its batches instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from apwa_compiler.lowering.tasks import lower_batch, task_key
from apwa_compiler.plan import Call, Map, Plan, Scan, Select, Step, TaskReduce, Where

# What one partition does: the step, the partition's number, and the results of the partitions that it reads.
RunPartition = Callable[[Step, int, Sequence[object]], object]


def high_level_graph(plan: Plan, partitions: Mapping[str, int], run: RunPartition, run_id: str = "run") -> Any:
    """The HighLevelGraph of ``plan``.

    ``partitions`` gives the partitions of scans and maps, 1 where it says nothing; the rest follows from their inputs.
    ``run(step, partition, results)`` is called in a worker; ``results`` are those of the partitions that it reads, a
    merge's those of the level below. Raises ValueError for a step whose resources differ by sub-problem: a layer has
    one annotation.
    """
    from dask.highlevelgraph import HighLevelGraph, MaterializedLayer

    layers: dict[str, Any] = {}
    made: dict[str, list[str]] = {}
    for step in plan.steps:
        needs, made[step.name] = _layer(step, partitions, made, run_id)
        held = [key for name in step.after for key in made[name]]
        layers[step.name] = MaterializedLayer(
            {
                key: (partial(_run_partition, run, step, place), inputs, held)
                for place, (key, inputs) in enumerate(needs.items())
            },
            annotations=_annotations(plan, step),
        )
    return HighLevelGraph(layers, {step.name: {*step.inputs, *step.after} for step in plan.steps})


def output_keys(plan: Plan, graph: Any) -> list[str]:
    """The keys of the steps that nobody waits for: asking for them runs the whole graph."""
    waited = {name for step in plan.steps for name in (*step.inputs, *step.after)}
    return [key for step in plan.steps if step.name not in waited for key in graph.layers[step.name]]


def _run_partition(run: RunPartition, step: Step, partition: int, inputs: list[object], after: list[object]) -> object:
    return run(step, partition, inputs)


def _annotations(plan: Plan, step: Step) -> dict[str, object]:
    match step.operation:
        case Map(task=name) | Call(task=name) | TaskReduce(task=name) if plan.task(name).fixed_resources() is None:
            raise ValueError(f"the sub-problems of step `{step.name}` need different resources, so it has no layer")
    task = lower_batch(plan, step, "", 0)
    annotations: dict[str, object] = {"priority": task.priority, "retries": task.retries}
    return {**annotations, "resources": task.resources} if task.resources else annotations


def _layer(
    step: Step, partitions: Mapping[str, int], made: Mapping[str, list[str]], run: str
) -> tuple[dict[str, list[str]], list[str]]:
    """The keys of a step, each with the keys that it reads, and those of them that hold the step's rows."""
    given = [key for name in step.inputs for key in made[name]]
    match step.operation:
        case Scan():
            needs: dict[str, list[str]] = _keyed(step, run, [[]] * partitions.get(step.name, 1))
        case Map(split=split):
            count = partitions.get(step.name, 1)
            by_partition = split.rule == "row" and count == len(given)
            needs = _keyed(step, run, [[key] for key in given] if by_partition else [given] * count)
        case Where() | Select():
            needs = _keyed(step, run, [[key] for key in given])
        case TaskReduce(strategy="tree", arity=arity):
            return _tree(step, run, given, arity)
        case _:
            needs = _keyed(step, run, [given])
    return needs, list(needs)


def _keyed(step: Step, run: str, inputs: list[list[str]]) -> dict[str, list[str]]:
    return {task_key(run, step.name, place): keys for place, keys in enumerate(inputs)}


def _tree(step: Step, run: str, given: list[str], arity: int) -> tuple[dict[str, list[str]], list[str]]:
    """Merges of ``arity`` results each, level by level, until one is left."""
    needs: dict[str, list[str]] = {}
    while len(given) > 1 or not needs:
        level = {
            task_key(run, step.name, len(needs) + place): given[start : start + arity]
            for place, start in enumerate(range(0, max(len(given), 1), arity))
        }
        needs |= level
        given = list(level)
    return needs, given
