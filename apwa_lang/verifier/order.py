"""Which steps of a flow never run at the same time.

In: the steps of a flow. Out: for two of them, whether one has ended before the other starts whenever both run. For each
way in which conditions turn out, what a step waits for is a set of steps, kept as the bits of one number.
"""

from __future__ import annotations

from itertools import product

from apwa_lang.verifier.flows import Flow, Step

_MOST_CONDITIONS = 6


class Order:
    """The order of one flow. A step that a condition leaves out orders nothing."""

    def __init__(self, flow: Flow) -> None:
        steps, self._flow = flow.steps, flow
        self._number = {step.name: number for number, step in enumerate(steps)}
        self._steps = steps
        conditions = sorted({name for step in steps for name, _ in step.guards})
        if len(conditions) > _MOST_CONDITIONS:
            outcomes = [[not step.guards for step in steps]]
        else:
            outcomes = [
                [step.guards <= taken for step in steps]
                for values in product((True, False), repeat=len(conditions))
                for taken in [frozenset(zip(conditions, values, strict=True))]
            ]
        self._runs = [(runs, self._waits(runs)) for runs in outcomes]

    def apart(self, one: Step, other: Step) -> bool:
        """Whether the two never run at the same time."""
        if self._flow.exclude(one, other):
            return True
        first, then = sorted((self._number[one.name], self._number[other.name]))
        if self._steps[first].name in (*self._steps[then].depends, *self._steps[then].after):
            return True
        both = [waits for runs, waits in self._runs if runs[first] and runs[then]]
        return bool(both) and all(waits[then] >> first & 1 for waits in both)

    def _waits(self, runs: list[bool]) -> list[int]:
        waits = [0] * len(self._steps)
        for number, step in enumerate(self._steps):
            if runs[number]:
                for name in (*step.depends, *step.after):
                    before = self._number[name]
                    if before < number and runs[before]:
                        waits[number] |= waits[before] | 1 << before
        return waits
