"""SQL over tables: what a query may read, and what it may never do."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pytest

from apwa_runtime.tables.sql import SqlError, batches, connect, rows

NOTES = pa.table({"id": pa.array(["a", "b", "c"], pa.large_string()), "words": [3, 4, 5]})


def test_rows_are_those_of_the_query() -> None:
    found = rows(connect({"notes": NOTES}), "select id, words * 2 as twice from notes order by words desc", 2)

    assert found == ([{"id": "c", "twice": 10}, {"id": "b", "twice": 8}], True)


def test_all_rows_come_in_batches() -> None:
    found = list(batches(connect({"notes": NOTES}), "select n from range(10000) t(n)", 4096))

    assert len(found) > 1
    assert pa.Table.from_batches(found)["n"].to_pylist() == list(range(10000))


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("select x from notes", 'Binder Error: Referenced column "x" not found'),
        ("select * from nots", "there is no table `nots`: did you mean `notes`?"),
        ("selec 1", "syntax error"),
        ("select id, id from notes", "two columns are named `id`"),
        ("select 1; select 2", "only one SELECT"),
        ("drop view notes", "only one SELECT"),
        ("copy notes to 'out.csv'", "only one SELECT"),
        ("install httpfs", "only one SELECT"),
        ("set threads = 4", "only one SELECT"),
        ("summarize notes", "only one SELECT"),
        ("select * from query('drop view notes')", "`query` cannot be read from"),
        ("select * from (select * from read_text('/etc/passwd'))", "`read_text` cannot be read from"),
        ("from '/etc/passwd'", "there is no table `/etc/passwd`"),
        ("select * from information_schema.tables", "there is no table `information_schema.tables`"),
        ("select * from sqlite_master", "there is no table `sqlite_master`"),
        ("select current_date", "`current_date` asks the clock"),
        ("select system.main.NOW()", "`now` asks the clock"),
        ("select list_transform([1], x -> random())", "`random` is chance"),
        ("select * from (select * from notes using sample 1 rows)", "a sample is drawn by chance"),
        ("select current_setting('threads')", "`current_setting` cannot be used"),
    ],
)
def test_a_query_that_is_more_than_a_question_is_refused(query: str, problem: str) -> None:
    connection = connect({"notes": NOTES})

    with pytest.raises(SqlError, match="^" + problem.replace("(", r"\(").replace("?", r"\?")):
        rows(connection, query, 1)

    assert rows(connection, "select count(*) as n from notes", 1) == ([{"n": 3}], False)


def test_a_query_that_never_ends_is_stopped() -> None:
    endless = "with recursive r as (select 1 a union all select a + 1 from r) select sum(a) s from r"

    with pytest.raises(SqlError, match="took more than"):
        rows(connect({}), endless, 1, timeout=0.2)


def test_what_needs_too_much_memory_fails_or_spills(tmp_path: Path) -> None:
    large = "select count(*) n from (select distinct n || repeat('x', 100) from range(400000) t(n))"

    with pytest.raises(SqlError, match="Out of Memory"):
        rows(connect({}, memory="20MB"), large, 1)

    assert rows(connect({}, memory="20MB", spill=tmp_path), large, 1) == ([{"n": 400000}], False)


def test_without_duckdb_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)

    with pytest.raises(SqlError, match="DuckDB is not installed: pip install"):
        connect({"notes": NOTES})


def test_a_name_of_the_query_itself_is_no_table() -> None:
    connection = connect({"notes": NOTES})

    assert rows(connection, "with few as (select * from notes limit 1) select id from FEW", 9) == ([{"id": "a"}], False)
    with pytest.raises(SqlError, match="there is no table `Notes`: did you mean `notes`"):
        rows(connection, "select * from Notes", 1)


def test_names_are_told_apart_as_sql_does() -> None:
    with pytest.raises(SqlError, match="`Notes` and `notes` are one name"):
        connect({"Notes": NOTES, "notes": NOTES})
