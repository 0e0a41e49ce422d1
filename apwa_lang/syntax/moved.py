"""Trees of text that stands elsewhere.

In: a tree, and where its text stands now. Out: the same tree with the places that a parser would give it there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from apwa_lang.syntax.nodes import Node, StringLiteral
from apwa_lang.syntax.source import Source, Span

N = TypeVar("N", bound=Node)

# Types of fields that hold no place; annotations are texts.
_PLAIN = frozenset(["str", "int", "float", "bool", "timedelta"])


def moved(node: N, source: Source, distance: int) -> N:
    """``node`` as it is read from ``source``, where its text stands ``distance`` characters further on."""

    def move(value: Any) -> Any:
        kind = value.__class__
        if kind is tuple:
            return tuple([move(item) for item in value])
        if kind is Span:
            made = new(Span)
            _source(made, source)
            _start(made, value.start + distance)
            _end(made, value.end + distance)
            return made
        if not isinstance(value, Node):
            return value
        made = new(kind)
        for read, write, plain in _slots(kind):
            write(made, read(value) if plain else move(read(value)))
        if distance and isinstance(value, StringLiteral):
            _set_offsets(made, tuple([offset + distance for offset in value.offsets]))
        return made

    result: N = move(node)
    return result


Slot = tuple[Callable[[Any], Any], Callable[[Any, Any], None], bool]

new: Callable[[type[Any]], Any] = object.__new__
_source, _start, _end = (getattr(Span, name).__set__ for name in ("source", "start", "end"))
_set_offsets = vars(StringLiteral)["offsets"].__set__


@cache
def _slots(kind: type[Node]) -> tuple[Slot, ...]:
    """How each field is read and written, past the setters of a frozen class, and whether it holds no place."""
    found = []
    for field in fields(kind):
        slot = getattr(kind, field.name)
        plain = field.type in _PLAIN or (kind is StringLiteral and field.name == "offsets")
        found.append((slot.__get__, slot.__set__, plain))
    return tuple(found)
