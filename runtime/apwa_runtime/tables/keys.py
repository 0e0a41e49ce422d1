"""Keys identify rows: no two rows of a table may have the same.

In: the rows of a table as they are read. Out: the first two rows with the same key, if there are any. Only a hash of
each key is kept; when one comes again the table is read once more to find the first row that has it, or none, if the
hashes only happen to agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from apwa_lang.semantics.types import Field, RecordType
from apwa_runtime.tables.problems import DuplicateError
from apwa_runtime.values.problems import HIDDEN, holds_secret, show
from apwa_runtime.values.text import json_text, scalar_text

Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Keyed:
    """Some rows of one file: their lines and their values of the key fields, column by column."""

    file: str
    lines: list[int]
    columns: dict[str, list[Any]]


class Uniqueness:
    """Watches the rows of one table. ``again`` reads them from the start."""

    def __init__(self, record: RecordType, again: Callable[[], Iterable[Keyed]]) -> None:
        self._again = again
        self._sets: list[tuple[tuple[Field, ...], set[int]]] = [
            *([(record.keys, set())] if record.keys else []),
            *[((field,), set()) for field in record.fields if field.unique],
        ]
        self.fields = tuple({field.name: field for fields, _ in self._sets for field in fields}.values())

    def add(self, rows: Keyed) -> None:
        """Take in rows. Raises TableError that names two rows with the same key."""
        for fields, seen in self._sets:
            for line, key in zip(rows.lines, _keys(fields, rows), strict=True):
                if None in key and not fields[0].key:
                    continue
                mark = hash(key)
                if mark in seen:
                    self._tell(fields, key, (rows.file, line))
                seen.add(mark)

    def _tell(self, fields: tuple[Field, ...], key: Key, second: tuple[str, int]) -> None:
        first = next(self._places(fields, key))
        if first == second:
            return
        names = ", ".join(f"`{field.name}`" for field in fields)
        values = ", ".join(_shown(field, value) for field, value in zip(fields, key, strict=True))
        raise DuplicateError(
            f"two rows have the same {names} ({values}): {first[0]}:{first[1]} and {second[0]}:{second[1]}"
        )

    def _places(self, fields: tuple[Field, ...], wanted: Key) -> Iterator[tuple[str, int]]:
        for rows in self._again():
            for line, key in zip(rows.lines, _keys(fields, rows), strict=True):
                if key == wanted:
                    yield rows.file, line


def _keys(fields: tuple[Field, ...], rows: Keyed) -> Iterator[Key]:
    return zip(*(map(_rendered, rows.columns[field.name]) for field in fields), strict=True)


def _rendered(value: Any) -> str | None:
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
