"""Which steps of a flow can never run at the same time.

In: the steps of a flow. Out: whether two of them are ordered by data and ``after`` edges, or stand in branches that
exclude each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from apwa_lang.semantics.program import Flow, Step

_MOST_CONDITIONS = 6


def exclude_each_other(one: Step, other: Step) -> bool:
    """Whether the two stand in different branches of one ``if``."""
    taken = {guard.id: guard.expected for guard in one.guards}
    return any(taken.get(guard.id, guard.expected) != guard.expected for guard in other.guards)


class Order:
    """The order of one flow. A path through a step that an ``if`` may leave out orders nothing when it is left out."""

    def __init__(self, flow: Flow) -> None:
        self._steps = {step.name: step for step in flow.steps}
        self._before: dict[str, list[frozenset[str] | None]] = {name: [] for name in self._steps}
        for running in self._cases(flow):
            reached = self._reached(running)
            for name in self._steps:
                self._before[name].append(reached.get(name))

    def ordered(self, one: Step, other: Step) -> bool:
        """Whether, whenever both run, one has ended when the other starts."""
        return self._always_before(one, other) or self._always_before(other, one)

    def _always_before(self, first: Step, then: Step) -> bool:
        if first.name in (*then.depends, *then.after):
            return True
        cases = [
            before
            for before, own in zip(self._before[then.name], self._before[first.name], strict=True)
            if before is not None and own is not None
        ]
        return bool(cases) and all(first.name in before for before in cases)

    def _cases(self, flow: Flow) -> Iterator[set[str]]:
        """For each way in which the conditions may turn out, the steps that run."""
        conditions = sorted({guard.id for step in flow.steps for guard in step.guards})
        if len(conditions) > _MOST_CONDITIONS:
            # Too many to look at: no path may lead through a step that has a condition.
            yield {step.name for step in flow.steps if not step.guards}
            return
        for outcome in product((True, False), repeat=len(conditions)):
            taken = dict(zip(conditions, outcome, strict=True))
            yield {step.name for step in flow.steps if all(taken[guard.id] == guard.expected for guard in step.guards)}

    def _reached(self, running: set[str]) -> dict[str, frozenset[str]]:
        """For each running step, those that have ended when it starts."""
        before: dict[str, frozenset[str]] = {name: frozenset() for name in running}
        changed = True
        while changed:
            changed = False
            for name in self._steps:
                if name not in running:
                    continue
                step = self._steps[name]
                direct = [one for one in (*step.depends, *step.after) if one in running]
                reached = frozenset(direct).union(*(before[one] for one in direct))
                if reached != before[name]:
                    before[name] = reached
                    changed = True
        return before
