"""What nobody reads is not made.

In: a plan. Out: the plan without the relational steps and scans whose rows no step reads. Maps, calls, reductions by a
task and saves stay: they have effects. A step that waited for a dropped one waits for what that one read.
"""

from __future__ import annotations

from dataclasses import replace

from apwa_compiler.plan import Call, Map, Plan, Save, Step, TaskReduce


def prune(plan: Plan) -> Plan:
    """Drop the steps without effects and readers."""
    needed: set[str] = set()
    for step in reversed(plan.steps):
        if step.name in needed or isinstance(step.operation, Map | Call | TaskReduce | Save):
            needed |= {step.name, *step.inputs, *([step.unless] if step.unless else [])}
    dropped = {step.name: step for step in plan.steps if step.name not in needed}
    if not dropped:
        return plan
    return replace(
        plan,
        steps=tuple(_rewired(step, dropped) for step in plan.steps if step.name in needed),
        checks=tuple(check for check in plan.checks if not {check.left.step, check.right.step} & dropped.keys()),
    )


def _rewired(step: Step, dropped: dict[str, Step]) -> Step:
    after: dict[str, None] = {}
    waiting = list(reversed(step.after))
    while waiting:
        name = waiting.pop()
        gone = dropped.get(name)
        if gone is None:
            after[name] = None
        else:
            waiting += reversed((*gone.inputs, *gone.after))
    return replace(step, after=tuple(name for name in after if name not in step.inputs))
