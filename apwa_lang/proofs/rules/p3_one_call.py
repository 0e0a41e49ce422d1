"""P3: both effects belong to the same sub-problem, as the step has but one, or one at a time.

In: a pair of accesses. Out: a proof, or None.
"""

from __future__ import annotations

from apwa_lang.proofs.claims import Verdict
from apwa_lang.proofs.pairs import Finding, Pair


def decide(pair: Pair) -> Finding | None:
    """A sub-problem may do with its own files what it likes."""
    return Finding(Verdict.PROVED) if pair.separate and pair.left.scope.kind == "once" else None
