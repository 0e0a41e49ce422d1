"""Keys identify rows: no two rows of a table may have the same.

In: the rows of a table as they are read. Out: the first two rows with the same key, if there are any. Of each key only
64 bits are kept, a whole number itself and a hash of anything else. Where some come again, the table is read once more
to find the rows that have them, or none, if the hashes only happen to agree.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apwa_lang.semantics.types import INT, Choice, Field, Optional, Primitive, RecordType, holds_secret
from apwa_runtime.tables.problems import DuplicateError
from apwa_runtime.values.arrow import decoder
from apwa_runtime.values.problems import HIDDEN, show
from apwa_runtime.values.text import json_text, scalar_text

Key = tuple[str | None, ...]

_TEXTS = ("str", "file", "image", "audio")
# Marks that are sorted at a time, and marks that come again whose rows are looked for at a time.
_SORTED = 1 << 19
_SOUGHT = 1024


@dataclass(frozen=True, slots=True)
class Keyed:
    """Some rows of one file: their lines, and a batch with their key fields."""

    file: str
    lines: list[int]
    batch: Any


class Uniqueness:
    """Watches the rows of one table. ``again`` reads them from the start."""

    def __init__(self, record: RecordType, again: Callable[[], Iterable[Keyed]]) -> None:
        self._again = again
        self._marks: list[tuple[tuple[Field, ...], list[Any]]] = [
            *([(record.keys, [])] if record.keys else []),
            *[((field,), []) for field in record.fields if field.unique],
        ]
        self.fields = tuple({field.name: field for fields, _ in self._marks for field in fields}.values())

    def add(self, rows: Keyed) -> None:
        """Take in rows."""
        for fields, marks in self._marks:
            marks.append(_marked(fields, rows.batch))

    def finish(self) -> None:
        """When all rows are taken in: raises DuplicateError that names two rows with the same key, if there are any."""
        for fields, marks in self._marks:
            column = pa.chunked_array(marks, pa.int64())
            repeats = _repeats(column)
            for start in range(0, len(repeats), _SOUGHT):
                self._seek(fields, set(column.take(repeats[start : start + _SOUGHT]).to_pylist()))

    def _seek(self, fields: tuple[Field, ...], wanted: set[int]) -> None:
        found: dict[Key, str] = {}
        for rows in self._again():
            present = _present(fields, rows)
            keys = zip(*(_rendered(field, present.batch.column(field.name)) for field in fields), strict=True)
            marks = _marked(fields, present.batch).to_pylist()
            for line, key, mark in zip(present.lines, keys, marks, strict=True):
                if mark not in wanted:
                    continue
                place = f"{rows.file}:{line}"
                if key in found:
                    raise _duplicate(fields, key, found[key], place)
                found[key] = place


def _duplicate(fields: tuple[Field, ...], key: Key, first: str, second: str) -> DuplicateError:
    names = ", ".join(f"`{field.name}`" for field in fields)
    values = ", ".join(_shown(field, value) for field, value in zip(fields, key, strict=True))
    return DuplicateError(f"two rows have the same {names} ({values}): {first} and {second}")


def _present(fields: tuple[Field, ...], rows: Keyed) -> Keyed:
    """The rows that have a key: null is one for ``@key``, and none for ``@unique``."""
    column = rows.batch.column(fields[0].name)
    if fields[0].key or not column.null_count:
        return rows
    valid = pc.is_valid(column)
    lines = [line for line, known in zip(rows.lines, valid.to_pylist(), strict=True) if known]
    return Keyed(rows.file, lines, rows.batch.filter(valid))


def _marked(fields: tuple[Field, ...], batch: Any) -> Any:
    """64 bits for each key, equal where the keys are."""
    if len(fields) == 1:
        column = batch.column(fields[0].name)
        if not fields[0].key:
            column = column.drop_null()
        if fields[0].type in (INT, Optional(INT)) and not column.null_count:
            return column
        hashes = map(hash, _rendered(fields[0], column))
    else:
        hashes = map(hash, zip(*(_rendered(field, batch.column(field.name)) for field in fields), strict=True))
    marks = array("q", hashes)
    return pa.Array.from_buffers(pa.int64(), len(marks), [None, pa.py_buffer(marks)])


def _repeats(marks: Any) -> Any:
    """Where marks stand that stood before, ascending."""
    parts = 1 << (len(marks) // _SORTED).bit_length()
    found = [_repeats_among(marks, part, parts) for part in range(parts)]
    return pc.take(repeats := pa.concat_arrays(found), pc.array_sort_indices(repeats))


def _repeats_among(marks: Any, part: int, parts: int) -> Any:
    """The same among the marks whose low bits are ``part``, so that sorting takes little memory."""
    places = pc.indices_nonzero(pc.equal(pc.bit_wise_and(marks, parts - 1), part))
    some = marks.take(places).combine_chunks()
    order = pc.array_sort_indices(some)
    ordered = some.take(order)
    again = pc.equal(ordered.slice(1), ordered.slice(0, max(len(ordered) - 1, 0)))
    return places.take(order.slice(1).filter(again))


def _rendered(field: Field, column: Any) -> Iterable[str | None]:
    """Each value as text, equal where the values are."""
    inner = field.type.inner if isinstance(field.type, Optional) else field.type
    values = column.to_pylist()
    if isinstance(inner, Choice) or (isinstance(inner, Primitive) and inner.name in _TEXTS):
        return values  # type: ignore[no-any-return]
    return _texts(values, decoder(field.type) or (lambda value: value))


def _texts(values: list[Any], decode: Callable[[Any], Any]) -> Iterator[str | None]:
    return (None if value is None else _text(decode(value)) for value in values)


def _text(value: Any) -> str | None:
    match value:
        case str() | None:
            return value
        case int() | float():
            return str(value)
        case list() | dict():
            return json_text(value)
        case _:
            return scalar_text(value)


def _shown(field: Field, value: str | None) -> str:
    return HIDDEN if field.secret or holds_secret(field.type) else show(value)
