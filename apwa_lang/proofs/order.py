"""Which steps of a flow can never run at the same time.

In: the steps of a flow. Out: whether two of them are ordered by data and ``after`` edges, or stand in branches that
exclude each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from apwa_lang.proofs.conditions import contradict
from apwa_lang.semantics.program import Flow, Step

_MOST_CONDITIONS = 6


def exclude_each_other(one: Step, other: Step) -> bool:
    """Whether the two stand in branches that no values of the parameters take both."""
    if not one.guards or not other.guards:
        return False
    return contradict((guard.condition, guard.expected) for guard in (*one.guards, *other.guards))


class Order:
    """The order of one flow.

    A path through a step that an ``if`` may leave out orders nothing when it is left out. A round of a ``repeat`` that
    is left out is passed when it would have started, so paths through it hold.
    """

    def __init__(self, flow: Flow) -> None:
        self._steps = flow.steps
        self._place = {step.name: place for place, step in enumerate(flow.steps)}
        self._cases = [self._ended_before(running) for running in self._outcomes()]

    def ordered(self, one: Step, other: Step) -> bool:
        """Whether, whenever both run, one has ended when the other starts."""
        first, then = sorted((one, other), key=lambda step: self._place[step.name])
        if first.name in (*then.depends, *then.after):
            return True
        both = [ended for ended in self._cases if first.name in ended and then.name in ended]
        return bool(both) and all(first.name in ended[then.name] for ended in both)

    def _outcomes(self) -> Iterator[set[str]]:
        """For each way in which the conditions may turn out, the steps that run."""
        conditions = sorted({guard.id for step in self._steps for guard in step.guards})
        if len(conditions) > _MOST_CONDITIONS:
            # Too many to look at: no path may lead through a step that has a condition.
            yield {step.name for step in self._steps if not step.guards}
            return
        for outcome in product((True, False), repeat=len(conditions)):
            taken = dict(zip(conditions, outcome, strict=True))
            yield {step.name for step in self._steps if all(taken[guard.id] == guard.expected for guard in step.guards)}

    def _ended_before(self, running: set[str]) -> dict[str, frozenset[str]]:
        """For each running step, those that have ended when it starts."""
        ended: dict[str, frozenset[str]] = {}
        for step in self._steps:
            if step.name in running:
                direct = [name for name in (*step.depends, *step.after) if name in ended]
                ended[step.name] = frozenset(direct).union(*(ended[name] for name in direct))
        return ended
