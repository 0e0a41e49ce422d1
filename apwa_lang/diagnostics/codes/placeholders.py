"""A value of a type, for a person to put another in its place.

In: a type. Out: how its simplest value is written, or None where none is simple.
"""

from __future__ import annotations

from apwa_lang.semantics.types import Choice, ListOf, MapOf, Optional, Type

_PLAIN = {"str": '""', "int": "0", "float": "0.0", "bool": "false", "duration": "1s", "json": "null", "file": '""'}


def placeholder(type: Type) -> str | None:
    """The simplest value of ``type``, as a program writes it."""
    match type:
        case Optional():
            return "null"
        case Choice(values):
            return f'"{values[0]}"' if values[0].isprintable() and not {'"', "\\"} & set(values[0]) else None
        case ListOf():
            return "[]"
        case MapOf():
            return "{}"
        case _:
            return _PLAIN.get(str(type))
