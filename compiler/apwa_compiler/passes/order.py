"""Steps in an order in which each follows what it waits for.

In: a plan whose steps may stand in any order. Out: the plan in topological order, the given order wherever it is free.
Kahn's algorithm with the given position as priority.
"""

from __future__ import annotations

import heapq
from dataclasses import replace

from apwa_compiler.plan import Plan


def order(plan: Plan) -> Plan:
    """Sort the steps. Raises ValueError when they wait for each other in a circle or for a step that is not there."""
    place = {step.name: index for index, step in enumerate(plan.steps)}
    waits = {step.name: {*step.inputs, *step.after} for step in plan.steps}
    missing = {name for names in waits.values() for name in names} - place.keys()
    if missing:
        raise ValueError(f"the plan has no step {sorted(missing)[0]!r}")
    followers: dict[str, list[str]] = {name: [] for name in place}
    for name, names in waits.items():
        for earlier in names:
            followers[earlier].append(name)
    open_waits = {name: len(names) for name, names in waits.items()}
    ready = [place[name] for name, count in open_waits.items() if not count]
    heapq.heapify(ready)
    steps = []
    while ready:
        step = plan.steps[heapq.heappop(ready)]
        steps.append(step)
        for name in followers[step.name]:
            open_waits[name] -= 1
            if not open_waits[name]:
                heapq.heappush(ready, place[name])
    if len(steps) < len(plan.steps):
        circle = sorted(set(place) - {step.name for step in steps})
        raise ValueError(f"these steps wait for each other: {', '.join(circle)}")
    return replace(plan, steps=tuple(steps))
