"""Relational steps on whole tables.

In: Arrow tables of ``arrow_schema(record)``. Out: the same kind of tables, their rows in an order that depends on the
rows alone. Times are compared as points in time, those without an offset as if in UTC.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apwa_lang.semantics.types import RecordType
from apwa_runtime.tables.instants import has_offset, instants
from apwa_runtime.tables.problems import TableError
from apwa_runtime.values.arrow import METADATA, arrow_schema
from apwa_runtime.values.text import json_text


def sort(table: Any, by: Sequence[str]) -> Any:
    """Ascending by the fields in turn; equal rows keep their order, NaN and then null come last."""
    keys = {f"k{index}": _ordered(table, name) for index, name in enumerate(by)}
    order = pc.sort_indices(pa.table(keys), [(key, "ascending", "at_end") for key in keys])
    return table.take(order)


def join(left: Any, right: Any, on: Sequence[str]) -> Any:
    """Inner join on equal fields, null equal to nothing: left's order, then right's; left's columns, then right's."""
    keys = [f"k{index}" for index in range(len(on))]
    columns = [_common(_equal(left, name), _equal(right, name)) for name in on]
    lefts = pa.table([column for column, _ in columns], names=keys).append_column("left", _ordinals(left))
    rights = pa.table([column for _, column in columns], names=keys).append_column("right", _ordinals(right))
    pairs = lefts.join(rights, keys, join_type="inner").select(["left", "right"])
    pairs = pairs.sort_by([("left", "ascending"), ("right", "ascending")])
    result = left.take(pairs["left"])
    others = right.drop_columns(list(on)).take(pairs["right"])
    for field in others.schema:
        result = result.append_column(field, others.column(field.name))
    return result


def limit(table: Any, count: int) -> Any:
    """The first ``count`` rows."""
    return table.slice(0, max(count, 0))


def union(tables: Sequence[Any], record: RecordType) -> Any:
    """The rows of each table in turn, with the fields of ``record``."""
    schema = arrow_schema(record)
    return pa.concat_tables([table.select(schema.names).cast(schema) for table in tables])


def aggregate(table: Any, operation: str, field: str | None, group: Sequence[str], record: RecordType) -> Any:
    """``sum count min max concat`` of ``field``; ``record`` is the row of the result: group fields, then the value.

    One row a group, in order of first appearance; without ``group`` always one row. Nulls count for nothing: the sum of
    none is 0, the least of none null. Sums of floats are exact before they are rounded, so order does not matter.
    Raises TableError where a sum does not fit its type.
    """
    groups = _groups(table, group)
    schema = arrow_schema(record)
    first = pa.array([rows[0] for rows in groups if rows], pa.int64())
    columns = [table.column(name).take(first).cast(schema.field(name).type) for name in group]
    values = _values(table, operation, field, groups, schema.field(len(group)))
    return pa.Table.from_arrays([*columns, values], schema=schema)


def _values(table: Any, operation: str, field: str | None, groups: list[list[int]], target: Any) -> Any:
    if operation == "count" and field is None:
        return pa.array([len(rows) for rows in groups], target.type)
    assert field is not None
    column = table.column(field)
    if operation in ("min", "max"):
        best = _best(_ordered(table, field).to_pylist(), groups, operation)
        return column.take(pa.array(best, pa.int64())).cast(target.type)
    items = column.to_pylist()
    kept = [[items[row] for row in rows if items[row] is not None] for rows in groups]
    if operation == "count":
        return pa.array(map(len, kept), target.type)
    if operation == "concat":
        return pa.array([_concat(values, target.type) for values in kept], target.type)
    try:
        return pa.array([_sum(values, target.type) for values in kept], target.type)
    except (OverflowError, pa.ArrowInvalid):
        raise TableError(f"the sum of `{field}` is too large for its type") from None


def _best(items: list[Any], groups: list[list[int]], operation: str) -> list[int | None]:
    """The row of the least or greatest value of each group; NaN only where there is nothing else."""
    choose = min if operation == "min" else max
    best: list[int | None] = []
    for rows in groups:
        present = [row for row in rows if items[row] is not None]
        numbers = [row for row in present if items[row] == items[row]] or present
        best.append(choose(numbers, key=items.__getitem__, default=None))
    return best


def _concat(values: list[Any], type: Any) -> Any:
    if pa.types.is_large_string(type):
        return "".join(values)
    return [item for value in values for item in value]


def _sum(values: list[Any], type: Any) -> Any:
    if pa.types.is_floating(type):
        try:
            return math.fsum(values)
        except ValueError:
            return sum(values)
        except OverflowError:
            return float(sum(map(Fraction, values)))
    return sum(values, timedelta(0)) if pa.types.is_duration(type) else sum(values)


def _groups(table: Any, group: Sequence[str]) -> list[list[int]]:
    """The rows of each group, groups in order of first appearance."""
    if not group:
        return [list(range(table.num_rows))]
    found: dict[tuple[Any, ...], list[int]] = {}
    keys = zip(*(_equal(table, name).to_pylist() for name in group), strict=True)
    for row, key in enumerate(keys):
        found.setdefault(key, []).append(row)
    return list(found.values())


def _ordinals(table: Any) -> Any:
    return pa.array(range(table.num_rows), pa.int64())


def _is_datetime(table: Any, name: str) -> bool:
    return (table.schema.field(name).metadata or {}).get(METADATA) == b"datetime"


def _ordered(table: Any, name: str) -> Any:
    """A column that Arrow can sort, in the order of the field's values."""
    column = table.column(name)
    if _is_datetime(table, name):
        # Whole microseconds: Python has no datetime for what an offset pushes out of its years.
        return instants(column).cast(pa.int64())
    if pa.types.is_nested(column.type):
        return pa.array([None if value is None else json_text(value) for value in column.to_pylist()])
    return column


def _equal(table: Any, name: str) -> Any:
    """A column that Arrow can join, equal where the field's values are."""
    column = table.column(name)
    if _is_datetime(table, name):
        # A time without an offset never equals one that has it, as in Python.
        moments = _ordered(table, name).cast(pa.string())
        return pc.binary_join_element_wise(moments, has_offset(column).cast(pa.string()), " ")
    if pa.types.is_duration(column.type):
        return column.cast(pa.int64())
    return _ordered(table, name)


def _common(left: Any, right: Any) -> tuple[Any, Any]:
    if left.type == right.type:
        return left, right
    return left.cast(pa.float64()), right.cast(pa.float64())
