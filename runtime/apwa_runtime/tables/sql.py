"""SQL over tables: a locked DuckDB database that reads Arrow tables where they lie.

In: tables by name, and one SELECT. Out: its rows. A query reaches no files and no network, changes nothing, sees no
field with a secret, and is stopped after its time. Needs ``pip install "apwa-lang[sql]"``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from apwa_lang.semantics.queries import database, one_line, refusal, repetition
from apwa_lang.semantics.types import RecordType, open_fields
from apwa_runtime.datasets import Dataset
from apwa_runtime.tables.formats.columnar import part_of
from apwa_runtime.tables.formats.delimited import require_columns
from apwa_runtime.tables.problems import Part, TableError
from apwa_runtime.values.arrow import arrow_schema

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

MEMORY = "512MiB"


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


def read_query(
    database: Callable[[], DuckDBPyConnection], query: str, name: str, record: RecordType, batch_rows: int
) -> Iterator[Part]:
    """The rows of a query as those of a table. Raises TableError."""
    start = 1
    try:
        for batch in batches(database(), query, batch_rows):
            require_columns(batch.schema.names, record, name)
            fitted = _fitted(batch, record)
            yield part_of(fitted, fitted.schema, record, start)
            start += batch.num_rows
    except SqlError as error:
        raise TableError(f"the query cannot be used: {error}") from None


def _fitted(batch: pa.RecordBatch, record: RecordType) -> pa.RecordBatch:
    """A batch with the record's fields, those that the record holds as text marked so, durations as durations."""
    columns = {}
    for field in arrow_schema(record):
        if field.name not in batch.schema.names:
            continue
        column, mark = _durations(batch.column(field.name)), None
        if field.metadata:
            with suppress(pa.ArrowException):
                column, mark = column.cast(field.type), field.metadata
        columns[pa.field(field.name, column.type, metadata=mark)] = column
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=pa.schema(list(columns)))


def _durations(column: pa.Array) -> pa.Array:
    """An interval, of which DuckDB counts days and months apart, as a duration, unless one has months."""
    if not pa.types.is_interval(column.type):
        return column
    values = column.to_pylist()
    if any(value is not None and value.months for value in values):
        return column
    found = [value and timedelta(value.days, microseconds=value.nanoseconds // 1000) for value in values]
    return pa.array(found, pa.duration("us"))


def open_table(dataset: Dataset) -> pa.Table:
    """The rows as queries see them: without fields that hold secrets. They stay where they lie on disk."""
    return dataset.table().select([field.name for field in open_fields(dataset.record)])


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
        problem = repetition(relation.columns)
        if problem is not None:
            raise SqlError(problem)
        yield relation
    except RuntimeError as error:
        # What DuckDB raises where a signal has interrupted the query.
        raise KeyboardInterrupt from error
    except (duckdb.Error, pa.ArrowException) as error:
        raise SqlError(f"the query took more than {timeout:g} s" if late.is_set() else one_line(error)) from None
    finally:
        if timer:
            timer.cancel()
