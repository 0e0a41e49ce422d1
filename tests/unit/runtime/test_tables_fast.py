"""What is done for many rows at once gives what doing it row by row gives."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apwa_compiler.plan import ReadSource
from apwa_lang.semantics import types as t
from apwa_lang.semantics.types import Field, ListOf, RecordType
from apwa_runtime.tables.formats.json_rows import read_lines
from apwa_runtime.tables.formats.writers import WRITERS
from apwa_runtime.tables.options import Options
from apwa_runtime.tables.problems import TableError
from apwa_runtime.tables.read import read_table
from apwa_runtime.tables.write import write_table
from apwa_runtime.values.arrow import from_batch, to_batch
from apwa_runtime.values.text import json_text

relaxed = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))

ITEM = RecordType("Item", (Field("a", t.JSON),))

any_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
NUMBERS = [
    "NaN",
    "-Infinity",
    "-NaN",
    "1e400",
    "-0",
    "-0.0",
    "01",
    "1.",
    "+1",
    ".5",
    "1e5",
    "5e-324",
    "1" * 4300,
    "1" * 4301,
]
LONG = ["9007199254740993.0", "123456789012345678901234567890", "12345678901234567890.5", "2.2250738585072011e-308"]
TEXTS = [
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"\x01"',
    '"\x7f"',
    '"\\u0000"',
    '"\\x"',
    "'a'",
    "\u00a01",
    "\x0b1",
    "\ufeff1",
]
OTHERS = [
    "[1,]",
    '{"a":1,"a":2}',
    "{1:2}",
    "[" * 150 + "]" * 150,
    "[" * 300 + "]" * 300,
    "",
    " ",
    "1 2",
    "{} {}",
    "tru",
]
odd = st.sampled_from([*NUMBERS, *LONG, *TEXTS, *OTHERS])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=5,
)
cut = st.tuples(values.map(json.dumps), st.integers(0, 40), odd).map(
    lambda one: one[0][: one[1]] + one[2] + one[0][one[1] :]
)
lines = values.map(json.dumps) | values.map(lambda value: json.dumps(value, ensure_ascii=False)) | odd | cut


@relaxed
@given(st.lists(lines.filter(lambda line: "\n" not in line), max_size=5), st.integers(1, 3))
def test_lines_are_read_as_python_reads_them(texts: list[str], most: int) -> None:
    content = "".join(f"{text}\n" for text in texts).encode()
    expected_rows, expected_lines, bad = [], [], []
    for number, text in enumerate(texts, 1):
        text = text.removeprefix("\ufeff") if number == 1 else text
        if f"{text}\n".isspace():
            continue
        try:
            expected_rows.append(json.loads(f"{text}\n"))
            expected_lines.append(number)
        except ValueError:
            bad.append(number)
    parts = list(read_lines(io.BytesIO(content), "a.jsonl", ITEM, Options(), most))
    assert repr([row for part in parts for row in part.rows]) == repr(expected_rows)
    assert [line for part in parts for line in part.lines] == expected_lines
    assert [problem.line for part in parts for problem in part.problems] == bad


def test_a_bad_line_is_told_with_its_place_among_many(tmp_path: Path) -> None:
    texts = [json.dumps({"a": number}) for number in range(30_000)]
    texts[20_000] = '{"a": }'
    texts[25_000] = ""
    (tmp_path / "a.jsonl").write_text("\n".join(texts))
    chunks = list(read_table(ReadSource(str(tmp_path / "a.jsonl"), ""), ITEM))
    assert sum(chunk.batch.num_rows for chunk in chunks) == 29_998
    (problem,) = (problem for chunk in chunks for problem in chunk.problems)
    assert (problem.line, problem.reason) == (20_001, "is not valid JSON: expecting value at column 7")


MIXED = RecordType(
    "Mixed",
    (
        Field("100%s", t.Optional(t.STR)),
        Field("n", t.INT),
        Field("x", t.Optional(t.FLOAT)),
        Field("ok", t.Optional(t.BOOL)),
        Field("raw", t.BYTES),
        Field("at", t.Optional(t.DATETIME)),
        Field("any", t.JSON),
        Field("tags", ListOf(t.STR)),
        Field("v", t.Optional(ListOf(t.FLOAT))),
    ),
)
finite_json = st.none() | st.booleans() | st.integers() | st.lists(any_text, max_size=2)
mixed = st.fixed_dictionaries(
    {
        "100%s": st.none() | any_text | st.sampled_from([" a", "a\x1f", "a,b", 'a"b', "\t", "a\nb", "\u3000"]),
        "n": st.integers(-(2**63), 2**63 - 1),
        "x": st.none() | st.floats(),
        "ok": st.none() | st.booleans(),
        "raw": st.binary(max_size=3),
        "at": st.none() | st.datetimes(),
        "any": finite_json,
        "tags": st.lists(any_text, max_size=2),
        "v": st.none() | st.lists(st.floats(), max_size=2),
    }
).map(lambda row: {field.name: row[field.name] for field in MIXED.fields})


def written(rows: list[dict[str, Any]], record: RecordType, format: str) -> bytes:
    sink = io.BytesIO()
    WRITERS[format]([to_batch(rows, record)], record, sink)
    return sink.getvalue()


@relaxed
@given(st.lists(mixed, min_size=1, max_size=4))
def test_json_is_written_as_json_text_writes_each_row(rows: list[dict[str, Any]]) -> None:
    assert written(rows, MIXED, "jsonl") == "".join(f"{json_text(row)}\n" for row in rows).encode()
    assert written(rows, MIXED, "json") == ("[\n" + ",\n".join(map(json_text, rows)) + "\n]\n").encode()


@relaxed
@given(st.lists(mixed, min_size=1, max_size=4))
def test_cells_of_csv_hold_what_json_text_gives(rows: list[dict[str, Any]]) -> None:
    header, *cells = csv.reader(io.StringIO(written(rows, MIXED, "csv").decode(), newline=""), strict=True)
    assert header == [field.name for field in MIXED.fields]
    for row, found in zip(rows, cells, strict=True):
        for (name, value), cell in zip(row.items(), found, strict=True):
            if value is None:
                assert cell == ""
            elif name == "x":
                assert cell == repr(value)
            elif isinstance(value, str) and name != "any":
                assert cell == value
            else:
                assert cell == json_text(value).strip('"') if name in ("raw", "at") else cell == json_text(value)


@settings(relaxed, max_examples=20)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.data())
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet", "a.arrow", "a.jsonl.gz", "parts/"])
def test_bytes_depend_on_the_rows_alone(
    tmp_path_factory: Any, name: str, sizes: list[int], data: st.DataObject
) -> None:
    record = RecordType("R", (Field("n", t.INT), Field("text", t.Optional(t.STR))))
    rows = [{"n": n, "text": None if n % 5 == 0 else "x" * (n * 7 % 23)} for n in range(sum(sizes))]
    whole = to_batch(rows, record)
    folder = tmp_path_factory.mktemp("saved")

    def content(cuts: list[int]) -> list[bytes]:
        starts = [0, *(sum(cuts[:index]) for index in range(1, len(cuts)))]
        batches = [whole.slice(start, size) for start, size in zip(starts, cuts, strict=True)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("apwa_runtime.tables.write.BATCH_ROWS", 7)
            patch.setattr("apwa_runtime.tables.write.BATCH_BYTES", 40)
            patch.setattr("apwa_runtime.tables.write.BATCHES_PER_PART", 2)
            write_table(batches, record, f"{folder}/{name}")
        path = folder / name
        return [file.read_bytes() for file in (sorted(path.iterdir()) if path.is_dir() else [path])]

    assert content(sizes) == content([len(rows)]) == content(data.draw(st.permutations(sizes)))


keyed = RecordType("Keyed", (Field("a", t.Optional(t.INT), key=True), Field("b", t.STR, key=True)))
FLOATS = RecordType("Floats", (Field("x", t.Optional(t.FLOAT), unique=True),))
INTS = RecordType("Ints", (Field("n", t.INT, key=True),))


def first_repeat(keys: list[Any]) -> tuple[int, int] | None:
    seen: dict[Any, int] = {}
    for line, key in enumerate(keys, 1):
        if key in seen:
            return seen[key], line
        if key is not None:
            seen[key] = line
    return None


def told(folder: Path, record: RecordType, rows: list[dict[str, Any]]) -> tuple[int, int] | None:
    (folder / "a.jsonl").write_text("".join(f"{json_text(row)}\n" for row in rows))
    try:
        for _ in read_table(ReadSource(str(folder / "a.jsonl"), ""), record, batch_rows=3):
            pass
    except TableError as error:
        first, second = (int(place.rpartition(":")[2]) for place in str(error).rpartition("): ")[2].split(" and "))
        return first, second
    return None


@relaxed
@given(st.lists(st.tuples(st.none() | st.integers(-3, 3), st.sampled_from("ab")), max_size=12))
def test_the_first_two_rows_with_one_key_are_told(tmp_path_factory: Any, keys: list[Any]) -> None:
    folder = tmp_path_factory.mktemp("keys")
    assert told(folder, keyed, [{"a": a, "b": b} for a, b in keys]) == first_repeat(keys)


@relaxed
@given(st.lists(st.none() | st.sampled_from([0.0, -0.0, 1.0, math.nan, math.inf]), max_size=6))
def test_unique_fields_may_be_null_and_nan_is_one_value(tmp_path_factory: Any, numbers: list[float | None]) -> None:
    folder = tmp_path_factory.mktemp("keys")
    expected = first_repeat([None if number is None else str(number) for number in numbers])
    assert told(folder, FLOATS, [{"x": number} for number in numbers]) == expected


def test_keys_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("apwa_runtime.tables.keys._SORTED", 4)
    # -1 and -2 have the same hash in Python.
    numbers = [-1, -2, *range(40), 7, -1]
    assert told(tmp_path, INTS, [{"n": n} for n in numbers[:-2]]) is None
    assert told(tmp_path, INTS, [{"n": n} for n in numbers]) == (10, 43)
    monkeypatch.setattr("apwa_runtime.tables.keys._SOUGHT", 1)
    monkeypatch.setattr("apwa_runtime.tables.keys.hash", lambda key: len(key[0] or "") % 2, raising=False)
    rows = [{"a": a, "b": "a"} for a in (1, 2, 33, 44, 5, 44)]
    assert told(tmp_path, keyed, rows) == (4, 6)


def test_what_is_saved_in_columns_reads_back(tmp_path: Path) -> None:
    rows = [{"a": [number, "é"]} for number in range(100)]
    saved = write_table([to_batch(rows, ITEM)], ITEM, str(tmp_path / "a.jsonl"))
    assert [
        row for chunk in read_table(ReadSource(saved.path, ""), ITEM) for row in from_batch(chunk.batch, ITEM)
    ] == rows
