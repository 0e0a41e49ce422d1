"""What the manager is told of a table: its schema, its size, statistics and a few rows, never the whole.

In: the rows of a table, and how many there are. Out: values for JSON, of bounded size whatever the table. Fields with
secrets in them are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from apwa_lang.semantics.types import Field, ListOf, MapOf, Optional, RecordType, Type, open_fields
from apwa_runtime.expressions import jsonable

SAMPLE = 8
_VALUES = 20
_TEXT = 160
_ITEMS = 5
# Distinct values of a field that are counted; with more, it is said that there are many.
_COUNTED = 1000


def describe(record: RecordType, rows: int, values: Iterable[Mapping[str, Any]]) -> dict[str, object]:
    """The description of ``values``, which are ``rows`` rows of ``record``."""
    fields = open_fields(record)
    seen = {field.name: _Seen(field) for field in fields}
    places = {rows * place // SAMPLE for place in range(SAMPLE)}
    sample: list[dict[str, object]] = []
    for number, row in enumerate(values):
        for name, one in seen.items():
            one.add(row[name])
        if number in places:
            sample.append({field.name: _short(jsonable(row[field.name], field.type)) for field in fields})
    return {"rows": rows, "fields": {name: one.told() for name, one in seen.items()}, "sample": sample}


class _Seen:
    """What has been seen of one field."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._inner = field.type.inner if isinstance(field.type, Optional) else field.type
        self._nulls = 0
        self._least: Any = None
        self._greatest: Any = None
        self._values: Counter[Any] | None = None if _is_nested(self._inner) else Counter()
        self._ordered = str(self._inner) in ("int", "float", "str", "date", "datetime", "duration")

    def add(self, value: Any) -> None:
        if value is None:
            self._nulls += 1
            return
        if self._ordered and value == value:
            try:
                self._least = value if self._least is None else min(self._least, value)
                self._greatest = value if self._greatest is None else max(self._greatest, value)
            except TypeError:
                # Times with an offset and without have no order.
                self._ordered, self._least = False, None
        if self._values is not None:
            self._values[value] += 1
            if len(self._values) > _COUNTED:
                self._values = None

    def told(self) -> dict[str, object]:
        told: dict[str, object] = {"type": str(self._field.type)}
        if self._field.description:
            told["description"] = self._field.description
        if self._field.key:
            told["key"] = True
        if self._nulls:
            told["nulls"] = self._nulls
        if self._least is not None:
            told["least"], told["greatest"] = self._json(self._least), self._json(self._greatest)
        if self._values is not None:
            told["distinct"] = len(self._values)
            if len(self._values) <= _VALUES:
                told["values"] = [[self._json(value), count] for value, count in self._values.most_common()]
        return told

    def _json(self, value: Any) -> object:
        return _short(jsonable(value, self._inner))


def _is_nested(type: Type) -> bool:
    return isinstance(type, ListOf | MapOf | RecordType) or str(type) not in (
        *("str", "int", "bool", "date", "datetime", "duration", "uuid"),
    )


def _short(value: object) -> object:
    match value:
        case str() if len(value) > _TEXT:
            return f"{value[:_TEXT]}… ({len(value)} characters)"
        case list() if len(value) > _ITEMS:
            return [*map(_short, value[:_ITEMS]), f"… {len(value) - _ITEMS} more"]
        case list():
            return [_short(item) for item in value]
        case dict():
            return {key: _short(item) for key, item in list(value.items())[:_VALUES]}
        case _:
            return value
