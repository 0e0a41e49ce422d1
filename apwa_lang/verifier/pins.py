"""What has the same characters in every path that two effects share, and why they then do not meet.

In: the scopes of two effects, their paths, evidence. Out: the pieces that show it on either side, with what that takes
for granted, or the reason why it tells nothing apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apwa_lang.verifier.apart import common_columns, exclusive, same_row
from apwa_lang.verifier.document import Evidence
from apwa_lang.verifier.effects import Scope
from apwa_lang.verifier.hypotheses import Hypothesis
from apwa_lang.verifier.numbers import never_equal
from apwa_lang.verifier.paths import Shown, Sides


@dataclass(frozen=True, slots=True)
class Pin:
    """Pieces of either path, by the number of what they both show."""

    left: Mapping[int, int]
    right: Mapping[int, int]
    hypotheses: frozenset[Hypothesis]


def pin_of(left: Scope, right: Scope, separate: bool, sides: Sides, evidence: Evidence) -> Pin | str:
    """What is pinned: the fields of an identity, fields of rows that do not exist, or numbers that are never equal."""
    if evidence.places:
        return _of_numbers(left, separate, sides, evidence)
    pinned = frozenset(evidence.pinned)
    return _of_identity(left, sides, pinned) if separate else _of_conditions(left, right, sides, pinned)


def _of_identity(scope: Scope, sides: Sides, pinned: frozenset[str]) -> Pin | str:
    if pinned not in scope.identities:
        return "the pinned fields do not tell the sub-problems apart"
    places: dict[str, tuple[int, int]] = {}
    for name in pinned:
        for one, piece in enumerate(sides.left):
            if isinstance(piece, Shown) and piece.tells_apart and piece.name == name:
                for other, match in enumerate(sides.right):
                    if piece.equals(match):
                        places.setdefault(name, (one, other))
    return _pin(pinned, places, scope.identities[pinned])


def _of_conditions(left: Scope, right: Scope, sides: Sides, pinned: frozenset[str]) -> Pin | str:
    one, other = left.source, right.source
    if one is None or other is None or not exclusive(one, other, pinned):
        return "the conditions on the rows do not contradict each other"
    return _pin(
        pinned, common_columns(one, other, sides.left, sides.right), same_row(one, other, pinned) or frozenset()
    )


def _pin(pinned: frozenset[str], places: Mapping[str, tuple[int, int]], why: frozenset[Hypothesis]) -> Pin | str:
    if not pinned <= places.keys():
        return "the paths do not show all pinned fields"
    left = {places[name][0]: number for number, name in enumerate(sorted(pinned))}
    right = {places[name][1]: number for number, name in enumerate(sorted(pinned))}
    return Pin(left, right, why)


def _of_numbers(scope: Scope, separate: bool, sides: Sides, evidence: Evidence) -> Pin | str:
    if len(evidence.places) > 1 or evidence.pinned:
        return "it is about one number on either side, and no fields"
    one, other = evidence.places[0]
    if not (0 <= one < len(sides.left) and 0 <= other < len(sides.right)):
        return "its paths have no such pieces"
    left, right = sides.left[one], sides.right[other]
    if not isinstance(left, Shown) or not isinstance(right, Shown):
        return "its pieces show no numbers"
    same = separate and left.name == right.name and frozenset({left.name}) in scope.identities
    if not never_equal(left, right, same):
        return "the numbers may be equal"
    return Pin({one: 0}, {other: 0}, scope.identities[frozenset({left.name})] if same else frozenset())
