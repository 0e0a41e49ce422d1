"""Relational steps agree with the same steps in plain Python, and their order depends on the rows alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apwa_lang.semantics import types as t
from apwa_lang.semantics.types import Field, ListOf, RecordType
from apwa_runtime.tables import relations
from apwa_runtime.tables.problems import TableError
from apwa_runtime.values.arrow import arrow_schema, from_batch, to_batch

LEFT = RecordType(
    "Left", (Field("k", t.Optional(t.INT)), Field("s", t.STR), Field("tags", ListOf(t.STR)), Field("any", t.JSON))
)
RIGHT = RecordType("Right", (Field("n", t.INT), Field("k", t.Optional(t.INT)), Field("s", t.STR)))
BOTH = RecordType("Both", (*LEFT.fields, RIGHT.fields[0]))

keys = st.none() | st.integers(0, 3)
words = st.sampled_from(["", "a", "b", "é"])
lefts = st.lists(
    st.fixed_dictionaries({"k": keys, "s": words, "tags": st.lists(words, max_size=2), "any": st.none() | words}),
    max_size=8,
)
rights = st.lists(st.fixed_dictionaries({"n": st.integers(0, 9), "k": keys, "s": words}), max_size=8)
relaxed = settings(max_examples=60, deadline=None)


@dataclass
class Table:
    """Rows in batches of two."""

    rows: list[dict[str, Any]]
    record: RecordType

    def batches(self) -> Iterator[Any]:
        return (to_batch(self.rows[start : start + 2], self.record) for start in range(0, len(self.rows), 2))


def column(name: str, type: t.Type, values: list[Any]) -> Table:
    return Table([{name: value} for value in values], RecordType("Column", (Field(name, type),)))


def rows_of(batches: Iterator[Any], record: RecordType) -> list[dict[str, Any]]:
    result = list(batches)
    assert all(batch.schema.equals(arrow_schema(record), check_metadata=True) for batch in result)
    return [row for batch in result for row in from_batch(batch, record)]


@relaxed
@given(lefts)
def test_sort_is_stable_with_null_last(rows: list[dict[str, Any]]) -> None:
    result = rows_of(relations.sort(Table(rows, LEFT), ["k", "s"]), LEFT)
    assert result == sorted(rows, key=lambda row: (row["k"] is None, row["k"] or 0, row["s"]))


@relaxed
@given(lefts, rights)
def test_join_keeps_the_order_of_both(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> None:
    expected = [
        {**one, "n": other["n"]}
        for one in left
        for other in right
        if one["k"] is not None and one["k"] == other["k"] and one["s"] == other["s"]
    ]
    assert rows_of(relations.join(Table(left, LEFT), Table(right, RIGHT), ["k", "s"], BOTH), BOTH) == expected


@relaxed
@given(rights)
def test_aggregates_by_group_in_order_of_appearance(rows: list[dict[str, Any]]) -> None:
    groups: dict[Any, list[int]] = {}
    for row in rows:
        groups.setdefault(row["k"], []).append(row["n"])
    for operation, python in (("sum", sum), ("min", min), ("max", max), ("count", len)):
        record = RecordType("Result", (Field("k", t.Optional(t.INT)), Field("n", t.INT)))
        result = relations.aggregate(Table(rows, RIGHT), operation, "n", ["k"], record)
        assert rows_of(result, record) == [{"k": key, "n": python(values)} for key, values in groups.items()]


def one(rows: Table, operation: str, field: str | None, type: t.Type) -> Any:
    record = RecordType("Result", (Field(field or "count", type),))
    result = relations.aggregate(rows, operation, field, [], record)
    (row,) = rows_of(result, record)
    return row[field or "count"]


def test_without_group_there_is_always_one_row() -> None:
    nothing = column("n", t.INT, [])
    assert one(nothing, "count", None, t.INT) == 0
    assert one(nothing, "sum", "n", t.INT) == 0
    assert one(nothing, "min", "n", t.Optional(t.INT)) is None
    assert one(column("s", t.STR, []), "concat", "s", t.STR) == ""


@pytest.mark.parametrize(
    ("operation", "type", "values", "expected"),
    [
        ("sum", t.INT, [1, None, 2], 3),
        ("sum", t.FLOAT, [0.1] * 10, 1.0),
        ("sum", t.FLOAT, [1e308, 1e308, -1e308], 1e308),
        ("sum", t.FLOAT, [float("inf"), 1.0], float("inf")),
        ("sum", t.DURATION, [timedelta(seconds=1), timedelta(days=1)], timedelta(days=1, seconds=1)),
        ("count", t.INT, [1, None, 2], 2),
        ("min", t.STR, ["b", None, "a"], "a"),
        ("max", t.DATE, [date(2024, 1, 1), date(2024, 1, 2)], date(2024, 1, 2)),
        ("max", t.FLOAT, [float("nan"), 1.0], 1.0),
        ("max", t.DURATION, [timedelta(1), timedelta(2)], timedelta(2)),
        ("concat", t.STR, ["b", None, "a"], "ba"),
        ("concat", ListOf(t.JSON), [[{"a": 1}], [], [2]], [{"a": 1}, 2]),
    ],
)
def test_aggregates_of_each_type(operation: str, type: t.Type, values: list[Any], expected: Any) -> None:
    result = t.INT if operation == "count" else type
    assert one(column("v", t.Optional(type), values), operation, "v", result) == expected


def test_a_sum_that_does_not_fit_is_told() -> None:
    with pytest.raises(TableError, match="the sum of `n` is too large"):
        one(column("n", t.INT, [2**62, 2**62]), "sum", "n", t.INT)
    with pytest.raises(TableError, match="the sum of `n` is too large"):
        one(column("n", t.DURATION, [timedelta(days=106_000_000)] * 10_000), "sum", "n", t.DURATION)


NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
NOON_EAST = NOON.astimezone(timezone(timedelta(hours=2)))
LATER = datetime(2024, 1, 1, 12, 30, tzinfo=timezone(-timedelta(hours=3)))
BARE = datetime(2024, 1, 1, 12)


def test_times_are_compared_as_points_in_time() -> None:
    times = column("at", t.Optional(t.DATETIME), [LATER, None, NOON_EAST, NOON, BARE])
    record = RecordType("Column", (Field("at", t.Optional(t.DATETIME)),))
    result = [row["at"] for row in rows_of(relations.sort(times, ["at"]), record)]
    assert [str(at) for at in result] == [str(at) for at in (NOON_EAST, NOON, BARE, LATER, None)]
    assert one(times, "max", "at", t.Optional(t.DATETIME)) == LATER
    counted = RecordType("Counted", (*record.fields, Field("count", t.INT)))
    groups = rows_of(relations.aggregate(times, "count", None, ["at"], counted), counted)
    assert [(row["at"], row["count"]) for row in groups] == [(LATER, 1), (None, 1), (NOON, 2), (BARE, 1)]
    assert len(rows_of(relations.join(times, times, ["at"], record), record)) == 1 + 4 + 1


def test_times_at_the_ends_of_the_calendar() -> None:
    first, last = datetime.min.replace(tzinfo=NOON_EAST.tzinfo), datetime.max.replace(tzinfo=LATER.tzinfo)
    times = column("at", t.DATETIME, [last, first])
    assert one(times, "min", "at", t.Optional(t.DATETIME)) == first
    assert one(times, "max", "at", t.Optional(t.DATETIME)) == last
    assert rows_of(relations.sort(times, ["at"]), times.record)[0]["at"] == first


@pytest.mark.parametrize(
    ("type", "values"),
    [
        (t.BOOL, [True, False, None]),
        (t.DURATION, [timedelta(2), timedelta(1), None]),
        (t.DATE, [date(2024, 1, 2), date(2024, 1, 1), None]),
        (t.FLOAT, [1.5, -1.0, None]),
        (t.STR, ["é", "z", "a", None]),
        (t.BYTES, [b"b", b"a", None]),
        (ListOf(t.INT), [[2], [1], None]),
    ],
)
def test_every_type_can_be_sorted_grouped_and_joined(type: t.Type, values: list[Any]) -> None:
    rows = column("v", t.Optional(type), values)
    record = RecordType("Column", (Field("v", t.Optional(type)),))
    present = sorted(value for value in values if value is not None)
    assert [row["v"] for row in rows_of(relations.sort(rows, ["v"]), record)] == [*present, None]
    assert len(rows_of(relations.join(rows, rows, ["v"], record), record)) == len(present)
    counted = RecordType("Counted", (*record.fields, Field("count", t.INT)))
    assert rows_of(relations.aggregate(rows, "count", None, ["v"], counted), counted) == [
        {"v": value, "count": 1} for value in values
    ]


def test_whole_numbers_join_with_floats() -> None:
    ints, floats = column("k", t.INT, [1, 2]), column("k", t.FLOAT, [2.0, 2.5])
    assert rows_of(relations.join(ints, floats, ["k"], ints.record), ints.record) == [{"k": 2}]
