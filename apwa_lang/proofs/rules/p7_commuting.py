"""P7: both effects are updates of an aggregate by one operation, in any order.

In: a pair of accesses. Out: a proof, or None.
"""

from __future__ import annotations

from apwa_lang.proofs.claims import Verdict
from apwa_lang.proofs.pairs import Finding, Pair

COMMUTING = frozenset({"sum", "count", "min", "max", "union", "log"})
"""Operations that are commutative and associative; a `log` has no order between its lines."""


def decide(pair: Pair) -> Finding | None:
    """The runtime owns the aggregate; updates by one commuting operation may come in any order."""
    left, right = pair.left.effect, pair.right.effect
    if left.kind == right.kind == "reduce" and left.operation == right.operation and left.operation in COMMUTING:
        return Finding(Verdict.PROVED)
    return None
