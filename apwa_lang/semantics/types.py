"""Types as values: frozen, comparable, free of syntax.

In: nothing. Out: what the checker assigns to expressions, what plans carry, and what the runtime turns into Pydantic
models, Arrow schemas and JSON schemas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Literal

from apwa_lang.semantics.uses import Declaration

PrimitiveName = Literal[
    "str",
    "int",
    "float",
    "bool",
    "bytes",
    "date",
    "datetime",
    "duration",
    "uuid",
    "json",
    "file",
    "image",
    "audio",
    "null",
]


@dataclass(frozen=True, slots=True)
class Primitive:
    """A type without parts."""

    name: PrimitiveName

    def __str__(self) -> str:
        return self.name


STR = Primitive("str")
INT = Primitive("int")
FLOAT = Primitive("float")
BOOL = Primitive("bool")
BYTES = Primitive("bytes")
DATE = Primitive("date")
DATETIME = Primitive("datetime")
DURATION = Primitive("duration")
UUID = Primitive("uuid")
JSON = Primitive("json")
FILE = Primitive("file")
IMAGE = Primitive("image")
AUDIO = Primitive("audio")
NULL = Primitive("null")

DOCS: Mapping[str, str] = {
    "str": "A text.",
    "int": "A whole number of 64 bits.",
    "float": "A number of 64 bits.",
    "bool": "`true` or `false`.",
    "bytes": "Bytes.",
    "date": "A day, written as `2026-11-28`.",
    "datetime": "A moment, written as `2026-11-28T09:30:00Z`.",
    "duration": "A length of time, such as `30s`.",
    "uuid": "A UUID.",
    "json": "Any JSON value.",
    "file": "The path of a file, which a prompt shows as a document.",
    "image": "The path of an image, which a prompt shows.",
    "audio": "The path of a sound, which a prompt shows.",
}
"""What each primitive type holds."""

PRIMITIVES: dict[str, Primitive] = {
    primitive.name: primitive
    for primitive in (STR, INT, FLOAT, BOOL, BYTES, DATE, DATETIME, DURATION, UUID, JSON, FILE, IMAGE, AUDIO)
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """The type of what has already been reported; compatible with everything, so one mistake is told once."""

    def __str__(self) -> str:
        return "unknown"


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class ListOf:
    """``list[T]``."""

    item: Type

    def __str__(self) -> str:
        return f"list[{self.item}]"


@dataclass(frozen=True, slots=True)
class MapOf:
    """``map[str, T]``."""

    value: Type

    def __str__(self) -> str:
        return f"map[str, {self.value}]"


@dataclass(frozen=True, slots=True)
class Optional:
    """``T?``; never nested."""

    inner: Type

    def __str__(self) -> str:
        return f"({self.inner})?" if isinstance(self.inner, Choice | Union) else f"{self.inner}?"


@dataclass(frozen=True, slots=True)
class Choice:
    """``"a" | "b"``: one of these strings."""

    values: tuple[str, ...]

    def __str__(self) -> str:
        return " | ".join(f'"{value}"' for value in self.values)


@dataclass(frozen=True, slots=True)
class Union:
    """``A | B`` over records, told apart in data by a ``kind`` of the record's name."""

    members: tuple[RecordType, ...]

    def __str__(self) -> str:
        return " | ".join(str(member) for member in self.members)


@dataclass(frozen=True, slots=True)
class Tensor:
    """``tensor[f32, 384]``."""

    dtype: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"tensor[{', '.join((self.dtype, *map(str, self.shape)))}]"


@dataclass(frozen=True, slots=True)
class Default:
    """A field's default: a JSON-able value."""

    value: object


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record. ``minimum`` and ``maximum`` are inclusive.

    ``declared`` is where its name comes from, None where no program says it; it is no part of the type.
    """

    name: str
    type: Type
    key: bool = False
    unique: bool = False
    secret: bool = False
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    description: str = ""
    default: Default | None = None
    declared: Declaration | None = attribute(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RecordType:
    """A record. Structural records made by ``select`` or a split have a name of their own in angle brackets.

    ``declared`` is the declaration of its name, if it has one; it is no part of the type.
    """

    name: str
    fields: tuple[Field, ...]
    description: str = ""
    declared: Declaration | None = attribute(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.name

    def field(self, name: str) -> Field | None:
        """The field of that name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def keys(self) -> tuple[Field, ...]:
        """The fields that together identify a row; empty when the row's ordinal does."""
        return tuple(field for field in self.fields if field.key)


@dataclass(frozen=True, slots=True)
class TableOf:
    """``table[R]``, only in flows."""

    record: RecordType

    def __str__(self) -> str:
        return f"table[{self.record}]"


Type = Primitive | Unknown | ListOf | MapOf | Optional | Choice | Union | Tensor | RecordType | TableOf


def parts(type: Type) -> Iterator[Type]:
    """The types directly inside ``type``."""
    match type:
        case ListOf(item):
            yield item
        case MapOf(value):
            yield value
        case Optional(inner):
            yield inner
        case Union(members):
            yield from members
        case RecordType(fields=fields):
            yield from (field.type for field in fields)
        case TableOf(record):
            yield record
        case _:
            return


def holds_secret(type: Type) -> bool:
    """Whether a value of ``type`` may hold what lies in a ``@secret`` field."""
    if isinstance(type, RecordType) and any(field.secret for field in type.fields):
        return True
    return any(map(holds_secret, parts(type)))


def open_fields(record: RecordType) -> tuple[Field, ...]:
    """The fields that hold nothing secret."""
    return tuple(field for field in record.fields if not field.secret and not holds_secret(field.type))


def assignable(source: Type, target: Type) -> bool:
    """Whether a value of ``source`` may stand where ``target`` is asked for (records compare by name and fields)."""
    if isinstance(source, Unknown) or isinstance(target, Unknown) or source == target or target == JSON:
        return True
    match source, target:
        case (Optional(inner), Optional(wanted)):
            return assignable(inner, wanted)
        case (_, Optional(wanted)):
            return source == NULL or assignable(source, wanted)
        case (Primitive("int"), Primitive("float")):
            return True
        case (Choice(), Primitive("str")):
            return True
        case (Choice(values), Choice(allowed)):
            return set(values) <= set(allowed)
        case (RecordType(), Union(members)):
            return any(assignable(source, member) for member in members)
        case (Union(members), Union()):
            return all(assignable(member, target) for member in members)
        case (ListOf(item), ListOf(wanted)):
            return assignable(item, wanted)
        case (MapOf(value), MapOf(wanted)):
            return assignable(value, wanted)
        case (TableOf(record), ListOf(wanted) | TableOf(wanted)):
            return assignable(record, wanted)
        case (RecordType(), RecordType()):
            return all(
                (given := source.field(field.name)) is not None and assignable(given.type, field.type)
                if field.default is None and not isinstance(field.type, Optional)
                else (given := source.field(field.name)) is None or assignable(given.type, field.type)
                for field in target.fields
            )
        case _:
            return False
