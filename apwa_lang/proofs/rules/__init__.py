"""The proof rules, one file each, tried in order.

In: a pair of accesses. Out: the first rule with a finding, and that finding; None when no rule has one.
"""

from __future__ import annotations

from apwa_lang.proofs.pairs import Finding, Pair
from apwa_lang.proofs.rules import (
    p1_no_write,
    p2_ordered,
    p3_one_call,
    p4_apart,
    p5_pinned,
    p6_trees,
    p7_commuting,
    p8_witness,
)

RULES = {
    "P1": p1_no_write.decide,
    "P2": p2_ordered.decide,
    "P3": p3_one_call.decide,
    "P4": p4_apart.decide,
    "P5": p5_pinned.decide,
    "P6": p6_trees.decide,
    "P7": p7_commuting.decide,
    "P8": p8_witness.decide,
}


def first_finding(pair: Pair) -> tuple[str, Finding] | None:
    """The name of the first rule that decides ``pair``, with what it found."""
    for name, decide in RULES.items():
        finding = decide(pair)
        if finding is not None:
            return name, finding
    return None
