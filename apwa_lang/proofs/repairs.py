"""Changes of the text with which a claim that does not hold would hold.

In: a pair of accesses that is not proved. Out: at most two repairs, each of which was made and checked with the whole
program before it is offered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from apwa_lang.diagnostics.model import Fix
from apwa_lang.proofs.claims import Witness
from apwa_lang.proofs.drafts import drafts
from apwa_lang.proofs.pairs import Pair
from apwa_lang.proofs.recheck import Recheck

_HOLE = re.compile(r"\{\{-?\s*([\w.]+)")


@dataclass(frozen=True, slots=True)
class Repair:
    """``shown`` is the new text, as a message calls it."""

    shown: str
    fix: Fix


def repairs(pair: Pair, witness: Witness | None, recheck: Recheck) -> list[Repair]:
    """The repairs that hold, the one nearest to what is written first."""
    found: list[Repair] = []
    for group in drafts(pair, witness):
        for draft in group:
            if any(_alike(draft.shown, one.shown) for one in found):
                break
            if recheck.proves(pair, draft.edits):
                found.append(Repair(draft.shown, Fix(draft.action, draft.edits, draft.safe)))
                break
    return found


def _alike(one: str, other: str) -> bool:
    """Whether two paths show the same fields, so that one of them is enough to say."""
    holes = [sorted(_HOLE.findall(text)) for text in (one, other)]
    return one == other or (holes[0] == holes[1] != [])
