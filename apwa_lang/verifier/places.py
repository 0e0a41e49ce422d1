"""Expressions over characters, and the places in them.

In: an expression. Out: its places in reading order, numbered from 1 (0 stands before the first), with what each reads,
which part of a path it belongs to, and which places may follow it: the position automaton of Glushkov.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from apwa_lang.verifier.letters import Letters, only

MOST_PLACES = 2_000


class TooManyPlacesError(Exception):
    """The expression has more places than a proof may use."""


@dataclass(frozen=True, slots=True)
class One:
    """One character of a set."""

    letters: Letters


@dataclass(frozen=True, slots=True)
class Row:
    """One after the other; without items, the empty text."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """One of the items; without items, no text at all."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """``least`` to ``most`` times, None for any number. An item that may be empty needs no least."""

    item: Expression
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Filled:
    """The texts of the item that are not empty."""

    item: Expression


@dataclass(frozen=True, slots=True)
class Part:
    """The item, as part ``number`` of a path."""

    item: Expression
    number: int


Expression = One | Row | Any | Times | Filled | Part

EMPTY = Row(())


def text(value: str) -> Expression:
    """Just this text."""
    return Row(tuple(One(only(letter)) for letter in value))


def perhaps(item: Expression) -> Expression:
    """The item or nothing."""
    return Times(item, 0, 1)


def many(letters: Letters) -> Expression:
    """One or more characters of the set."""
    return Times(One(letters), 1, None)


@dataclass(slots=True)
class Places:
    """The places of one expression. ``reads[0]``, ``parts[0]`` stand for the start, where nothing is read."""

    reads: list[Letters] = field(default_factory=lambda: [()])
    parts: list[int] = field(default_factory=lambda: [-1])
    after: list[set[int]] = field(default_factory=lambda: [set()])
    ends: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is known of an expression whose places are laid out: where it starts and stops, whether it may be empty."""

    starts: frozenset[int] = frozenset()
    stops: frozenset[int] = frozenset()
    empty: bool = True


def places(expression: Expression) -> Places:
    """Lay the expression out. Raises :class:`TooManyPlacesError`."""
    laid = Places()
    piece = _lay(expression, -1, laid)
    laid.after[0] |= piece.starts
    laid.ends = piece.stops | ({0} if piece.empty else set())
    return laid


def _lay(expression: Expression, part: int, laid: Places) -> _Piece:
    match expression:
        case One(letters):
            number = len(laid.reads)
            if number > MOST_PLACES:
                raise TooManyPlacesError
            laid.reads.append(letters)
            laid.parts.append(part)
            laid.after.append(set())
            return _Piece(frozenset({number}), frozenset({number}), False)
        case Row(items):
            whole = _Piece()
            for item in items:
                whole = _then(whole, _lay(item, part, laid), laid)
            return whole
        case Any(items):
            pieces = [_lay(item, part, laid) for item in items]
            return _Piece(
                frozenset().union(*(piece.starts for piece in pieces)),
                frozenset().union(*(piece.stops for piece in pieces)),
                any(piece.empty for piece in pieces),
            )
        case Times():
            return _times(expression, part, laid)
        case Filled(item):
            piece = _lay(item, part, laid)
            return _Piece(piece.starts, piece.stops, False)
        case Part(item, number):
            return _lay(item, number, laid)


def _then(one: _Piece, other: _Piece, laid: Places) -> _Piece:
    for stop in one.stops:
        laid.after[stop] |= other.starts
    return _Piece(
        one.starts | other.starts if one.empty else one.starts,
        one.stops | other.stops if other.empty else other.stops,
        one.empty and other.empty,
    )


def _times(expression: Times, part: int, laid: Places) -> _Piece:
    """The copies of a repeated item. One that no text can start is laid out once."""
    most = expression.most
    if most == 0:
        return _Piece()
    first = _lay(expression.item, part, laid)
    least = 0 if first.empty else expression.least
    if not first.starts:
        return _Piece(empty=least == 0)
    copies = [first]
    while len(copies) < (max(least, 1) if most is None else most):
        copies.append(_lay(expression.item, part, laid))
        for stop in copies[-2].stops:
            laid.after[stop] |= copies[-1].starts
    if most is None:
        for stop in copies[-1].stops:
            laid.after[stop] |= copies[-1].starts
    stops = frozenset().union(*(copy.stops for copy in copies[max(least, 1) - 1 :]))
    return _Piece(first.starts, stops, least == 0)
