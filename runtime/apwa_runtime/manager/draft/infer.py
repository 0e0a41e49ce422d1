"""The record of a table that has none yet.

In: raw rows, as the format's reader gives them. Out: the least record that all of them fit, with a key where a column
is there in every row and never twice. Texts are never guessed to be secrets, nor to be one of a few words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from apwa_lang.semantics import types as t
from apwa_lang.semantics.attributes import is_keyable
from apwa_lang.semantics.types import Field, ListOf, Optional, Primitive, RecordType, Type

_NAME = re.compile(r"[^\W\d]\w*")
_INT = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_FLOAT = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d+)?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_NATIVE: dict[type, Primitive] = {
    bool: t.BOOL,
    int: t.INT,
    float: t.FLOAT,
    bytes: t.BYTES,
    date: t.DATE,
    datetime: t.DATETIME,
    timedelta: t.DURATION,
    UUID: t.UUID,
}
_LARGEST = 2**63
# An object with more fields than these is no record.
_MOST_FIELDS = 100
# Rows in which a key is looked for; that it is one of the others too is told when they are read.
_WATCHED = 200_000
# `key` makes texts of so many bytes safe in paths.
_LONGEST_KEY = 85


class NoRecordError(ValueError):
    """Rows that make no record; the text says why."""


@dataclass
class _Shape:
    """What has been seen in one place."""

    cells: bool
    scalar: Primitive | None = None
    mixed: bool = False
    absent: bool = False
    items: _Shape | None = None
    fields: dict[str, _Shape] | None = None

    def add(self, value: Any) -> None:
        """Take in a value. Where ``cells``, it is the text of a cell."""
        if value is None:
            self.absent = True
            return
        if isinstance(value, dict):
            self._add_fields(value)
        elif isinstance(value, list):
            self.items = self.items or _Shape(self.cells)
            for item in value:
                self.items.add(item)
        elif self.scalar != t.STR or not isinstance(value, str):
            self._add_scalar(_scalar(value, self.cells))

    def _add_scalar(self, type: Primitive | None) -> None:
        if type is None:
            self.mixed = True
        elif self.scalar is None or {type, self.scalar} == {t.INT, t.FLOAT}:
            self.scalar = type if self.scalar is None else t.FLOAT
        elif type != self.scalar:
            texts = (t.STR, t.DATE, t.DATETIME, t.UUID)
            if self.cells or (type in texts and self.scalar in texts):
                self.scalar = t.STR
            else:
                self.mixed = True

    def _add_fields(self, row: dict[str, Any]) -> None:
        first = self.fields is None
        fields = self.fields = self.fields or {}
        for name, value in row.items():
            if name not in fields:
                fields[name] = _Shape(self.cells, absent=not first)
            fields[name].add(value)
        for name, shape in fields.items():
            if name not in row:
                shape.absent = True

    def type(self, name: str) -> Type:
        """The type; a record in it gets ``name``."""
        found = self._present(name)
        is_text = self.cells and found == t.STR
        return Optional(found) if self.absent and not is_text else found

    def _present(self, name: str) -> Type:
        kinds = [self.scalar is not None, self.items is not None, self.fields is not None]
        if self.mixed or sum(kinds) != 1:
            return t.STR if self.cells else t.JSON
        if self.scalar is not None:
            return self.scalar
        if self.items is not None:
            return ListOf(self.items.type(name))
        fields = self.fields or {}
        if not fields or len(fields) > _MOST_FIELDS or not all(map(_NAME.fullmatch, fields)):
            return t.JSON
        return RecordType(
            name, tuple(Field(each, shape.type(f"{name}{_camel(each)}")) for each, shape in fields.items())
        )


@dataclass
class Inference:
    """The rows of one table so far. ``cells`` where values are texts of cells."""

    cells: bool
    rows: int = 0
    _whole: _Shape = field(init=False)
    _seen: dict[str, set[Any] | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._whole = _Shape(self.cells)

    def add(self, rows: Iterable[Any]) -> None:
        """Take in rows. Raises NoRecordError for one that is no object."""
        for row in rows:
            if not isinstance(row, dict):
                raise NoRecordError(f"row {self.rows + 1} is no object")
            self.rows += 1
            self._whole.add(row)
            if self.rows <= _WATCHED:
                self._watch(row)

    def record(self, name: str, key: bool = True) -> tuple[RecordType, tuple[str, ...]]:
        """The record, and the columns whose names are none in the language. Raises NoRecordError."""
        shapes = self._whole.fields or {}
        odd = tuple(column for column in shapes if not _NAME.fullmatch(column))
        fields = [Field(one, shape.type(f"{name}{_camel(one)}")) for one, shape in shapes.items() if one not in odd]
        if not fields:
            raise NoRecordError("it has no row" if not self.rows else f"no column has a name: {', '.join(odd)[:200]}")
        chosen = self._key(fields) if key else None
        fields = [Field(one.name, one.type, key=one.name == chosen) for one in fields]
        return RecordType(name, tuple(fields)), odd

    def _watch(self, row: dict[str, Any]) -> None:
        for name, value in row.items():
            seen = self._seen.setdefault(name, set())
            if seen is None:
                continue
            fits = value is not None and not isinstance(value, list | dict | float | bytes)
            if not fits or value in seen or (isinstance(value, str) and len(value.encode()) > _LONGEST_KEY):
                self._seen[name] = None
            else:
                seen.add(value)

    def _key(self, fields: list[Field]) -> str | None:
        """The column that identifies rows: one that is called so before others, and the first of them."""
        watched = min(self.rows, _WATCHED)
        fit = [
            one.name
            for one in fields
            if is_keyable(one.type) and one.type != t.BOOL and len(self._seen.get(one.name) or ()) == watched
        ]
        named = [name for name in fit if re.search(r"(?i)(^|_)(id|key|uuid)$|[a-z]I[dD]$", name)]
        return next(iter(named or fit), None)


def _scalar(value: Any, cells: bool) -> Primitive | None:
    if isinstance(value, str):
        return _of_text(value, cells)
    if isinstance(value, int) and not isinstance(value, bool) and not -_LARGEST <= value < _LARGEST:
        return None
    return _NATIVE.get(type(value))


def _of_text(text: str, cells: bool) -> Primitive:
    if cells and _INT.fullmatch(text):
        return t.INT
    if cells and _FLOAT.fullmatch(text):
        return t.FLOAT
    if cells and text in ("true", "false"):
        return t.BOOL
    if _UUID.fullmatch(text):
        return t.UUID
    try:
        if _DATE.fullmatch(text):
            date.fromisoformat(text)
            return t.DATE
        if _DATETIME.fullmatch(text):
            datetime.fromisoformat(text)
            return t.DATETIME
    except ValueError:
        pass
    return t.STR


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def record_name(table: str) -> str:
    """A name for the rows of a table: ``LineItem`` for ``line_items``."""
    name = _camel(table)
    if name.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") and len(name) > 3 else name
