"""Two accesses that must not meet, and what the rules ask about them.

In: two accesses of one flow. Out: their paths below one root, the identities that both paths may carry, and the joint
search, each worked out when a rule first asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from apwa_lang.proofs.accesses import Access
from apwa_lang.proofs.claims import Backing, Evidence, Hypothesis, Verdict, Witness
from apwa_lang.proofs.lineage import Fields
from apwa_lang.proofs.paths import Aligned, Part, Path, Slot, aligned, machine, whole_machine
from apwa_lang.proofs.regex import EMPTY, Automaton, TooLargeError, automaton
from apwa_lang.proofs.search import Marks, Search, search

CASE = Hypothesis("the target of the files tells upper case from lower case", Verdict.CHECKED)
LINKS = Hypothesis("no folder that is written is a link into another", Verdict.CHECKED)
VALUES = Hypothesis(
    "no rendered value is null or empty or holds `/` or NUL, and none makes a component `.` or `..`", Verdict.CHECKED
)
HASHES = Hypothesis("sha256 has no collisions", Verdict.TRUSTED)

_MOST_IDENTITIES = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of a pair."""

    verdict: Verdict
    hypotheses: tuple[Hypothesis, ...] = ()
    witness: Witness | None = None
    reason: str | None = None
    backing: Backing | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A set of identity fields that both paths show, with the number of the part that shows each, on either side."""

    fields: Fields
    left: dict[int, int]
    right: dict[int, int]


@dataclass(frozen=True, eq=False)
class Pair:
    """``separate`` when the claim is about two sub-problems of one step; ``ordered`` when the flow parts the steps.

    ``base`` are the components of the program's folder, where it is known.
    """

    left: Access
    right: Access
    separate: bool
    ordered: bool
    base: tuple[str, ...] | None

    @property
    def has_tree(self) -> bool:
        """Whether a whole tree is touched."""
        return self.left.path.tree or self.right.path.tree

    @cached_property
    def paths(self) -> Aligned:
        """Both paths below one root."""
        return aligned(self.left.path, self.right.path, self.base)

    @cached_property
    def surely_apart(self) -> bool:
        """Whether the fixed texts at the ends of the paths differ: a quick look that saves the search."""
        if self.paths.disjoint:
            return True
        left, right = self.paths.left, self.paths.right
        start, other_start = _text_at(left, 0), _text_at(right, 0)
        if not (start.startswith(other_start) or other_start.startswith(start)):
            return True
        if self.has_tree:
            return False
        end, other_end = _text_at(left, -1), _text_at(right, -1)
        return not (end.endswith(other_end) or other_end.endswith(end))

    @cached_property
    def pins(self) -> tuple[Pin, ...]:
        """The identities of which both paths show each field, in a form that keeps its values apart."""
        if not self.separate:
            return ()
        found = (self._pin(fields) for fields in self.left.scope.identities)
        return tuple(pin for pin in found if pin is not None)[:_MOST_IDENTITIES]

    @cached_property
    def search(self) -> Search:
        """Every way in which the two paths can be one; bit ``k`` of ``differing`` is about ``pins[k]``."""
        # With a tree, a path above it is as bad as one below: both sides may go on.
        try:
            left = _machine(self.left.path, self.paths.left, self.has_tree)
            right = _machine(self.right.path, self.paths.right, self.has_tree)
        except TooLargeError:
            return Search(automaton(EMPTY), automaton(EMPTY), complete=False)
        if not self.pins:
            return search(left, right)
        return search(
            left,
            right,
            _marks(left.labels, [pin.left for pin in self.pins]),
            _marks(right.labels, [pin.right for pin in self.pins]),
        )

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """What any proof from the two paths takes for granted."""
        slots = [*self.left.path.slots, *self.right.path.slots]
        return (*((VALUES,) if slots else ()), CASE, LINKS)

    def _pin(self, fields: Fields) -> Pin | None:
        left: dict[int, int] = {}
        right: dict[int, int] = {}
        for number, field in enumerate(sorted(fields)):
            place = next(
                (
                    (one, other)
                    for one, part in enumerate(self.paths.left)
                    if isinstance(part, Slot) and part.tells_apart and part.key == field
                    for other, match in enumerate(self.paths.right)
                    if part.same_as(match)
                ),
                None,
            )
            if place is None:
                return None
            left[place[0]] = number
            right[place[1]] = number
        return Pin(fields, left, right)


def _machine(path: Path, parts: tuple[Part, ...], below: bool) -> Automaton:
    return whole_machine(path, below) if parts is path.parts else machine(parts, below)


def _text_at(parts: tuple[Part, ...], place: int) -> str:
    return text if parts and isinstance(text := getattr(parts[place], "text", ""), str) else ""


def _marks(labels: tuple[int, ...], places: list[dict[int, int]]) -> Marks:
    return tuple(tuple(place.get(label, -1) for place in places) for label in labels)
