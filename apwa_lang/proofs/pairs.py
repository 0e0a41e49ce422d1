"""Two accesses that must not meet, and what the rules ask about them.

In: two accesses of one flow. Out: their paths below one root, the identities that both paths may carry, and the joint
search, each worked out when a rule first asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from apwa_lang.proofs.accesses import Access
from apwa_lang.proofs.casing import folded_automaton, folded_text
from apwa_lang.proofs.claims import Backing, Evidence, Hypothesis, Verdict, Witness
from apwa_lang.proofs.conditions import contradict, renamed
from apwa_lang.proofs.lineage import PARAMS, Fields
from apwa_lang.proofs.linear import line, never_equal
from apwa_lang.proofs.parts import Part, Slot
from apwa_lang.proofs.paths import Aligned, Path, aligned, machine, whole_machine
from apwa_lang.proofs.regex import EMPTY, Automaton, TooLargeError, automaton
from apwa_lang.proofs.search import Marks, Search, search
from apwa_lang.semantics.core import Core, Var

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
    """Fields that both paths show, with the number of the part that shows each, on either side.

    Equal values of the fields mean the same sub-problem; of two steps, that there is no such sub-problem: no row passes
    the conditions of both. With ``places`` there are no fields: the numbers that stand there are never equal.
    """

    fields: Fields
    left: dict[int, int]
    right: dict[int, int]
    hypotheses: tuple[Hypothesis, ...]
    places: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Pair:
    """``separate`` when the claim is about two sub-problems of one step; ``ordered`` when the flow parts the steps.

    ``base`` are the components of the program's folder, where it is known; ``folded`` when file names do not tell upper
    from lower case.
    """

    left: Access
    right: Access
    separate: bool
    ordered: bool
    base: tuple[str, ...] | None
    folded: bool = False

    def cased(self, text: str) -> str:
        """A path as it is compared."""
        return folded_text(text) if self.folded else text

    @property
    def has_tree(self) -> bool:
        """Whether a whole tree is touched."""
        return self.left.path.tree or self.right.path.tree

    @property
    def comparable(self) -> bool:
        """Whether the languages of the paths hold every text: a hole of a URL, unlike one of a path, may hold ``/``."""
        slots = (*self.left.path.slots, *self.right.path.slots)
        return not self.left.on_network or all(slot.without_slash for slot in slots)

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
        start, other_start = self.cased(_text_at(left, 0)), self.cased(_text_at(right, 0))
        if not (start.startswith(other_start) or other_start.startswith(start)):
            return True
        if self.has_tree:
            return False
        end, other_end = self.cased(_text_at(left, -1)), self.cased(_text_at(right, -1))
        return not (end.endswith(other_end) or other_end.endswith(end))

    @cached_property
    def pins(self) -> tuple[Pin, ...]:
        """The identities of which both paths show each field, in a form that keeps its values apart."""
        if self.separate:
            found = (self._pin(fields) for fields in self.left.scope.identities)
            by_fields = tuple(pin for pin in found if pin is not None)
        else:
            by_fields = self._pins_of_conditions()
        return (*by_fields[:_MOST_IDENTITIES], *islice(self._pins_of_numbers(), _MOST_IDENTITIES))

    def _pins_of_numbers(self) -> Iterator[Pin]:
        """Numbers that both paths show, calculated such that they are never equal."""
        for place, part in enumerate(self.paths.left):
            one = line(part.field, part.filters) if isinstance(part, Slot) and part.origin == "field" else None
            for place_there, match in enumerate(self.paths.right):
                if one is None or not isinstance(match, Slot) or match.origin != "field":
                    continue
                other = line(match.field, match.filters)
                same = self.separate and isinstance(part, Slot) and part.key == match.key
                same = same and frozenset([match.key]) in self.left.scope.identities
                if other is not None and never_equal(one, other, same):
                    why = self.left.scope.identities[frozenset([match.key])] if same else ()
                    yield Pin(frozenset(), {place: 0}, {place_there: 0}, why, ((place, place_there),))

    @cached_property
    def exclusive(self) -> bool:
        """Whether the conditions on the rows of both steps cannot hold together, whatever the rows."""
        return not self.separate and self._contradict(frozenset())

    def _pins_of_conditions(self) -> tuple[Pin, ...]:
        """Fields of the rows that both steps are about, which cannot be equal under the conditions of both."""
        places = self._places_of_common_fields()
        sets = [*(frozenset([name]) for name in places), *([frozenset(places)] if len(places) > 1 else [])]
        return tuple(self._joined(fields, places) for fields in sets if self._contradict(fields))[:_MOST_IDENTITIES]

    def _places_of_common_fields(self) -> dict[str, tuple[int, int]]:
        """Where each path shows a field of the rows that both steps are about, by the name it has there."""
        one, other = self.left.scope.source, self.right.scope.source
        places: dict[str, tuple[int, int]] = {}
        if one is None or other is None or one.base != other.base:
            return places
        for place, part in enumerate(self.paths.left):
            if not isinstance(part, Slot) or not self._tells_apart(part):
                continue
            base = one.base_of(part.key)
            for place_there, match in enumerate(self.paths.right):
                if not isinstance(match, Slot) or not self._tells_apart(match) or match.filters != part.filters:
                    continue
                if base is not None and "." not in base and other.base_of(match.key) == base:
                    places.setdefault(base, (place, place_there))
        return places

    def _joined(self, fields: Fields, places: dict[str, tuple[int, int]]) -> Pin:
        chosen = [(number, *places[name]) for number, name in enumerate(sorted(fields))]
        left = {place: number for number, place, _ in chosen}
        right = {place: number for number, _, place in chosen}
        return Pin(fields, left, right, self._same_row(fields) or ())

    def _contradict(self, equal: Fields) -> bool:
        """Whether no two rows that agree in the ``equal`` fields of their base pass the conditions of both sides."""
        one, other = self.left.scope.source, self.right.scope.source
        if one is None or other is None or not (one.conditions and other.conditions):
            return False
        shared = None if self._same_row(equal) is not None else {*equal, PARAMS}
        left = [(_of_side(core, "left", shared), expected) for core, expected in one.conditions]
        right = [(_of_side(core, "right", shared), expected) for core, expected in other.conditions]
        return contradict((*left, *right))

    def _same_row(self, equal: Fields) -> tuple[Hypothesis, ...] | None:
        """Why rows that agree in the ``equal`` fields of their base are one row, or None if they may be two."""
        one, other = self.left.scope.source, self.right.scope.source
        if one is None or other is None or one.base != other.base:
            return None
        return next((why for fields, why in one.identities.items() if fields <= equal), None)

    @cached_property
    def search(self) -> Search:
        """Every way in which the two paths can be one; bit ``k`` of ``differing`` is about ``pins[k]``."""
        # With a tree, a path above it is as bad as one below: both sides may go on.
        try:
            left = _machine(self.left.path, self.paths.left, self.has_tree)
            right = _machine(self.right.path, self.paths.right, self.has_tree)
        except TooLargeError:
            return Search(automaton(EMPTY), automaton(EMPTY), complete=False)
        if self.folded:
            left, right = folded_automaton(left), folded_automaton(right)
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
        if self.left.on_network:
            return ()
        slots = [*self.left.path.slots, *self.right.path.slots]
        return (*((VALUES,) if slots else ()), *(() if self.folded else (CASE,)), LINKS)

    def _tells_apart(self, slot: Slot) -> bool:
        """Whether two values of the field never give one text, as paths are compared."""
        return slot.tells_apart and (not self.folded or slot.in_one_case)

    def _pin(self, fields: Fields) -> Pin | None:
        left: dict[int, int] = {}
        right: dict[int, int] = {}
        for number, field in enumerate(sorted(fields)):
            place = next(
                (
                    (one, other)
                    for one, part in enumerate(self.paths.left)
                    if isinstance(part, Slot) and self._tells_apart(part) and part.key == field
                    for other, match in enumerate(self.paths.right)
                    if part.same_as(match)
                ),
                None,
            )
            if place is None:
                return None
            left[place[0]] = number
            right[place[1]] = number
        return Pin(fields, left, right, self.left.scope.identities[fields])


def _of_side(core: Core, side: str, shared: set[str] | None) -> Core:
    """A condition on the row of one side; with ``shared`` None, both sides have the same row."""
    return renamed(core, lambda name: Var(name if shared is None or name in shared else f"{side} {name}"))


def _machine(path: Path, parts: tuple[Part, ...], below: bool) -> Automaton:
    return whole_machine(path, below) if parts is path.parts else machine(parts, below)


def _text_at(parts: tuple[Part, ...], place: int) -> str:
    return text if parts and isinstance(text := getattr(parts[place], "text", ""), str) else ""


def _marks(labels: tuple[int, ...], places: list[dict[int, int]]) -> Marks:
    return tuple(tuple(place.get(label, -1) for place in places) for label in labels)
