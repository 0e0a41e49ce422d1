"""P2: the flow orders the two steps, or they stand in branches that exclude each other.

In: a pair of accesses. Out: a proof, or None.
"""

from __future__ import annotations

from apwa_lang.proofs.claims import Verdict
from apwa_lang.proofs.pairs import Finding, Pair


def decide(pair: Pair) -> Finding | None:
    """What never runs at the same time may touch the same files."""
    return Finding(Verdict.PROVED) if pair.ordered else None
