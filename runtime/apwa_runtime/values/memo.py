"""Remember what was built for a type.

In: a function of one type. Out: the same function, built once for each type. Types may hold unhashable defaults, and
workers unpickle equal types again and again, so a type is looked up by identity first and then by its text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from apwa_lang.semantics.types import Type

T = TypeVar("T", bound=Type)
V = TypeVar("V")

_LIMIT = 1024


def memo(build: Callable[[T], V]) -> Callable[[T], V]:
    """``build`` with a bounded memory."""
    by_identity: dict[int, tuple[T, V]] = {}
    by_text: dict[str, V] = {}

    def remembered(type: T) -> V:
        entry = by_identity.get(id(type))
        if entry is not None and entry[0] is type:
            return entry[1]
        text = repr(type)
        if text not in by_text:
            if len(by_text) >= _LIMIT:
                by_text.clear()
            by_text[text] = build(type)
        if len(by_identity) >= _LIMIT:
            by_identity.clear()
        by_identity[id(type)] = (type, by_text[text])
        return by_text[text]

    return remembered
