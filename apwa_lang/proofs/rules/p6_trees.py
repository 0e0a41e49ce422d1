"""P6: P4 and P5 where a whole tree is touched: neither path is the other or lies above it.

In: a pair of accesses with a tree. Out: a proof, or None.
"""

from __future__ import annotations

from apwa_lang.proofs.pairs import Finding, Pair
from apwa_lang.proofs.rules.p4_apart import apart
from apwa_lang.proofs.rules.p5_pinned import pinned


def decide(pair: Pair) -> Finding | None:
    """The same search, with anything below the trees."""
    return (apart(pair) or pinned(pair)) if pair.has_tree else None
