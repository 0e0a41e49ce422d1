"""A plan of known size as a Dask graph.

In: a plan, the number of partitions of each step, and the function that runs one partition. Out: a HighLevelGraph with
one layer a step, each annotated with its resources; the layers are materialised, since Dask drops annotations when it
flattens or fuses a graph. Built where sizes are known and small; a run of unknown size streams its batches instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import batched, pairwise
from typing import Any

from apwa_compiler.lowering.tasks import dask_resources, step_priority, task_key, tree_levels
from apwa_compiler.plan import Call, Limit, Map, Plan, Save, Select, Step, TaskReduce, Where

# What one partition does: the step, the partition's number, and the results of the partitions that it reads.
RunPartition = Callable[..., object]


def high_level_graph(plan: Plan, partitions: Mapping[str, int], run: RunPartition, run_id: str = "run") -> Any:
    """The HighLevelGraph of ``plan``.

    ``partitions`` gives a step's number of partitions, 1 where it says nothing; for a tree reduction it is that of its
    input. ``run(step, partition, inputs)`` is called in a worker; ``inputs`` are the results of what it reads.
    """
    from dask.highlevelgraph import HighLevelGraph, MaterializedLayer

    layers: dict[str, Any] = {}
    outputs: dict[str, list[str]] = {}
    for step in plan.steps:
        tasks, outputs[step.name] = _layer(step, partitions, outputs, run, run_id)
        layers[step.name] = MaterializedLayer(tasks, annotations=_annotations(plan, step))
    dependencies = {step.name: {*step.inputs, *step.after} for step in plan.steps}
    return HighLevelGraph(layers, dependencies)


def output_keys(plan: Plan, graph: Any) -> list[str]:
    """The keys of the steps that nobody waits for: asking for these runs the whole graph."""
    waited = {name for step in plan.steps for name in (*step.inputs, *step.after)}
    return [key for step in plan.steps if step.name not in waited for key in graph.layers[step.name]]
