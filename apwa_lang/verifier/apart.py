"""Steps whose rows pass conditions that contradict each other.

In: the scopes of two steps. Out: whether no row of the one and row of the other that agree in some columns of their
table pass the conditions of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apwa_lang.verifier.declarations import Program
from apwa_lang.verifier.expressions import Named, Value
from apwa_lang.verifier.hypotheses import Hypothesis
from apwa_lang.verifier.identities import Fields, Identities, column_type
from apwa_lang.verifier.logic import contradict, renamed
from apwa_lang.verifier.origins import Origin
from apwa_lang.verifier.paths import Pieces, Shown
from apwa_lang.verifier.types import Type


@dataclass(frozen=True, eq=False)
class Source:
    """Whose rows the sub-problems of a step are made of: the record of their table, and what tells its rows apart."""

    program: Program
    origin: Origin
    row: Type
    identities: Identities


def same_row(one: Source, other: Source, equal: Fields) -> frozenset[Hypothesis] | None:
    """What it takes for granted that rows which agree in columns of their table are one; None if they may be two."""
    if one.origin.table != other.origin.table:
        return None
    return next((why for fields, why in one.identities.items() if fields <= equal), None)


def exclusive(one: Source | None, other: Source | None, equal: Fields) -> bool:
    """Whether no two rows that agree in the ``equal`` columns of their table pass the conditions of both."""
    if one is None or other is None or not (one.origin.facts and other.origin.facts):
        return False
    shared = None if same_row(one, other, equal) is not None else equal
    facts = [(fact, True) for fact in (*_tagged(one, "left", shared), *_tagged(other, "right", shared))]
    return contradict(facts, lambda value: _type(value, one, other))


def common_columns(one: Source, other: Source, left: Pieces, right: Pieces) -> dict[str, tuple[int, int]]:
    """The columns of one table that both paths show, kept apart, each with the first pieces that do."""
    places: dict[str, tuple[int, int]] = {}
    if one.origin.table != other.origin.table:
        return places
    for number, piece in enumerate(left):
        if not isinstance(piece, Shown) or not piece.tells_apart:
            continue
        base = one.origin.base_of(piece.name)
        for there, match in enumerate(right):
            if not isinstance(match, Shown) or not match.tells_apart or match.filters != piece.filters:
                continue
            if base is not None and "." not in base and other.origin.base_of(match.name) == base:
                places.setdefault(base, (number, there))
    return places


def _tagged(source: Source, side: str, shared: Fields | None) -> Iterator[Value]:
    """The conditions of one side. What its names mean is another value on the other side, unless it is shared."""
    for fact in source.origin.facts:
        if shared is None:
            yield fact
            continue
        found = renamed(fact, lambda path: Named(path if path[0] in shared else (f"{side} {path[0]}", *path[1:])))
        assert found is not None
        yield found


def _type(value: Value, one: Source, other: Source) -> Type:
    match value:
        case Named((first, *rest)):
            side, _, name = first.rpartition(" ")
            source = other if side == "right" else one
            return column_type(Named((name, *rest)), source.row, source.program)
        case _:
            return column_type(value, one.row, one.program)
