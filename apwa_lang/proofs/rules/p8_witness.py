"""P8: two sub-problems that meet, or the rows of a table that the program itself holds.

In: a pair of accesses that no other rule proved. Out: a refutation with its witness, a proof from all rows, or None.
"""

from __future__ import annotations

from apwa_lang.proofs.claims import Verdict
from apwa_lang.proofs.known_rows import meet_in_rows
from apwa_lang.proofs.pairs import Finding, Pair
from apwa_lang.proofs.witness import find_witness


def decide(pair: Pair) -> Finding | None:
    """Known rows decide; else a pair of rows that the types, patterns and keys allow.

    A file that a prompt shows is not written as a path of parts: the launch compares it.
    """
    if pair.left.on_network or pair.left.effect.shown or pair.right.effect.shown:
        return None
    known = meet_in_rows(pair)
    if known is not None:
        return known
    witness = find_witness(pair)
    return Finding(Verdict.REFUTED, witness=witness) if witness is not None else None
