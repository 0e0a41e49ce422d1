"""Consecutive filters, and consecutive projections, in one step.

In: a plan. Out: the plan where `where` on `where` is one condition and `select` on `select` one projection, as long as
nobody else reads or waits for the first of the two.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from apwa_compiler.constants import fold, substitute
from apwa_compiler.plan import Operation, Plan, Select, Step, Where
from apwa_lang.semantics.core import Apply


def fuse_relations(plan: Plan) -> Plan:
    """Fuse each chain of the same relational operation."""
    readers = Counter(name for step in plan.steps for name in (*step.inputs, *step.after))
    steps: dict[str, Step] = {}
    for step in plan.steps:
        first = steps.get(step.inputs[0]) if len(step.inputs) == 1 else None
        fused = _fused(first.operation, step.operation) if first and readers[first.name] == 1 else None
        if first and fused:
            del steps[first.name]
            step = replace(
                step,
                operation=fused,
                inputs=first.inputs,
                after=tuple(dict.fromkeys((*first.after, *step.after))),
            )
        steps[step.name] = step
    return replace(plan, steps=tuple(steps.values()))


def _fused(first: Operation, second: Operation) -> Operation | None:
    match first, second:
        case (Where(one), Where(other)):
            return Where(Apply("and", (one, other)))
        case (Select(inner), Select(outer)):
            values = dict(inner)
            return Select(tuple((name, fold(substitute(value, values))) for name, value in outer))
        case _:
            return None
