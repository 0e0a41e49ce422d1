"""Checked expressions: names resolved, types known, sugar gone, free of syntax.

In: what the expression checker accepted. Out: what plans carry and the runtime compiles to Python.
"""

from __future__ import annotations

from dataclasses import dataclass

from apwa_lang.semantics.types import RecordType, Type


@dataclass(frozen=True, slots=True)
class Const:
    """A constant. ``value`` is JSON-able: dates and durations as ISO strings, bytes as base64, by ``type``."""

    value: object
    type: Type


@dataclass(frozen=True, slots=True)
class Var:
    """A task argument, a sub-problem field, a program parameter or ``result``."""

    name: str


@dataclass(frozen=True, slots=True)
class GetField:
    """``base.field``; with ``each`` the base is a list of records and the result the list of that field."""

    base: Core
    field: str
    each: bool = False


@dataclass(frozen=True, slots=True)
class GetItem:
    """``base[index]`` of a list, map, string or json value."""

    base: Core
    index: Core


@dataclass(frozen=True, slots=True)
class Apply:
    """A built-in function or operator: ``+ - * / // % neg not and or == != < <= > >= in``, or a name of builtins.py."""

    function: str
    arguments: tuple[Core, ...]


@dataclass(frozen=True, slots=True)
class MakeList:
    """``[a, b]``."""

    items: tuple[Core, ...]


@dataclass(frozen=True, slots=True)
class MakeRecord:
    """``{ a: 1 }`` or ``Name { a: 1 }``; the type is known either way."""

    type: RecordType
    fields: tuple[tuple[str, Core], ...]


@dataclass(frozen=True, slots=True)
class MakeMap:
    """``{ a: 1 }`` where a ``map[str, T]`` or ``json`` is asked for."""

    entries: tuple[tuple[str, Core], ...]


Core = Const | Var | GetField | GetItem | Apply | MakeList | MakeRecord | MakeMap
