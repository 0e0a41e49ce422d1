"""P5: a path that two sub-problems share would give both the same identity.

In: a pair of accesses. Out: a proof, or None; a pair with a tree is for P6.
"""

from __future__ import annotations

from apwa_lang.proofs.claims import Evidence, Hypothesis, Verdict
from apwa_lang.proofs.pairs import HASHES, Finding, Pair, Pin


def decide(pair: Pair) -> Finding | None:
    """In every word of both templates, each field of some identity stands at the same place in both."""
    return None if pair.has_tree else pinned(pair)


def pinned(pair: Pair) -> Finding | None:
    """A proof if, for some pin, every shared word has the same characters in each of its fields on both sides."""
    if not pair.comparable or not pair.pins or not pair.search.complete:
        return None
    for number, pin in enumerate(pair.pins):
        if not any(differing >> number & 1 for _, _, differing in pair.search.goals):
            evidence = Evidence("invariant", pair.search.projected(number), tuple(sorted(pin.fields)), pin.places)
            return Finding(Verdict.PROVED, (*pin.hypotheses, *_hashes(pair, pin), *pair.hypotheses), evidence=evidence)
    return None


def _hashes(pair: Pair, pin: Pin) -> tuple[Hypothesis, ...]:
    shown = (pair.paths.left[place] for place in pin.left)
    hashed = any(one.name == "sha256" for part in shown for one in getattr(part, "filters", ()))
    return (HASHES,) if hashed else ()
