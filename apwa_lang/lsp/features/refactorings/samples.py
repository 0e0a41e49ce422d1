"""A value of a type, as it is written in a program.

In: a type. Out: the text of a value that the type allows, None where no text can say one.
"""

from __future__ import annotations

from apwa_lang.semantics.types import (
    Choice,
    Field,
    ListOf,
    MapOf,
    Optional,
    Primitive,
    RecordType,
    Type,
    Union,
)

_PRIMITIVES = {
    "str": '"text"',
    "int": "1",
    "float": "1.0",
    "bool": "true",
    "date": '"2026-01-31"',
    "datetime": '"2026-01-31T09:30:00Z"',
    "duration": "1m",
    "uuid": '"00000000-0000-4000-8000-000000000000"',
    "json": "{}",
    "file": '"file.txt"',
    "image": '"image.png"',
    "audio": '"sound.wav"',
}


def sample(type: Type, *, bare: bool = False, field: Field | None = None) -> str | None:
    """A value; of a record without its name where it is ``bare``. ``field`` may say which numbers are allowed."""
    match type:
        case Primitive(name):
            if name in ("int", "float") and field is not None and field.minimum is not None:
                return repr(type_of(name)(field.minimum))
            return _PRIMITIVES.get(name)
        case Choice(values):
            return f'"{values[0]}"'
        case Optional():
            return "null"
        case ListOf(item):
            inner = sample(item, bare=bare)
            return None if inner is None else f"[{inner}]"
        case MapOf():
            return "{}"
        case Union(members):
            return sample(members[0])
        case RecordType(name, fields):
            given = {one.name: sample(one.type, bare=bare, field=one) for one in fields if _is_needed(one)}
            if None in given.values():
                return None
            entries = ", ".join(f"{key}: {value}" for key, value in given.items())
            braces = f"{{ {entries} }}" if entries else "{}"
            return braces if bare or name.startswith("<") else f"{name} {braces}"
        case _:
            return None


def type_of(name: str) -> type[int] | type[float]:
    """The Python type of a number."""
    return int if name == "int" else float


def _is_needed(field: Field) -> bool:
    return field.default is None and not isinstance(field.type, Optional)
