"""Regular expressions as trees, and their position automata.

In: a tree over character sets. Out: an automaton without empty moves (Glushkov 1961): state 0 is the start, each other
state is one place of the expression where one character is read. Places carry the label of the part that they stand in.
"""

from __future__ import annotations

from dataclasses import dataclass

from apwa_lang.proofs.charset import Ranges, chars, normal

MAX_STATES = 2_000


class TooLargeError(Exception):
    """The expression has more places than the search should look at."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of the set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Concat:
    """One after the other; without items, the empty word."""

    items: tuple[Regex, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of the items; without items, no word at all."""

    items: tuple[Regex, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``least`` up to ``most`` times; ``most`` None for any number."""

    item: Regex
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class NonEmpty:
    """The words of the item other than the empty one."""

    item: Regex


@dataclass(frozen=True, slots=True)
class Labelled:
    """The item, with its places labelled."""

    item: Regex
    label: int


Regex = Chars | Concat | Either | Repeat | NonEmpty | Labelled

EMPTY = Concat(())


def word(text: str) -> Regex:
    """Just this text."""
    return Concat(tuple(Chars(chars(char)) for char in text))


def optional(item: Regex) -> Regex:
    """The item or nothing."""
    return Repeat(item, 0, 1)


def some(ranges: Ranges) -> Regex:
    """One or more characters of the set."""
    return Repeat(Chars(ranges), 1, None)


def nullable(node: Regex) -> bool:
    """Whether the empty word matches."""
    match node:
        case Chars() | NonEmpty():
            return False
        case Concat(items):
            return all(map(nullable, items))
        case Either(items):
            return any(map(nullable, items))
        case Repeat(item, least, _):
            return least == 0 or nullable(item)
        case Labelled(item, _):
            return nullable(item)


def letters(node: Regex) -> Ranges:
    """Every character that stands in some place of ``node``."""
    match node:
        case Chars(ranges):
            return ranges
        case Concat(items) | Either(items):
            return normal(each for item in items for each in letters(item))
        case Repeat(item, _, most):
            return letters(item) if most != 0 else ()
        case NonEmpty(item) | Labelled(item):
            return letters(item)


def longest(node: Regex) -> int | None:
    """The length of a longest word, or more; None where there is no limit."""
    match node:
        case Chars():
            return 1
        case Concat(items):
            lengths = [longest(item) for item in items]
            return None if None in lengths else sum(length or 0 for length in lengths)
        case Either(items):
            lengths = [longest(item) for item in items]
            return None if None in lengths else max((length or 0 for length in lengths), default=0)
        case Repeat(item, _, most):
            length = longest(item)
            return None if length is None or most is None else length * most
        case NonEmpty(item) | Labelled(item):
            return longest(item)


def shortest(node: Regex) -> int:
    """The length of a shortest word, or less."""
    match node:
        case Chars():
            return 1
        case Concat(items):
            return sum(map(shortest, items))
        case Either(items):
            return min(map(shortest, items), default=0)
        case Repeat(item, least, _):
            return shortest(item) * least
        case NonEmpty(item):
            return max(shortest(item), 1)
        case Labelled(item):
            return shortest(item)


@dataclass(frozen=True, eq=False, slots=True)
class Automaton:
    """``letters[s]`` is what state ``s`` reads, ``labels[s]`` its label or -1, ``follow[s]`` what may come next."""

    letters: tuple[Ranges, ...]
    labels: tuple[int, ...]
    follow: tuple[tuple[int, ...], ...]
    accepting: frozenset[int]


def automaton(node: Regex) -> Automaton:
    """The position automaton of ``node``. Raises :class:`TooLargeError`."""
    builder = _Builder()
    first, last = builder.build(node, -1)
    builder.follow[0] = first
    accepting = frozenset(last) | ({0} if nullable(node) else set())
    return Automaton(
        tuple(builder.letters),
        tuple(builder.labels),
        tuple(tuple(dict.fromkeys(states)) for states in builder.follow),
        accepting,
    )


class _Builder:
    def __init__(self) -> None:
        self.letters: list[Ranges] = [()]
        self.labels: list[int] = [-1]
        self.follow: list[list[int]] = [[]]

    def build(self, node: Regex, label: int) -> tuple[list[int], list[int]]:
        """The first and last places of the non-empty words of ``node``."""
        match node:
            case Chars(ranges):
                if len(self.letters) > MAX_STATES:
                    raise TooLargeError
                self.letters.append(ranges)
                self.labels.append(label)
                self.follow.append([])
                return [len(self.letters) - 1], [len(self.letters) - 1]
            case Concat(items):
                return self._concat(items, label)
            case Either(items):
                parts = [self.build(item, label) for item in items]
                return [s for first, _ in parts for s in first], [s for _, last in parts for s in last]
            case Repeat(item, least, most):
                return self._repeat(item, 0 if nullable(item) else least, most, label)
            case NonEmpty(item):
                return self.build(item, label)
            case Labelled(item, inner):
                return self.build(item, inner)

    def _concat(self, items: tuple[Regex, ...], label: int) -> tuple[list[int], list[int]]:
        first: list[int] = []
        last: list[int] = []
        starting = True
        for item in items:
            item_first, item_last = self.build(item, label)
            self._join(last, item_first)
            if starting:
                first = first + item_first
            skippable = nullable(item)
            starting = starting and skippable
            last = last + item_last if skippable else item_last
        return first, last

    def _repeat(self, item: Regex, least: int, most: int | None, label: int) -> tuple[list[int], list[int]]:
        first: list[int] = []
        last: list[int] = []
        previous: list[int] = []
        copies = max(least, 1) if most is None else most
        for number in range(1, copies + 1):
            item_first, item_last = self.build(item, label)
            if not item_first:
                break
            self._join(previous, item_first)
            if number == 1:
                first = item_first
            if number >= least:
                last = last + item_last
            previous = item_last
            if most is None and number == copies:
                self._join(item_last, item_first)
        return first, last

    def _join(self, sources: list[int], targets: list[int]) -> None:
        for source in sources:
            self.follow[source].extend(targets)
