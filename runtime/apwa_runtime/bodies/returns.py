"""``return``: the value of an expression."""

from __future__ import annotations

from collections.abc import Sequence

from apwa_compiler.plan import Return
from apwa_runtime.bodies.protocol import Begin, Call, Check, Done, Failed, Finish, Held, Outcome
from apwa_runtime.expressions import EvaluationError, compile_core


class ReturnBody:
    """Evaluates the expression; deterministic, so a failure is never retried."""

    def __init__(self, body: Return) -> None:
        self._value = compile_core(body.value)

    def run(self, calls: Sequence[Call], check: Check, finish: Finish, begin: Begin) -> None:
        """Run every call that ``begin`` lets begin."""
        for call in calls:
            finish(call, self._one(call, check) if begin((call,)) else Held())

    def close(self) -> None:
        """Nothing is held."""

    def _one(self, call: Call, check: Check) -> Outcome:
        try:
            return Done(check(call, self._value(call.names)))
        except (EvaluationError, ValueError) as error:
            return Failed(str(error))
