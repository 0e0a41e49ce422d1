"""Frozen values as Python source, laid out as the usual formatter would.

In: dataclasses of the plan, core expressions and types. Out: source text within 120 columns. Parts that have been given
a name (:class:`Names`) are written as that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from math import isfinite
from operator import attrgetter
from typing import Any

from apwa_lang.semantics import types
from apwa_lang.semantics.types import RecordType

WIDTH = 120

_MODULES = {"apwa_lang.semantics.types": "types.", "apwa_lang.semantics.core": "core."}
_PRIMITIVES = {value: f"types.{name}" for name, value in vars(types).items() if isinstance(value, types.Primitive)}


class Names:
    """Names for record types, so that each is written once, before what uses it."""

    def __init__(self) -> None:
        self.of: dict[RecordType, str] = {}

    def collect(self, value: Any) -> None:
        """Name every record type in ``value``, inner ones first."""
        for part in parts(value):
            self.collect(part)
        if isinstance(value, RecordType) and value not in self.of:
            base = _constant_name(value.name)
            taken = set(self.of.values())
            spare = (f"{base}_{number}" for number in range(2, len(taken) + 3))
            self.of[value] = base if base not in taken else next(name for name in spare if name not in taken)

    def definitions(self) -> Iterator[tuple[str, str]]:
        """Each name with its source, in order of definition."""
        for record, name in self.of.items():
            yield name, source(record, self, len(name) + 3, named=False)


def source(value: Any, names: Names, column: int = 0, indent: int = 0, *, named: bool = True) -> str:
    """``value`` as an expression in a line that is indented by ``indent`` and holds ``column`` other characters.

    With ``named=False`` a record type is spelt out itself.
    """
    flat = _flat(value, names, named)
    if column + len(flat) <= WIDTH:
        return flat

    def nested(label: str, part: Any) -> str:
        text = source(part, names, indent + 4 + len(label) + len(","), indent + 4)
        return f"{' ' * (indent + 4)}{label}{text},\n"

    if isinstance(value, str):
        return _long_text(value, indent)
    opening, items, closing = _pieces(value, names)
    if not items:
        return flat
    return opening + "\n" + "".join(nested(label, part) for label, part in items) + " " * indent + closing


def quoted(text: str) -> str:
    """A string literal, in double quotes unless that would need escapes."""
    literal = repr(text)
    return f'"{literal[1:-1]}"' if literal[0] == "'" and '"' not in literal else literal


def _constant_name(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+", "_", words).strip("_").upper() or "RECORD"


def parts(value: Any) -> Iterator[Any]:
    """What a compound value is made of."""
    if is_dataclass(value):
        yield from (getattr(value, field.name) for field in fields(value) if field.compare)
    elif isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value


def _flat(value: Any, names: Names, named: bool = True) -> str:
    """``value`` in one line."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, types.Primitive):
        return _PRIMITIVES[value]
    if named and isinstance(value, RecordType):
        return names.of[value]
    if isinstance(value, float) and not isfinite(value):
        return f'float("{value}")'
    if not (is_dataclass(value) or isinstance(value, list | tuple | dict)):
        return repr(value)
    opening, items, closing = _pieces(value, names)
    trailing = "," if isinstance(value, tuple) and len(items) == 1 else ""
    return opening + ", ".join(label + _flat(part, names) for label, part in items) + trailing + closing


def _pieces(value: Any, names: Names) -> tuple[str, list[tuple[str, Any]], str]:
    """What opens a compound value, its labelled parts, and what closes it."""
    if isinstance(value, dict):
        return "{", [(f"{quoted(str(name))}: ", item) for name, item in value.items()], "}"
    if isinstance(value, list | tuple):
        brackets = "[]" if isinstance(value, list) else "()"
        return brackets[0], [("", item) for item in value], brackets[1]
    shown = []
    by_keyword = type(value).__module__ not in _MODULES
    for field in filter(attrgetter("compare"), fields(value)):
        item = getattr(value, field.name)
        if field.default is not MISSING:
            by_keyword = True
            if item == field.default:
                continue
        shown.append((f"{field.name}=" if by_keyword else "", item))
    return f"{_MODULES.get(type(value).__module__, '')}{type(value).__name__}(", shown, ")"


def _long_text(text: str, indent: int) -> str:
    """A text of several lines as one literal a line; a long line stays whole."""
    lines = text.splitlines(keepends=True)
    if len(lines) == 1:
        return quoted(text)
    inside = " " * (indent + 4)
    return "(\n" + "".join(f"{inside}{quoted(line)}\n" for line in lines) + " " * indent + ")"
