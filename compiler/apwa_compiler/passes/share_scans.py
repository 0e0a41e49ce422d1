"""Each table is read once.

In: a plan. Out: the plan with one scan for each source and row type, however many declarations name it.
"""

from __future__ import annotations

from dataclasses import replace

from apwa_compiler.constants import substitute
from apwa_compiler.plan import Call, EffectRef, Operation, PathCheck, Plan, Scan, Step, Until
from apwa_lang.semantics.core import Core, Var


def share_scans(plan: Plan) -> Plan:
    """Let equal scans be one."""
    kept: list[Step] = []
    shared: dict[str, str] = {}
    for step in plan.steps:
        twin = next(
            (
                other.name
                for other in kept
                if isinstance(step.operation, Scan) and replace(other, name=step.name) == step
            ),
            None,
        )
        if twin is None:
            kept.append(step)
        else:
            shared[step.name] = twin
    if not shared:
        return plan
    checks = (PathCheck(_moved(check.left, shared), _moved(check.right, shared)) for check in plan.checks)
    return replace(plan, steps=tuple(_renamed(step, shared) for step in kept), checks=tuple(dict.fromkeys(checks)))


def _moved(effect: EffectRef, names: dict[str, str]) -> EffectRef:
    return replace(effect, step=names.get(effect.step, effect.step))


def _renamed(step: Step, names: dict[str, str]) -> Step:
    return replace(
        step,
        operation=_operation(step.operation, {old: Var(new) for old, new in names.items() if old in step.inputs}),
        inputs=tuple(names.get(name, name) for name in step.inputs),
        after=tuple(names.get(name, name) for name in step.after),
    )


def _operation(operation: Operation, names: dict[str, Core]) -> Operation:
    """A call and the end of a round name their inputs in expressions."""
    match operation:
        case Call(task, arguments):
            return Call(task, tuple((name, substitute(value, names)) for name, value in arguments))
        case Until(condition):
            return Until(substitute(condition, names))
        case _:
            return operation
