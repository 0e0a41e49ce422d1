"""Tables that have no record yet: what is inferred reads them, and what is told of them is bounded."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apwa_lang.check import check
from apwa_lang.draft.offer import OfferError
from apwa_lang.syntax.source import Source
from apwa_runtime.manager.draft.infer import record_name
from apwa_runtime.manager.draft.tables import GivenTable, given_table


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def jsonl(*rows: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def table(content: str, name: str = "rows.jsonl", how: str = "", secrets: tuple[str, ...] = ()) -> GivenTable:
    Path(name).write_text(content)
    return given_table("rows", f"{name}{how}", Path.cwd(), {"rows"}, secrets)


def fields(made: GivenTable) -> dict[str, str]:
    """The fields of the record as they are declared, checked to be a program."""
    text = "\n".join(one.text for one in made.declarations)
    assert check(Source(text, "draft.apwa", Path.cwd() / "draft.apwa")).diagnostics == ()
    lines = made.declarations[-2].text.splitlines()[1:-1]
    return {name: rest for name, _, rest in (line.strip().partition(": ") for line in lines)}


@pytest.mark.parametrize(
    ("cells", "type"),
    [
        (["1", "-20"], "int"),
        (["1", "2.5"], "float"),
        (["1e3", "0.5"], "float"),
        (["007", "8"], "str"),
        (["1", "x"], "str"),
        (["1", ""], "int?"),
        (["x", ""], "str"),
        (["", ""], "str"),
        (["true", "false"], "bool"),
        (["True", "true"], "str"),
        (["nan", "1.0"], "str"),
        (["2025-02-28", "2025-03-01"], "date"),
        (["2025-02-30", "2025-03-01"], "str"),
        (["2025-02-28T10:00:00Z", "2025-03-01T11:30:00+02:00"], "datetime"),
        (["2025-02-28", "2025-03-01T11:30:00"], "str"),
        (["123456789012345678901234567890", "1"], "str"),
        (["6f9619ff-8b86-d011-b42d-00c04fc964ff", "6f9619ff-8b86-d011-b42d-00c04fc964fe"], "uuid"),
        (["[1]", '{"a": 1}'], "str"),
    ],
)
def test_cells_have_the_least_type(cells: list[str], type: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["id", "cell"], *enumerate(cells)])
    assert fields(table(out.getvalue(), "rows.csv")) == {"id": "int @key", "cell": type}


@pytest.mark.parametrize(
    ("values", "type"),
    [
        ([1, 2], "int"),
        ([1, 2.5], "float"),
        ([True, False], "bool"),
        ([True, 1], "json"),
        (["a", 1], "json"),
        ([None, 1], "int?"),
        ([None, None], "json?"),
        ([2**63, 1], "json"),
        (["1", "2"], "str"),
        (["2025-02-28", "x"], "str"),
        ([[1], [], [2.5]], "list[float]"),
        ([[1], [None]], "list[int?]"),
        ([[], []], "list[json]"),
        ([[1], 1], "json"),
        ([{"a": 1}, {"a": 2, "b": "x"}], "RowCell"),
        ([{"a b": 1}, {}], "json"),
    ],
)
def test_values_have_the_least_type(values: list[Any], type: str) -> None:
    made = table(jsonl(*({"id": number, "cell": value} for number, value in enumerate(values))))
    assert fields(made) == {"id": "int @key", "cell": type}


def test_records_in_records_are_declared_before() -> None:
    made = table(jsonl({"id": "a", "by": {"name": "x", "at": [{"city": "y"}]}}, {"id": "b"}))
    assert [one.text for one in made.declarations] == [
        "record RowByAt {\n  city: str\n}",
        "record RowBy {\n  name: str\n  at: list[RowByAt]\n}",
        "record Row {\n  id: str @key\n  by: RowBy?\n}",
        'table rows: Row = read "rows.jsonl"',
    ]


def test_parquet_and_arrow_keep_their_types() -> None:
    columns = {
        "day": [date(2025, 1, 1), date(2025, 1, 2)],
        "at": [datetime(2025, 1, 1, tzinfo=UTC), None],
        "took": [timedelta(seconds=1)] * 2,
        "raw": [b"a", b"b"],
        "tags": [["a"], []],
        "by": [{"n": 1}, {"n": 2}],
        "word": pa.array(["a", "b"]).dictionary_encode(),
    }
    expected = {
        "day": "date @key",
        "at": "datetime?",
        "took": "duration",
        "raw": "bytes",
        "tags": "list[str]",
        "by": "RowBy",
        "word": "str",
    }
    pq.write_table(pa.table(columns), "rows.parquet")
    with pa.OSFile("rows.arrow", "wb") as sink, pa.ipc.new_file(sink, pa.table(columns).schema) as writer:
        writer.write_table(pa.table(columns))
    for name in ("rows.parquet", "rows.arrow"):
        assert fields(given_table("rows", name, Path.cwd(), (), ())) == expected


def test_the_key_is_a_column_that_is_called_so_and_holds() -> None:
    rows = [{"text": f"t{n}", "note_id": f"n{n}", "n": n, "same": 1} for n in range(3)]
    assert fields(table(jsonl(*rows)))["note_id"] == "str @key"
    assert fields(table(jsonl(*rows, {**rows[0], "text": "x", "n": 9})))["text"] == "str @key"
    assert not any("@key" in one for one in fields(table(jsonl(*rows, rows[0]))).values())
    # Texts that differ, and one point in time.
    assert fields(table(jsonl({"id": "2025-01-01T00:00:00Z"}, {"id": "2025-01-01T00:00Z"}))) == {"id": "datetime"}


def test_what_is_told_is_bounded_and_leaves_secrets_out() -> None:
    rows = [{"id": n, "text": "x" * 10_000, "ssn": "HUSH", "list": list(range(100))} for n in range(1000)]
    made = table(jsonl(*rows), secrets=("ssn",))
    assert fields(made)["ssn"] == "str @secret"
    assert made.described["rows"] == 1000
    assert "HUSH" not in made.told
    assert len(made.told) < 10_000
    wide = table(jsonl({f"c{n}": "x" * 100 for n in range(48)}))
    assert len(wide.told) < 20_000
    assert '"sample": [{"c0": ' in wide.told and '"values"' not in wide.told
    assert table(jsonl({f"c{n}": "x" * 100 for n in range(300)})).told == '{"rows": 1}'


def test_columns_without_a_name_are_left_out() -> None:
    made = table("id,First Name,a-b,é\n1,x,y,z\n", "rows.csv")
    assert list(fields(made)) == ["id", "é"]
    assert made.left_out == ("First Name", "a-b")


def test_a_format_may_be_given() -> None:
    assert fields(table('{"items": [{"a": 1}]}', "rows.json", ' as json(path: "items")')) == {"a": "int @key"}
    made = table("a;b\n1;2\n", "rows.txt", ' as csv(delimiter: ";")')
    assert made.declarations[-1].text == 'table rows: Row = read "rows.txt" as csv(delimiter: ";")'


def test_other_files_are_a_row_each() -> None:
    Path("a.txt").write_text("x")
    made = given_table("files", "*.txt", Path.cwd(), (), ())
    assert [one.text for one in made.declarations] == ['table files: File = files "*.txt"']
    assert made.described["rows"] == 1


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("none.csv", "does not exist"),
        ("n*.csv", "no file matches"),
        ("nothing", "no file matches"),
        ("empty.jsonl", "it has no row"),
        ("list.jsonl", "row 1 is no object"),
        ("broken.jsonl", "broken.jsonl:2: is not valid JSON"),
        ("odd.csv", "no column has a name: a b"),
        ("broken.jsonl as nothing", "there is no format `nothing`"),
        ("http://me:hush@host/a.csv", "with its password or query"),
        ("https://host/a.csv?key=hush", "with its password or query"),
    ],
)
def test_a_table_that_cannot_be_read_is_told(value: str, why: str) -> None:
    for name, content in {
        "empty.jsonl": "",
        "list.jsonl": "[1]\n",
        "broken.jsonl": '{"a": 1}\n{"a"\n',
        "odd.csv": "a b\n1\n",
    }.items():
        Path(name).write_text(content)
    with pytest.raises(OfferError, match=why) as raised:
        given_table("rows", value, Path.cwd(), (), ())
    assert str(raised.value).startswith("--table rows: ")
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("table", "record"),
    [("notes", "Note"), ("line_items", "LineItem"), ("stories", "Story"), ("press", "Press"), ("data", "Data")],
)
def test_records_are_named_for_their_rows(table: str, record: str) -> None:
    assert record_name(table) == record


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4) | st.sampled_from(["2025-01-01", "2025-13-01", "2025-01-01T10:00", "1", "true", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c d"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(["x", "y", "z"]), VALUES, max_size=3), min_size=1, max_size=4))
def test_what_is_inferred_reads_any_rows(rows: list[dict[str, Any]]) -> None:
    made = table(jsonl(*({"id": number, **row} for number, row in enumerate(rows))))
    assert made.described["rows"] == len(rows)
    fields(made)


CELLS = st.text(max_size=4) | st.sampled_from(["1", "2.5", "007", "true", "2025-01-01", "", "[1]", "1e999", "-0"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
def test_what_is_inferred_reads_any_cells(rows: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["id", "a", "b"], *((number, *row) for number, row in enumerate(rows))])
    with Path("rows.csv").open("w", newline="") as file:
        file.write(out.getvalue())
    made = given_table("rows", "rows.csv", Path.cwd(), (), ())
    assert made.described["rows"] == len(rows)
    fields(made)
