"""Whether the workers can run what a plan asks for: Dask lets a task that no worker can take wait for ever.

In: a plan, the tables that are read, and what workers offer. Out: nothing, or a RunError that names task, demand,
sub-problem and the best worker. A step over rows that are not known yet is looked at when its batches are made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apwa_compiler.plan import Call, Map, Plan, Step, TaskReduce
from apwa_runtime.binding import Row, arguments_of
from apwa_runtime.datasets import Dataset
from apwa_runtime.launch.columns import fields_used
from apwa_runtime.launch.render import subproblem_rows
from apwa_runtime.resources import Offers, ResourceClasses, needed_arguments


def check_feasible(plan: Plan, datasets: Mapping[str, Dataset], offers: Offers) -> None:
    """Raises RunError where no worker offers what a task needs."""
    for step in plan.steps:
        match step.operation:
            case Map(task=name) | Call(task=name) | TaskReduce(task=name) if plan.task(name).resources:
                classes = ResourceClasses(plan, step, offers)
                if classes.fixed is not None:
                    classes.check([{}])
                elif isinstance(step.operation, Map) and all(name in datasets for name in step.inputs):
                    classes.check(demand_rows(plan, step, step.operation, [datasets[name] for name in step.inputs]))


def demand_rows(plan: Plan, step: Step, operation: Map, inputs: list[Dataset]) -> Iterator[Row]:
    """The sub-problems, with the fields that their demands and identities come from."""
    task = plan.task(operation.task)
    needed = fields_used(needed_arguments(task), arguments_of(operation, task))
    if needed is not None:
        needed |= {name.partition(".")[0] for name in operation.split.identity}
    return subproblem_rows(step, needed, inputs)
