"""Tables come in whole and checked, and everything that is wrong with them is told with its place."""

from __future__ import annotations

import gzip
import hashlib
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apwa_compiler.plan import FilesSource, LiteralSource, ReadSource, Source
from apwa_lang.semantics import types as t
from apwa_lang.semantics.types import Default, Field, ListOf, MapOf, RecordType
from apwa_runtime.tables.metadata import TableSize, sample, table_size
from apwa_runtime.tables.read import RowProblem, TableError, read_table
from apwa_runtime.values.arrow import arrow_schema, from_batch

ITEM = RecordType("Item", (Field("id", t.STR, key=True), Field("n", t.INT), Field("note", t.Optional(t.STR))))
FILE = RecordType(
    "File", (Field("path", t.STR, key=True), Field("name", t.STR), Field("size", t.INT), Field("sha256", t.STR))
)
ROWS = [{"id": "01", "n": 1, "note": "a"}, {"id": "1", "n": 2, "note": None}]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def source(name: str, format: str = "", **options: object) -> ReadSource:
    return ReadSource(str(Path.cwd() / name), format, tuple(options.items()))


def put(name: str, text: str | bytes) -> ReadSource:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return source(name)


def load(where: Source, record: RecordType = ITEM, **options: Any) -> tuple[list[dict[str, Any]], list[RowProblem]]:
    rows: list[dict[str, Any]] = []
    problems: list[RowProblem] = []
    for chunk in read_table(where, record, **options):
        assert chunk.batch.schema.equals(arrow_schema(record))
        rows += from_batch(chunk.batch, record)
        problems += chunk.problems
    return rows, problems


def places(problems: list[RowProblem]) -> list[tuple[str, int, str, str]]:
    return [(problem.file, problem.line, problem.field, problem.reason) for problem in problems]


def refusal(where: Source, record: RecordType = ITEM) -> str:
    with pytest.raises(TableError) as caught:
        load(where, record)
    assert "\n" not in str(caught.value)
    return str(caught.value)


CSV = "id,n,note\n01,1,a\n1,2,\n"
JSONL = "".join(f"{json.dumps(row)}\n" for row in ROWS)


def parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return bytes(sink.getvalue())


def arrow(rows: list[dict[str, Any]], opened: Any = pa.ipc.new_file) -> bytes:
    table = pa.Table.from_pylist(rows)
    sink = pa.BufferOutputStream()
    with opened(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV),
        ("a.csv", f"\ufeff{CSV}"),
        ("a.csv", CSV.replace("\n", "\r\n")),
        ("a.csv", "extra,note,n,id\nx,a,1,01\n\nx,,2,1\n"),
        ("a.tsv", CSV.replace(",", "\t")),
        ("a.CSV", CSV),
        ("a.csv.gz", gzip.compress(CSV.encode(), mtime=0)),
        ("a.jsonl", JSONL),
        ("a.ndjson", f"\n{JSONL}\n"),
        ("a.jsonl.gz", gzip.compress(JSONL.encode(), mtime=0)),
        ("a.json", json.dumps(ROWS)),
        ("a.parquet", parquet(ROWS)),
        ("a.arrow", arrow(ROWS)),
        ("a.feather", arrow(ROWS, pa.ipc.new_stream)),
    ],
)
@pytest.mark.parametrize("batch_rows", [1, 8192])
def test_every_format_gives_the_same_rows(name: str, content: str | bytes, batch_rows: int) -> None:
    assert load(put(name, content), batch_rows=batch_rows) == (ROWS, [])


def test_a_format_may_be_named() -> None:
    put("data.txt", CSV)
    assert load(source("data.txt", "csv"))[0] == ROWS
    assert refusal(source("data.txt")) == (
        "`txt` is not a format of tables: use csv, tsv, jsonl, json, parquet or arrow"
    )


def test_options_of_csv() -> None:
    put("a.csv", "id;n;note\n'x;y';1;NA\n".encode("utf-16"))
    rows, problems = load(source("a.csv", "csv", delimiter=";", quote="'", encoding="utf-16", null="NA"))
    assert (rows, problems) == ([{"id": "x;y", "n": 1, "note": None}], [])
    put("b.csv", "x,1,\ny,2,b\n")
    assert [row["id"] for row in load(source("b.csv", "csv", header=False))[0]] == ["x", "y"]
    assert "one character" in refusal(source("b.csv", "csv", delimiter=";;"))
    assert "nope" in refusal(source("b.csv", "csv", encoding="nope"))


def test_cells_of_csv_by_type() -> None:
    record = RecordType(
        "R",
        (
            Field("tags", ListOf(t.STR)),
            Field("counts", t.Optional(MapOf(t.INT))),
            Field("any", t.JSON),
            Field("ok", t.BOOL),
            Field("day", t.Optional(t.DATE)),
            Field("n", t.INT, default=Default(7)),
            Field("s", t.STR, default=Default("unused")),
        ),
    )
    where = put("a.csv", 'tags,counts,any,ok,day,n,s\n"[""a""]","{""x"":1}",1.5,true,2024-02-29,,\n[],,null,0,,3,x\n')
    assert load(where, record)[0] == [
        {"tags": ["a"], "counts": {"x": 1}, "any": 1.5, "ok": True, "day": date(2024, 2, 29), "n": 7, "s": ""},
        {"tags": [], "counts": None, "any": None, "ok": False, "day": None, "n": 3, "s": "x"},
    ]
    problems = load(put("b.csv", "tags,any,ok\n[a],1,1\n"), record)[1]
    assert places(problems) == [("b.csv", 2, "tags", "is not valid JSON in its cell")]


def test_bad_rows_are_told_with_file_line_field_and_row_and_the_good_ones_kept() -> None:
    where = put("a.csv", 'id,n,note\nx,one,"two\nlines"\ny,2,\nz\nw,"3" ,\nv,4,\n')
    rows, problems = load(where)
    assert [row["id"] for row in rows] == ["y", "v"]
    assert places(problems) == [
        ("a.csv", 2, "n", 'expected int, found "one"'),
        ("a.csv", 5, "", "has 1 cells where the header has 3"),
        ("a.csv", 6, "", "is not well formed: ',' expected after '\"'"),
    ]
    assert problems[0].row == '{"id":"x","n":"one","note":"two\\nlines"}'


def test_bad_lines_of_jsonl() -> None:
    where = put(
        "a.jsonl", '{"id": "x", "n": 1}\n\n{"id": "y", "n": }\n[1]\n{"id": null, "n": 1.5}\n{"id": "z", "n": 9}\n'
    )
    rows, problems = load(where)
    assert [row["id"] for row in rows] == ["x", "z"]
    assert places(problems) == [
        ("a.jsonl", 3, "", "is not valid JSON: expecting value at column 18"),
        ("a.jsonl", 4, "", "expected a record `Item`, found a list of 1"),
        ("a.jsonl", 5, "id", "expected str, found null; n: expected int, found 1.5"),
    ]
    assert problems[0].row == '{"id": "y", "n": }'


def test_deep_and_long_json_is_a_problem_not_a_crash() -> None:
    where = put("a.jsonl", "[" * 100_000 + "\n" + '{"id": "x", "n": ' + "1" * 10_000 + "}\n")
    rows, problems = load(where)
    assert rows == []
    assert [problem.line for problem in problems] == [1, 2]
    assert all(len(problem.row) <= 200 for problem in problems)


def test_patterns_ranges_and_nulls_are_checked_in_parquet_too() -> None:
    record = RecordType("R", (Field("id", t.STR, pattern="[a-z]+"), Field("n", t.INT, minimum=0)))
    where = put("a.parquet", parquet([{"id": "a", "n": 1}, {"id": "B", "n": 1}, {"id": "c", "n": None}]))
    rows, problems = load(where, record)
    assert rows == [{"id": "a", "n": 1}]
    assert places(problems) == [
        ("a.parquet", 2, "id", 'does not match the pattern "[a-z]+", found "B"'),
        ("a.parquet", 3, "n", "expected int, found null"),
    ]


def test_a_null_in_a_required_column_without_constraints() -> None:
    problems = load(put("a.parquet", parquet([{"id": "a", "n": 1}, {"id": None, "n": 2}])))[1]
    assert places(problems) == [("a.parquet", 2, "id", "expected str, found null")]


def test_columns_of_other_types_become_native() -> None:
    record = RecordType(
        "R",
        (
            Field("i", t.INT),
            Field("f", t.FLOAT),
            Field("s", t.STR),
            Field("at", t.DATETIME),
            Field("zoned", t.DATETIME),
            Field("price", t.FLOAT),
            Field("m", ListOf(MapOf(t.INT))),
            Field("missing", t.STR, default=Default("d")),
        ),
    )
    table = pa.table(
        {
            "i": pa.array([1], pa.int16()),
            "f": pa.array([0.5], pa.float32()),
            "s": pa.array(["x"]).dictionary_encode(),
            "at": pa.array([1_700_000_000_123_456_789], pa.timestamp("ns")),
            "zoned": pa.array([0], pa.timestamp("ms", "UTC")),
            "price": pa.array([Decimal("1.50")]),
            "m": pa.array([[[("a", 1)]]], pa.list_(pa.map_(pa.string(), pa.int32()))),
        }
    )
    pq.write_table(table, "a.parquet")
    rows, problems = load(source("a.parquet"), record)
    assert problems == []
    assert rows == [
        {
            "i": 1,
            "f": 0.5,
            "s": "x",
            "at": datetime(2023, 11, 14, 22, 13, 20, 123456),
            "zoned": datetime(1970, 1, 1, tzinfo=UTC),
            "price": 1.5,
            "m": [{"a": 1}],
            "missing": "d",
        }
    ]


def test_globs_are_read_in_order_of_path() -> None:
    for name in ("d/b.csv", "d/a10.csv", "d/a9.csv", "d/deep/c.csv"):
        put(name, f"id,n\n{name},1\n")
    assert [row["id"] for row in load(source("d/*.csv"))[0]] == ["d/a10.csv", "d/a9.csv", "d/b.csv"]
    assert [row["id"] for row in load(source("d/**/*.csv"))[0]][-1] == "d/deep/c.csv"
    put("d/[1].csv", "id,n\nliteral,1\n")
    assert [row["id"] for row in load(source("d/[1].csv"))[0]] == ["literal"]


def test_a_url_is_opened_with_fsspec() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe("/t/b.csv", b"id,n\nb,1\n")
    memory.pipe("/t/a.csv", b"id,n\na,1\n")
    assert [row["id"] for row in load(ReadSource("memory://t/*.csv", "csv"))[0]] == ["a", "b"]
    assert table_size(ReadSource("memory://t/*.csv", "csv"), ITEM) == TableSize(None, 2, 18)
    assert refusal(ReadSource("memory://t/c.csv", "csv")) == "`memory://t/c.csv` does not exist"
    assert "nosuch" in refusal(ReadSource("nosuch://user:hunter2@host/c.csv?token=hunter2", "csv"))
    assert "hunter2" not in refusal(ReadSource("nosuch://user:hunter2@host/c.csv?token=hunter2", "csv"))


def test_files_that_cannot_be_read() -> None:
    Path("folder.csv").mkdir()
    assert refusal(source("a.csv")) == "`a.csv` does not exist"
    assert refusal(source("*.jsonl")) == "no file matches `*.jsonl` in `.`"
    assert refusal(source("none/*.csv")) == "no file matches `*.csv` in `none`, which does not exist"
    assert refusal(source("folder.csv")) == "`folder.csv` cannot be read: Is a directory"
    assert refusal(put("b.csv", b"id,n\nx,1\n\xff,2\n")).startswith("b.csv:3: is not UTF-8 text")
    assert refusal(put("b.jsonl", b'{"id": "\xff"}\n')).startswith("b.jsonl:1: is not UTF-8 text")
    assert "`c.csv.gz` cannot be read" in refusal(put("c.csv.gz", b"plain"))
    assert "`d.csv.gz` cannot be read" in refusal(put("d.csv.gz", gzip.compress(CSV.encode() * 999)[:-20]))
    assert "e.parquet: is not a readable parquet file" in refusal(put("e.parquet", b"plain"))
    assert "f.arrow: is not a readable Arrow file" in refusal(put("f.arrow", b"plain"))
    assert refusal(put("g.json", '[\n{"id": }]')) == "g.json:2: is not valid JSON: expecting value at column 8"


def test_json_rows_may_lie_deeper() -> None:
    where = put("a.json", json.dumps({"data": {"items": ROWS}}))
    assert load(source("a.json", "json", path="data.items"))[0] == ROWS
    assert refusal(where) == "a.json: expected a list of rows"
    assert refusal(source("a.json", "json", path="data")) == (
        'a.json: expected a list of rows; say where they are with `path: "items"`'
    )
    assert "did you mean `data`?" in refusal(source("a.json", "json", path="dat.items"))


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_missing_columns_are_named_with_what_there_is(name: str) -> None:
    where = put(name, "id,nn\nx,1\n" if name == "a.csv" else parquet([{"id": "x", "nn": 1}]))
    assert refusal(where) == (
        f"{name}: no column for field `n` (did you mean column `nn`?) of record `Item`; the columns are `id`, `nn`"
    )


def test_a_column_twice() -> None:
    assert refusal(put("a.csv", "id,n,n\nx,1,2\n")) == "a.csv: column `n` stands there twice"


def test_a_key_twice_names_both_rows() -> None:
    put("a.csv", "id,n\nx,1\ny,2\n")
    put("b.csv", "id,n\nz,1\n\nx,2\n")
    assert refusal(source("*.csv")) == 'two rows have the same `id` ("x"): a.csv:2 and b.csv:4'
    assert "a.csv:2 and b.csv:4" in refusal(source("[ab].csv"))


def test_keys_are_joint_and_unique_fields_alone() -> None:
    record = RecordType(
        "R", (Field("a", t.STR, key=True), Field("b", t.INT, key=True), Field("c", t.Optional(t.DATE), unique=True))
    )
    assert len(load(put("a.csv", "a,b,c\n1,1,\n01,1,\n1,2,2024-01-01\n"), record)[0]) == 3
    assert refusal(put("b.csv", "a,b,c\n1,1,\n1,01,\n"), record) == (
        'two rows have the same `a`, `b` ("1", "1"): b.csv:2 and b.csv:3'
    )
    assert refusal(put("c.csv", "a,b,c\n1,1,2024-01-01\n1,2,2024-01-01\n"), record) == (
        'two rows have the same `c` ("2024-01-01"): c.csv:2 and c.csv:3'
    )


def test_bad_rows_do_not_count_as_keys() -> None:
    rows, problems = load(put("a.csv", "id,n\nx,bad\nx,1\n"))
    assert (len(rows), len(problems)) == (1, 1)


def test_secrets_are_shown_nowhere() -> None:
    record = RecordType("R", (Field("id", t.STR), Field("pin", t.STR, key=True, secret=True, pattern="[a-z]+")))
    for name, content in (
        ("a.csv", "id,pin\n1,S3CRET\n2,S3CRET,x\n"),
        ("a.jsonl", '{"id": 1, "pin": "S3CRET"}\n{"pin": "S3CRET"\n["S3CRET"]\n'),
        ("a.parquet", parquet([{"id": "1", "pin": "S3CRET"}])),
    ):
        problems = load(put(name, content), record)[1]
        assert problems
        assert "S3CRET" not in repr(problems)
    assert "secret" not in refusal(put("c.csv", "id,pin\n1,secret\n2,secret\n"), record)
    assert "secret" not in refusal(put("d.csv", "1,secret\n2,other\n"), record)


def test_rows_in_the_program() -> None:
    where = LiteralSource((("a", 1, None), ("b", "x", None)))
    rows, problems = load(where)
    assert rows == [{"id": "a", "n": 1, "note": None}]
    assert places(problems) == [("the program", 2, "n", 'expected int, found "x"')]
    assert table_size(where, ITEM) == TableSize(2, 0, None)


def test_files_as_rows() -> None:
    for name in ("docs/b.txt", "docs/a.txt", "docs/sub/c.txt", "docs/.hidden.txt"):
        put(name, name)
    where = FilesSource("docs/**/*.txt", str(Path.cwd()))
    rows = load(where, FILE)[0]
    assert [row["path"] for row in rows] == ["docs/a.txt", "docs/b.txt", "docs/sub/c.txt"]
    digest = hashlib.sha256(b"docs/sub/c.txt").hexdigest()
    assert rows[2] == {"path": "docs/sub/c.txt", "name": "c.txt", "size": 14, "sha256": digest}
    assert table_size(where, FILE) == TableSize(3, 3, 34)
    assert [row["path"] for row in load(FilesSource("../docs/./*.txt", str(Path.cwd() / "docs")), FILE)[0]] == [
        "a.txt",
        "b.txt",
    ]
    assert refusal(FilesSource("*.md", str(Path.cwd() / "docs")), FILE) == "no file matches `*.md` in `docs`"


def test_sizes_and_samples() -> None:
    put("d/a.csv", 'id,n,note\nx,1,"two\nlines"\n\ny,bad,\nz,3,\n')
    assert table_size(source("d/a.csv"), ITEM).rows == 3
    assert [row["id"] for row in sample(source("d/a.csv"), ITEM, 2)] == ["x", "z"]
    for name, content in (
        ("b.jsonl", JSONL),
        ("b.json", json.dumps(ROWS)),
        ("b.parquet", parquet(ROWS)),
        ("b.arrow", arrow(ROWS)),
        ("b.csv.gz", gzip.compress(CSV.encode(), mtime=0)),
    ):
        where = put(name, content)
        assert table_size(where, ITEM) == TableSize(
            2, 1, len(content.encode() if isinstance(content, str) else content)
        )
        assert sample(where, ITEM, 1) == ROWS[:1]
    with pytest.raises(TableError, match="does not exist"):
        table_size(source("none.csv"), ITEM)


def test_large_text_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apwa_runtime.tables.metadata.COUNTED_BYTES", 10)
    assert table_size(put("a.csv", CSV), ITEM) == TableSize(None, 1, len(CSV))


def test_a_table_is_never_whole_in_memory() -> None:
    with Path("a.jsonl").open("w") as file:
        for index in range(20_000):
            file.write(json.dumps({"id": str(index), "n": index, "note": "x" * 1000}) + "\n")

    def chunks() -> Iterator[int]:
        for chunk in read_table(source("a.jsonl"), RecordType("R", ITEM.fields[1:]), batch_rows=200):
            yield chunk.batch.num_rows

    tracemalloc.start()
    assert sum(chunks()) == 20_000
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()
