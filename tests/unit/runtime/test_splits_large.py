"""Split rules over many small batches agree with the same rules in plain Python, whatever is held at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apwa_compiler.plan import Split
from apwa_lang.semantics import types as t
from apwa_lang.semantics.types import Field, ListOf, RecordType
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.splits import subproblems
from apwa_runtime.values.arrow import arrow_schema, from_batch, to_batch

Row = dict[str, Any]

ITEM = RecordType(
    "Item",
    (
        Field("n", t.INT),
        Field("s", t.Optional(t.STR)),
        Field("x", t.Optional(t.FLOAT)),
        Field("any", t.JSON),
        Field("at", t.Optional(t.DATETIME)),
    ),
)
INDEXED = RecordType("<s>", (Field("index", t.INT), Field("rows", ListOf(ITEM))))

NOON = datetime(2024, 1, 1, 12)
EAST = timezone(timedelta(hours=2))
moments = st.sampled_from(
    [NOON, NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=EAST), NOON.replace(hour=14, tzinfo=EAST)]
)
items = st.lists(
    st.fixed_dictionaries(
        {
            "s": st.none() | st.sampled_from(["", "a", "b\nc\n", "d\fe f"]),
            "x": st.none() | st.sampled_from([0.0, -0.0, 1.0, math.nan]),
            "any": st.none() | st.booleans() | st.integers(0, 1) | st.lists(st.integers(0, 1), max_size=1),
            "at": st.none() | moments,
        }
    ),
    max_size=9,
).map(lambda rows: [{"n": n, **{name: row[name] for name in ("s", "x", "any", "at")}} for n, row in enumerate(rows)])
held = st.sampled_from([1, 100, 1 << 20])
relaxed = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def dataset(folder: Path, rows: list[Row], record: RecordType = ITEM) -> Dataset:
    """In parts of two rows."""
    writer = DatasetWriter(folder, record)
    for start in range(0, len(rows), 2):
        writer.add(start, to_batch(rows[start : start + 2], record))
    return writer.finish()


def made(split: Split, inputs: list[Dataset], bytes_held: int, most: int = 3) -> list[Row]:
    """The sub-problems, with so many bytes of rows held at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("apwa_runtime.tables.gather.MOST_BYTES", bytes_held)
        patch.setattr("apwa_runtime.splits.MOST_BYTES", bytes_held)
        batches = list(subproblems(split, inputs, repeat(most)))
    assert all(0 < batch.num_rows <= most for batch in batches)
    assert all(batch.schema.equals(arrow_schema(split.subproblem), check_metadata=True) for batch in batches)
    return [row for batch in batches for row in from_batch(batch, split.subproblem)]


def same(one: list[Row], other: list[Row]) -> bool:
    # NaN is no value's equal, so rows are compared as they are written.
    return repr(one) == repr(other)


@relaxed
@given(items, st.lists(st.sampled_from(["s", "x", "any", "at"]), min_size=1, max_size=2, unique=True), held)
def test_groups(tmp_path_factory: Any, rows: list[Row], fields: list[str], bytes_held: int) -> None:
    expected: dict[Any, Row] = {}
    for row in rows:
        key = {name: row[name] for name in fields}
        expected.setdefault(repr(key), {**key, "rows": []})["rows"].append(row)
    known = {field.name: field for field in ITEM.fields}
    record = RecordType("<s>", (*(known[name] for name in fields), Field("rows", ListOf(ITEM))))
    split = Split("group", (("fields", tuple(fields)),), record, tuple(fields))
    assert same(made(split, [dataset(tmp_path_factory.mktemp("d"), rows)], bytes_held), list(expected.values()))


def windows(rows: list[Row], size: int, stride: int, full: bool) -> Iterator[Row]:
    """As the language tells it: windows begin until one has reached the last row."""
    covered = start = index = 0
    while covered < len(rows) and start < len(rows):
        window = rows[start : start + size]
        covered = start + size
        if len(window) == size or not full:
            yield {"index": index, "rows": window}
        index += 1
        start += stride


@relaxed
@given(items, st.integers(1, 4), st.integers(1, 5), st.booleans(), held)
def test_windows(tmp_path_factory: Any, rows: list[Row], size: int, stride: int, full: bool, bytes_held: int) -> None:
    split = Split("window", (("size", size), ("stride", stride), ("full", full)), INDEXED, ("index",))
    found = made(split, [dataset(tmp_path_factory.mktemp("d"), rows)], bytes_held)
    assert same(found, list(windows(rows, size, stride, full)))


@relaxed
@given(items, st.integers(1, 4), held)
def test_chunks(tmp_path_factory: Any, rows: list[Row], size: int, bytes_held: int) -> None:
    source = iter(rows)
    chunks = [{"index": index, "rows": rows} for index, rows in enumerate(iter(lambda: list(islice(source, size)), []))]
    split = Split("chunk", (("n", size),), INDEXED, ("index",))
    assert same(made(split, [dataset(tmp_path_factory.mktemp("d"), rows)], bytes_held), chunks)


@relaxed
@given(items, items, held)
def test_pairs(tmp_path_factory: Any, lefts: list[Row], rights: list[Row], bytes_held: int) -> None:
    folder = tmp_path_factory.mktemp("d")
    split = Split("cross", (), RecordType("<s>", (Field("left", ITEM), Field("right", ITEM))), ())
    found = made(split, [dataset(folder / "left", lefts), dataset(folder / "right", rights)], bytes_held)
    assert same(found, [{"left": left, "right": right} for left in lefts for right in rights])


CUTS: dict[str, Callable[[str], list[str]]] = {
    "lines": lambda text: text.splitlines(keepends=True),
    "pages": lambda text: [page for page in text.split("\f") if page],
}


@relaxed
@given(items, st.sampled_from(sorted(CUTS)), held)
def test_pieces_of_text(tmp_path_factory: Any, rows: list[Row], rule: str, bytes_held: int) -> None:
    record = RecordType("<s>", (Field("row", ITEM), Field("index", t.INT), Field("text", t.STR)))
    split = Split(rule, (("field", "s"), ("size", 1), ("overlap", 0)), record, ())
    expected = [
        {"row": row, "index": index, "text": piece}
        for row in rows
        for index, piece in enumerate(CUTS[rule](row["s"] or ""))
    ]
    assert same(made(split, [dataset(tmp_path_factory.mktemp("d"), rows)], bytes_held), expected)
