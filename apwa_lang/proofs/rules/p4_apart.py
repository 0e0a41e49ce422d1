"""P4: no path is of both templates.

In: a pair of accesses. Out: a proof, or None; a pair with a tree is for P6.
"""

from __future__ import annotations

from apwa_lang.proofs.claims import Evidence, Verdict
from apwa_lang.proofs.pairs import Finding, Pair


def decide(pair: Pair) -> Finding | None:
    """The languages of the two templates do not meet."""
    return None if pair.has_tree else apart(pair)


def apart(pair: Pair) -> Finding | None:
    """A proof if no word is of both languages, of all that lies below the trees among them, or no rows are of both."""
    if pair.exclusive:
        return Finding(Verdict.PROVED, evidence=Evidence("conditions"))
    if not pair.comparable:
        return None
    if pair.surely_apart:
        return Finding(Verdict.PROVED, pair.hypotheses, evidence=Evidence("ends"))
    if pair.search.complete and not pair.search.goals:
        return Finding(Verdict.PROVED, pair.hypotheses, evidence=Evidence("invariant", pair.search.pairs()))
    return None
