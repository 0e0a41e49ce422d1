"""How many sub-problems travel in one Dask task at the most.

In: a plan. Out: the plan with the batch of each map set by the kind of its body: enough that the scheduler's
millisecond per task disappears, few enough that a lost worker repeats little. A run makes smaller batches where there
are too few sub-problems to fill its workers. The author's `batch` wins.
"""

from __future__ import annotations

from dataclasses import replace

from apwa_compiler.plan import Map, Plan, Prompt, Python, Return, Step, Task

REMOTE_PROMPT = 1024
LOCAL_PROMPT = 4
PYTHON = 64
RETURN = 8192


def size_batches(plan: Plan) -> Plan:
    """Set the batch of every map."""
    return replace(plan, steps=tuple(_sized(step, plan) for step in plan.steps))


def _sized(step: Step, plan: Plan) -> Step:
    if not isinstance(step.operation, Map):
        return step
    task = plan.task(step.operation.task)
    return replace(step, operation=replace(step.operation, batch=task.batch or _usual(task, plan)))


def _usual(task: Task, plan: Plan) -> int:
    match task.body:
        case Prompt(models=names):
            local = any(model.provider == "local" for model in plan.models if model.name in names)
            return LOCAL_PROMPT if local else REMOTE_PROMPT
        case Python():
            return PYTHON
        case Return():
            return RETURN
