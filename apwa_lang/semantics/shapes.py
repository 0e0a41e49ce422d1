"""Records that statements of a flow make: their fields, and which of them still tell rows apart.

In: records and checked expressions. Out: records of results.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from apwa_lang.semantics.attributes import is_keyable
from apwa_lang.semantics.core import Core, GetField, Var
from apwa_lang.semantics.types import Field, RecordType, Type, Unknown

VALUE = "value"


def row_record(result: Type) -> RecordType | None:
    """The record of a row that holds a task's result: the result itself, or one field ``value``; None if unknown."""
    if isinstance(result, RecordType):
        return result
    return None if isinstance(result, Unknown) else RecordType(f"<{result}>", (Field(VALUE, result),))


def path_of(core: Core) -> tuple[str, ...]:
    """``("row", "id")`` for a chain of field accesses, () for any other expression."""
    match core:
        case Var(name):
            return (name,)
        case GetField(base, field, False):
            inside = path_of(base)
            return (*inside, field) if inside else ()
        case _:
            return ()


def origin(core: Core, record: RecordType) -> Field | None:
    """The field of ``record``, or of a record in it, that an expression copies."""
    path = path_of(core)
    at: Type = record
    found: Field | None = None
    for name in path:
        found = at.field(name) if isinstance(at, RecordType) else None
        if found is None:
            return None
        at = found.type
    return found


def without_keys(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields with nothing said about which tell rows apart."""
    return tuple(replace(field, key=False, unique=False) for field in fields)


def keyed(fields: Sequence[Field], keys: Iterable[str]) -> tuple[Field, ...]:
    """The fields with exactly ``keys`` as key, provided that all are there and may be keys; else with none."""
    wanted = set(keys)
    there = {field.name for field in fields if field.name in wanted and is_keyable(field.type)}
    sound = bool(wanted) and there == wanted
    return tuple(replace(field, key=sound and field.name in wanted) for field in fields)


def renamed_keys(keys: Iterable[str], made: Mapping[str, Core]) -> tuple[str, ...]:
    """The names under which ``made`` copies each of the dotted ``keys``; () when one is not copied."""
    copies = {".".join(path_of(core)): name for name, core in reversed(list(made.items()))}
    names = [copies.get(key) for key in keys]
    return tuple(name for name in names if name is not None) if None not in names else ()


def difference(left: RecordType, right: RecordType) -> str | None:
    """In words, how the fields of two records differ; None where they are the same."""
    for field in left.fields:
        other = right.field(field.name)
        if other is None:
            return f"only one has `{field.name}`"
        if other.type != field.type and not isinstance(other.type, Unknown) and not isinstance(field.type, Unknown):
            return f"`{field.name}` is `{field.type}` in one and `{other.type}` in the other"
    extra = next((field.name for field in right.fields if left.field(field.name) is None), None)
    return None if extra is None else f"only one has `{extra}`"


def common(records: Sequence[RecordType], name: str, *, keep_keys: bool) -> RecordType:
    """One record for rows of all ``records``, which have the same fields; what only some say of a field is dropped."""
    first, *others = records
    if all(other == first for other in others) and (keep_keys or not any(f.key or f.unique for f in first.fields)):
        return first
    fields = []
    for field in first.fields:
        for record in others:
            other = record.field(field.name)
            if other is not None:
                field = _agreed(field, other)
        fields.append(field)
    return RecordType(f"<{name}>", tuple(fields) if keep_keys else without_keys(fields))


def _agreed(field: Field, other: Field) -> Field:
    return replace(
        field,
        key=field.key and other.key,
        unique=field.unique and other.unique,
        secret=field.secret or other.secret,
        pattern=field.pattern if field.pattern == other.pattern else None,
        minimum=field.minimum if field.minimum == other.minimum else None,
        maximum=field.maximum if field.maximum == other.maximum else None,
        default=field.default if field.default == other.default else None,
    )
