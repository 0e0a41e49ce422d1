"""The check of an invariant, without a search.

In: the places of two paths, a set of pairs of places, and the parts that show pinned fields. Out: why the set does not
prove that the paths never meet, or meet only where each pinned field has the same characters in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from apwa_lang.verifier.letters import meet
from apwa_lang.verifier.places import Places

State = tuple[int, int, int]

_START: State = (0, 0, 0)


def broken(
    left: Places,
    right: Places,
    states: Iterable[State],
    left_pins: Mapping[int, int] | None = None,
    right_pins: Mapping[int, int] | None = None,
) -> str | None:
    """What is wrong with an invariant, or None.

    A state is a place of either path and 1 when some character stood in a pinned field of one side only, or in two
    different ones. With pins None, the third is always 0 and no state may end both paths.
    """
    held = set(states)
    if _START not in held:
        return "its invariant does not hold at the start"
    lefts = [(left_pins or {}).get(part, -1) for part in left.parts]
    rights = [(right_pins or {}).get(part, -1) for part in right.parts]
    last = len(left.reads), len(right.reads)
    for p, q, differs in held:
        if not (0 <= p < last[0] and 0 <= q < last[1] and differs in (0, 1)) or (differs and left_pins is None):
            return f"its invariant has the state {p}, {q}, {differs}, which there is not"
        if p in left.ends and q in right.ends and (differs or left_pins is None):
            return f"its invariant allows both paths to end at the places {p} and {q}"
        for one in left.after[p]:
            for other in right.after[q]:
                now = differs | (lefts[one] != rights[other])
                if (one, other, now) not in held and _meet(left.reads[one], right.reads[other]):
                    return f"its invariant does not hold after the step from {p}, {q} to {one}, {other}"
    return None


_meet = lru_cache(maxsize=4096)(meet)
