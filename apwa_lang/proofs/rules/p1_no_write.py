"""P1: neither effect writes.

In: a pair of accesses. Out: a proof, or None.
"""

from __future__ import annotations

from apwa_lang.proofs.claims import Verdict
from apwa_lang.proofs.pairs import Finding, Pair


def decide(pair: Pair) -> Finding | None:
    """Two readers never disturb each other."""
    return None if pair.left.writes or pair.right.writes else Finding(Verdict.PROVED)
