"""How many sub-problems travel in one Dask task at the most.

In: a plan. Out: the plan with the batch of each map set by the kind of its body: enough that the scheduler's
millisecond per task disappears, few enough that a lost worker repeats little. A run makes smaller batches where there
are too few sub-problems to fill its workers. Where the author's `batch` puts several into one call of the body, a Dask
task carries a whole number of such calls.
"""

from __future__ import annotations

from dataclasses import replace

from apwa_compiler.plan import Map, Plan, Prompt, Python, Return, Shell, Step, Task, Torch

REMOTE_PROMPT = 1024
LOCAL_PROMPT = 4
PROCESS = 64
TORCH = 128
RETURN = 8192


def size_batches(plan: Plan) -> Plan:
    """Set the batch of every map."""
    return replace(plan, steps=tuple(_sized(step, plan) for step in plan.steps))


def _sized(step: Step, plan: Plan) -> Step:
    if not isinstance(step.operation, Map):
        return step
    task = plan.task(step.operation.task)
    return replace(step, operation=replace(step.operation, batch=_batch(task, plan)))


def _batch(task: Task, plan: Plan) -> int:
    usual = _usual(task, plan)
    return usual if task.batch is None else task.batch * max(1, usual // task.batch)


def _usual(task: Task, plan: Plan) -> int:
    match task.body:
        case Prompt():
            local = any(model.provider == "local" for model in plan.models if model.name in task.models())
            return LOCAL_PROMPT if local else REMOTE_PROMPT
        case Python() | Shell():
            return PROCESS
        case Torch():
            return TORCH
        case Return():
            return RETURN
