"""SQL over tables: a locked DuckDB database that reads Arrow tables where they lie.

In: tables by name, and one SELECT. Out: its rows. A query reaches no files and no network, changes nothing, and is
stopped after its time. Needs ``pip install "apwa-lang[sql]"``.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from apwa_lang.semantics.queries import database, refusal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

MEMORY = "1GiB"


class SqlError(Exception):
    """A query that cannot be run; the text is one line for people."""


def connect(tables: Mapping[str, pa.Table], *, memory: str = MEMORY, spill: Path | None = None) -> DuckDBPyConnection:
    """A database with these tables, read where they lie. Raises SqlError."""
    try:
        connection = database(memory, spill)
    except ImportError:
        raise SqlError('DuckDB is not installed: pip install "apwa-lang[sql]"') from None
    known: dict[str, str] = {}
    for name, table in tables.items():
        other = known.setdefault(name.lower(), name)
        if other != name:
            raise SqlError(f"`{other}` and `{name}` are one name in SQL, where capitals do not count")
        connection.register(name, table)
    return connection


def rows(
    connection: DuckDBPyConnection, query: str, limit: int, timeout: float | None = None
) -> tuple[list[dict[str, Any]], bool]:
    """The first ``limit`` rows as Python values by column, and whether there are more.

    Raises SqlError for what is no query or fails, and when ``timeout`` seconds have passed.
    """
    with _running(connection, query, timeout) as relation:
        found = relation.limit(limit + 1).fetchall()
    return [dict(zip(relation.columns, row, strict=True)) for row in found[:limit]], len(found) > limit


def batches(connection: DuckDBPyConnection, query: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
    """All rows, ``batch_rows`` at a time. Raises SqlError, also between batches."""
    with _running(connection, query, None) as relation:
        yield from relation.to_arrow_reader(batch_rows)


@contextmanager
def _running(connection: DuckDBPyConnection, query: str, timeout: float | None) -> Iterator[DuckDBPyRelation]:
    import duckdb

    late = threading.Event()

    def stop() -> None:
        late.set()
        connection.interrupt()

    problem = refusal(connection, query)
    if problem is not None:
        raise SqlError(problem)
    timer = threading.Timer(timeout, stop) if timeout is not None else None
    if timer:
        timer.daemon = True
        timer.start()
    try:
        relation = connection.sql(query)
        for name, times in Counter(map(str.lower, relation.columns)).items():
            if times > 1:
                raise SqlError(f"two columns are named `{name}`: give one another name with `as`")
        yield relation
    except (duckdb.Error, pa.ArrowException) as error:
        raise SqlError(f"the query took more than {timeout:g} s" if late.is_set() else one_line(error)) from None
    finally:
        if timer:
            timer.cancel()


def one_line(error: Exception) -> str:
    """What DuckDB says, without its drawing of the query."""
    told = str(error).partition("\n\nLINE ")[0]
    return " ".join(told.split())
