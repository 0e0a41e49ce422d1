"""Saved tables are whole or absent, equal for equal rows, and read back as they were."""

from __future__ import annotations

import csv
import errno
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apwa_compiler.plan import ReadSource
from apwa_lang.semantics import types as t
from apwa_lang.semantics.types import Field, ListOf, MapOf, RecordType
from apwa_runtime.tables.problems import TableError
from apwa_runtime.tables.read import read_table
from apwa_runtime.tables.write import BATCH_ROWS, SavedTable, write_table
from apwa_runtime.values.arrow import from_batch, to_batch

NUMBER = RecordType("Number", (Field("n", t.INT), Field("word", t.STR)))
SPAN = RecordType("Span", (Field("at", t.DATETIME), Field("any", t.JSON)))
DOT = RecordType("Dot", (Field("x", t.FLOAT),))
FULL = RecordType(
    "Full",
    (
        Field("s", t.STR),
        Field("i", t.INT),
        Field("f", t.FLOAT),
        Field("b", t.BOOL),
        Field("raw", t.BYTES),
        Field("day", t.Optional(t.DATE)),
        Field("at", t.DATETIME),
        Field("lasts", t.DURATION),
        Field("uuid", t.UUID),
        Field("any", t.JSON),
        Field("spans", ListOf(SPAN)),
        Field("counts", MapOf(t.INT)),
        Field("shape", t.Union((DOT, SPAN))),
        Field("v", t.Tensor("f32", (2,))),
        Field("pick", t.Choice(("a", "b"))),
    ),
)
ROWS: list[dict[str, Any]] = [
    {
        "s": 'q"uo,te\r\n\ttab ',
        "i": -(2**63),
        "f": 0.1,
        "b": True,
        "raw": b"\x00\xff",
        "day": None,
        "at": datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        "lasts": timedelta(days=-1, microseconds=1),
        "uuid": UUID(int=7),
        "any": {"a": [1, None, "é"]},
        "spans": [{"at": datetime(2024, 1, 2), "any": "text"}],
        "counts": {"é": 1},
        "shape": {"kind": "Dot", "x": 1.5},
        "v": [0.5, 1.0],
        "pick": "b",
    },
    {
        "s": "",
        "i": 1,
        "f": float("inf"),
        "b": False,
        "raw": b"",
        "day": date(2024, 2, 29),
        "at": datetime(1, 1, 1, tzinfo=UTC),
        "lasts": timedelta(0),
        "uuid": UUID(int=8),
        "any": None,
        "spans": [],
        "counts": {},
        "shape": {"kind": "Span", "at": datetime(2024, 1, 2), "any": None},
        "v": [0.0, -1.0],
        "pick": "a",
    },
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def numbers(count: int, size: int = 1000) -> Iterator[Any]:
    for start in range(0, count, size):
        yield to_batch([{"n": n, "word": f"w{n}"} for n in range(start, min(start + size, count))], NUMBER)


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def load(path: str, record: RecordType, format: str = "") -> list[dict[str, Any]]:
    chunks = list(read_table(ReadSource(path, format), record))
    assert not [chunk.problems for chunk in chunks if chunk.problems]
    return [row for chunk in chunks for row in from_batch(chunk.batch, record)]


@pytest.mark.parametrize(
    "name", ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.parquet", "a.arrow", "a.csv.gz", "a.jsonl.gz"]
)
def test_what_is_saved_reads_back(name: str) -> None:
    saved = write_table([to_batch(ROWS, FULL)], FULL, str(Path("new/folder", name).absolute()))
    assert (saved.rows, saved.bytes) == (2, Path("new/folder", name).stat().st_size)
    assert load(saved.path, FULL) == ROWS
    assert names("new/folder") == [name]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.parquet", "a.arrow", "a.csv.gz", "parts/"])
def test_equal_rows_give_equal_bytes_however_they_come(name: str) -> None:
    def content(size: int) -> list[bytes]:
        write_table(numbers(BATCH_ROWS + 5, size), NUMBER, name)
        path = Path(name)
        return [part.read_bytes() for part in (sorted(path.iterdir()) if path.is_dir() else [path])]

    first = content(1000)
    assert first == content(7777) == content(BATCH_ROWS * 3)
    assert [row["n"] for row in load(f"{name}*.parquet" if name == "parts/" else name, NUMBER)] == list(
        range(BATCH_ROWS + 5)
    )


def test_text_formats_as_people_see_them() -> None:
    record = RecordType("R", (Field("a", t.Optional(t.STR)), Field("b", t.BOOL), Field("at", t.DATETIME)))
    rows = [
        {"a": None, "b": True, "at": datetime(2024, 1, 2, 3)},
        {"a": 'x, "y"', "b": False, "at": datetime(2024, 1, 2, tzinfo=UTC)},
    ]
    for name in ("a.csv", "a.jsonl", "a.json"):
        write_table([to_batch(rows, record)], record, name)
    assert Path("a.csv").read_text() == (
        'a,b,at\n,true,2024-01-02T03:00:00\n"x, ""y""",false,2024-01-02T00:00:00+00:00\n'
    )
    assert Path("a.jsonl").read_text().splitlines()[0] == '{"a":null,"b":true,"at":"2024-01-02T03:00:00"}'
    assert json.loads(Path("a.json").read_text())[1]["a"] == 'x, "y"'


def test_a_lone_empty_cell_is_a_row() -> None:
    record = RecordType("R", (Field("a", t.Optional(t.STR)),))
    write_table([to_batch([{"a": None}, {"a": "x"}, {"a": None}], record)], record, "a.csv")
    assert list(csv.reader(Path("a.csv").read_text().splitlines())) == [["a"], [""], ["x"], [""]]
    assert load("a.csv", record) == [{"a": None}, {"a": "x"}, {"a": None}]


def test_times_are_timestamps_for_other_tools() -> None:
    record = RecordType("R", (Field("at", t.Optional(t.DATETIME)),))
    write_table(
        [to_batch([{"at": datetime.fromisoformat("2024-01-02T03:00:00+02:00")}, {"at": None}], record)],
        record,
        "a.parquet",
    )
    table = pq.read_table("a.parquet")
    assert table.schema.field("at").type == pa.timestamp("us", "UTC")
    assert table["at"].to_pylist() == [datetime(2024, 1, 2, 1, tzinfo=UTC), None]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.parquet", "a.arrow", "parts/"])
def test_no_rows_are_a_table_too(name: str) -> None:
    saved = write_table([], NUMBER, name)
    assert saved.rows == 0
    assert load(f"{name}*.parquet" if name == "parts/" else name, NUMBER) == []


def test_parts_replace_the_parts_of_before_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apwa_runtime.tables.write.BATCHES_PER_PART", 1)
    write_table(numbers(2 * BATCH_ROWS + 1), NUMBER, "out/", "jsonl")
    assert names("out") == ["part-00000.jsonl", "part-00001.jsonl", "part-00002.jsonl"]
    write_table(numbers(3), NUMBER, "out/")
    assert names("out") == ["part-00000.parquet"]
    Path("out/mine.txt").write_text("mine")
    write_table(numbers(BATCH_ROWS + 1), NUMBER, "out/", "csv")
    assert names("out") == ["mine.txt", "part-00000.csv", "part-00001.csv"]
    assert names(".") == ["out"]


class BrokenError(Exception):
    pass


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet", "parts/", "a.csv.gz"])
@pytest.mark.parametrize("error", [BrokenError, OSError])
def test_a_failure_leaves_what_was_there(name: str, error: type[Exception]) -> None:
    write_table(numbers(3), NUMBER, name)

    def failing() -> Iterator[Any]:
        yield from numbers(2 * BATCH_ROWS)
        raise error("mine")

    with pytest.raises(error, match="mine"):
        write_table(failing(), NUMBER, name)
    assert len(load(f"{name}*.parquet" if name == "parts/" else name, NUMBER)) == 3
    assert names(".") == [name.rstrip("/")]


def test_trouble_with_the_disk_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("folder.csv").mkdir()
    Path("file").write_text("")
    with pytest.raises(TableError, match="it is a folder"):
        write_table(numbers(1), NUMBER, "folder.csv")
    with pytest.raises(TableError, match="is a file, not a folder"):
        write_table(numbers(1), NUMBER, "file/a.csv")
    with pytest.raises(TableError, match="`xlsx` is not a format"):
        write_table(numbers(1), NUMBER, "a.xlsx")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TableError, match=r"^the disk is full$"):
        write_table(numbers(1), NUMBER, "b.csv")
    assert names(".") == ["file", "folder.csv"]


def test_a_url_is_written_with_fsspec() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    assert write_table(numbers(3), NUMBER, "memory://w/a.jsonl") == SavedTable("memory://w/a.jsonl", 3, 60)
    assert len(load("memory://w/a.jsonl", NUMBER)) == 3
    memory.pipe("/w/parts/part-00007.parquet", b"old")
    write_table(numbers(3), NUMBER, "memory://w/parts/")
    assert [entry.rpartition("/")[2] for entry in memory.ls("/w/parts", detail=False)] == ["part-00000.parquet"]
    with pytest.raises(TableError, match="nosuch"):
        write_table(numbers(3), NUMBER, "nosuch://w/a.jsonl")


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_rows_of_every_type_give_equal_bytes_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apwa_runtime.tables.write.BATCH_ROWS", 3)
    whole = to_batch(ROWS * 5, FULL)

    def content(size: int) -> bytes:
        write_table([whole.slice(start, size) for start in range(0, 10, size)], FULL, name)
        return Path(name).read_bytes()

    assert content(1) == content(4) == content(10)
    assert load(name, FULL) == ROWS * 5


def test_large_rows_make_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apwa_runtime.tables.write.BATCH_BYTES", 10)
    words = ["12345", "12345", "1", "x" * 30, "", "1234567890"]
    write_table([to_batch([{"n": 0, "word": word} for word in words], NUMBER)], NUMBER, "a.arrow")
    with pa.ipc.open_file("a.arrow") as reader:
        sizes = [reader.get_batch(index).num_rows for index in range(reader.num_record_batches)]
    assert sizes == [2, 1, 1, 2]


@pytest.mark.parametrize("name", ["a.csv", "parts/"])
def test_what_a_crash_has_left_is_taken_up(name: str) -> None:
    """A process that is killed while it writes cleans nothing."""
    left = Path(f".{name.removesuffix('/')}.run.tmp")
    if name.endswith("/"):
        left.mkdir()
        (left / "part-00000.parquet").write_text("half")
    else:
        left.write_text("half")
    write_table(numbers(3), NUMBER, name, mark="run")
    assert not left.exists()
    assert [path.name for path in Path().iterdir()] == [name.removesuffix("/")]
