"""Relational steps over tables that are larger than memory.

In: tables of ``arrow_schema(record)`` that are gone through batch by batch. Out: batches of the same kind, the rows in
an order that depends on the rows alone. Held are the columns that are compared or aggregated, some bytes a row for the
order, and some megabytes of rows. Times are compared as points in time, those without an offset as if in UTC.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apwa_lang.semantics.types import RecordType
from apwa_runtime.tables.gather import Batches, gathered, row_bytes, rows_at_a_time, taken
from apwa_runtime.tables.groups import Groups, some_at_a_time
from apwa_runtime.tables.instants import has_offset, instants
from apwa_runtime.tables.problems import TableError
from apwa_runtime.values.arrow import METADATA, arrow_schema
from apwa_runtime.values.text import json_text

# Values that are Python objects at a time.
_BLOCK = 65_536


def sort(table: Batches, by: Sequence[str]) -> Iterator[Any]:
    """Ascending by the fields in turn; equal rows keep their order, NaN and then null come last."""
    names = [f"k{index}" for index in range(len(by))]
    keys = [pa.table([_ordered(batch, name) for name in by], names) for batch in table.batches()]
    if keys:
        order = pc.sort_indices(pa.concat_tables(keys), [(name, "ascending", "at_end") for name in names])
        del keys
        yield from gathered(table, order)


def join(left: Batches, right: Batches, on: Sequence[str], record: RecordType) -> Iterator[Any]:
    """Inner join on equal fields, null equal to nothing: left's order, then right's; left's columns, then right's."""
    names = [f"k{index}" for index in range(len(on))]
    lefts, rights = _keys(left, on, names), _keys(right, on, names)
    if lefts is None or rights is None:
        return
    lefts, rights = _common(lefts, rights)
    pairs = lefts.append_column("left", _ordinals(lefts)).join(
        rights.append_column("right", _ordinals(rights)), names, join_type="inner"
    )
    del lefts, rights
    pairs = pairs.select(["left", "right"]).sort_by([("left", "ascending"), ("right", "ascending")]).combine_chunks()
    schema = arrow_schema(record)
    most = rows_at_a_time(row_bytes(left) + row_bytes(right))
    for start in range(0, pairs.num_rows, most):
        some = pairs.slice(start, most)
        rows = taken(left, some["left"].combine_chunks())
        others = taken(right, some["right"].combine_chunks(), schema.names[rows.num_columns :])
        yield pa.RecordBatch.from_arrays([*rows.columns, *others.columns], schema=schema)


def aggregate(
    table: Batches, operation: str, field: str | None, group: Sequence[str], record: RecordType
) -> Iterator[Any]:
    """``sum count min max concat`` of ``field``; ``record`` is the row of the result: group fields, then the value.

    One row a group, in order of first appearance; without ``group`` always one row. Nulls count for nothing: the sum of
    none is 0, the least of none null. Sums of floats are exact before they are rounded, so order does not matter.
    Raises TableError where a sum does not fit its type.
    """
    schema = arrow_schema(record)
    groups = Groups([_itself for _ in group])
    columns: list[Any] = []
    marks: list[Any] = []
    for batch in table.batches():
        groups.add([_equal(batch, name) for name in group], batch.num_rows)
        if field is not None:
            columns.append(batch.column(field))
            if operation in ("min", "max"):
                marks.append(_ordered(batch, field))
    order, ends = groups.ordered()
    if not group:
        ends = ends or [0]
    target = schema.field(len(group))
    column = _in_order(columns, order, target.type)
    marks_in_order = _in_order(marks, order, target.type)
    for spans in some_at_a_time(ends, _BLOCK):
        firsts = order.take(pa.array([start for start, _ in spans] if group else [], pa.int64()))
        heads = taken(table, firsts, group).columns if group else []
        values = _values(column, marks_in_order, operation, field, spans, target.type)
        heads = [head.cast(schema.field(name).type) for head, name in zip(heads, group, strict=True)]
        yield pa.RecordBatch.from_arrays([*heads, values], schema=schema)


def _in_order(columns: list[Any], order: Any, type: Any) -> Any:
    return pa.chunked_array(columns).take(order) if columns else pa.chunked_array([], type)


def _values(column: Any, marks: Any, operation: str, field: str | None, spans: list[tuple[int, int]], type: Any) -> Any:
    if operation == "count" and field is None:
        return pa.array([end - start for start, end in spans], type)
    if operation in ("min", "max"):
        better = operator.lt if operation == "min" else operator.gt
        items = zip(_items(marks, spans), spans, strict=True)
        best = [_best(values, better, start) for values, (start, _) in items]
        return column.take(pa.array(best, pa.int64())).combine_chunks().cast(type)
    groups = _items(column, spans)
    if operation == "count":
        return pa.array([sum(value is not None for value in items) for items in groups], type)
    if operation == "concat":
        return pa.array([_concat(_present(items), type) for items in groups], type)
    try:
        return pa.array([_sum(items, type) for items in groups], type)
    except (OverflowError, pa.ArrowInvalid):
        raise TableError(f"the sum of `{field}` is too large for its type") from None


def _items(column: Any, spans: list[tuple[int, int]]) -> list[Iterable[Any]]:
    """The values of each group, which may be gone through any number of times."""
    if len(spans) == 1:
        return [_Items(column, *spans[0])]
    first, last = spans[0][0], spans[-1][1]
    values = column.slice(first, last - first).to_pylist()
    return [values[start - first : end - first] for start, end in spans]


@dataclass(frozen=True, slots=True)
class _Items:
    """The values of a part of a column, made as they are gone through."""

    column: Any
    start: int
    end: int

    def __iter__(self) -> Iterator[Any]:
        for start in range(self.start, self.end, _BLOCK):
            yield from self.column.slice(start, min(_BLOCK, self.end - start)).to_pylist()


def _present(items: Iterable[Any]) -> Iterator[Any]:
    return (value for value in items if value is not None)


def _best(items: Iterable[Any], better: Callable[[Any, Any], bool], first: int) -> int | None:
    """Where the least or greatest value stands, the first of equal ones; NaN only where there is nothing else."""
    best, least = None, None
    for place, value in enumerate(items, first):
        if value is not None and (best is None or better(value, least) or (least != least and value == value)):
            best, least = place, value
    return best


def _concat(values: Iterable[Any], type: Any) -> Any:
    if pa.types.is_large_string(type):
        return "".join(values)
    return [item for value in values for item in value]


def _sum(items: Iterable[Any], type: Any) -> Any:
    if pa.types.is_floating(type):
        try:
            return math.fsum(_present(items))
        except ValueError:
            return sum(_present(items))
        except OverflowError:
            return float(sum(map(Fraction, _present(items))))
    return sum(_present(items), timedelta(0)) if pa.types.is_duration(type) else sum(_present(items))


def _itself(value: Any) -> Any:
    return value


def _keys(table: Batches, on: Sequence[str], names: list[str]) -> Any | None:
    """The key columns of a table; None where it has no rows."""
    keys = [pa.table([_equal(batch, name) for name in on], names) for batch in table.batches()]
    return pa.concat_tables(keys) if keys else None


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
        return pa.array([None if value is None else json_text(value) for value in column.to_pylist()], pa.string())
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
    """Both key tables with columns of the same types."""
    if left.schema == right.schema:
        return left, right
    pairs = list(zip(left.schema, right.schema, strict=True))
    target = pa.schema([one if one.type == other.type else pa.field(one.name, pa.float64()) for one, other in pairs])
    return left.cast(target), right.cast(target)
