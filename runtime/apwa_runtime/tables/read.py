"""Read a table, check every row, keep only what is being looked at in memory.

In: a plan's source and the record of its rows. Out: chunks of valid rows as Arrow batches, in order, with the
problems of the rows that do not fit; what becomes of those is the caller's affair. Two rows with the same key are told
when all are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING

from apwa_compiler.plan import FilesSource, LiteralSource, ReadSource, Source, SqlSource
from apwa_lang.semantics.types import RecordType
from apwa_runtime.tables.files import file_rows
from apwa_runtime.tables.formats.delimited import read_delimited
from apwa_runtime.tables.formats.json_rows import read_lines, read_whole
from apwa_runtime.tables.keys import Keyed, Uniqueness
from apwa_runtime.tables.locate import find
from apwa_runtime.tables.options import Options, format_of, options_of
from apwa_runtime.tables.problems import Chunk, Part, RowProblem, TableError
from apwa_runtime.tables.rows import check
from apwa_runtime.values.arrow import to_batch

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["Chunk", "RowProblem", "TableError", "read_table"]

BATCH_ROWS = 8192
PROGRAM = "the program"
QUERY = "the query"

Database = Callable[[], "DuckDBPyConnection"]
Reader = Callable[[IO[bytes], str, RecordType, Options, int], Iterator[Part]]


def read_table(
    source: Source, record: RecordType, *, batch_rows: int = BATCH_ROWS, database: Database | None = None
) -> Iterator[Chunk]:
    """The rows of ``source``, at most ``batch_rows`` to a chunk. A query is put to ``database``.

    Raises TableError, at any point, for a table that cannot be read or lacks a column, and at the end for a key that it
    has twice.
    """

    def again() -> Iterator[Keyed]:
        return (_keyed(file, chunk, lines, unique) for file, chunk, lines in scan(source, record, batch_rows, database))

    unique = Uniqueness(record, again)
    for file, chunk, lines in scan(source, record, batch_rows, database):
        if unique.fields:
            unique.add(_keyed(file, chunk, lines, unique))
        yield chunk
    unique.finish()


def reader_of(format: str) -> Reader:
    """What reads files of a format."""
    match format:
        case "csv" | "tsv":
            return read_delimited
        case "jsonl":
            return read_lines
        case "json":
            return read_whole
    from apwa_runtime.tables.formats import columnar

    return columnar.read_parquet if format == "parquet" else columnar.read_arrow


def scan(
    source: Source, record: RecordType, batch_rows: int, database: Database | None = None
) -> Iterator[tuple[str, Chunk, list[int]]]:
    """Each chunk with its file and the lines of its valid rows; keys are not looked at. Raises TableError."""
    for file, part in parts(source, record, batch_rows, database):
        if part.batch is not None:
            yield file, Chunk(part.batch, tuple(part.problems)), part.lines
        elif part.rows or part.problems:
            rows, lines, problems = check(part, file, record)
            yield file, Chunk(to_batch(rows, record), tuple(problems)), lines


def parts(
    source: Source, record: RecordType, batch_rows: int = BATCH_ROWS, database: Database | None = None
) -> Iterator[tuple[str, Part]]:
    """What the readers of files give, unchecked, with the file. Raises TableError."""
    match source:
        case ReadSource(path, format):
            for file in find(path):
                kind = format_of(file.path, format)
                options = options_of(source, kind)
                with file.opened() as stream:
                    for part in reader_of(kind)(stream, file.name, record, options, batch_rows):
                        yield file.name, part
        case FilesSource(pattern, base):
            yield from file_rows(pattern, base, record, batch_rows)
        case SqlSource(query):
            from apwa_runtime.tables.sql import read_query

            assert database is not None
            yield from ((QUERY, part) for part in read_query(database, query, QUERY, record, batch_rows))
        case LiteralSource(rows):
            names = [field.name for field in record.fields]
            for start in range(0, len(rows), batch_rows):
                some = [dict(zip(names, row, strict=True)) for row in rows[start : start + batch_rows]]
                yield PROGRAM, Part(list(range(start + 1, start + 1 + len(some))), some, [])


def _keyed(file: str, chunk: Chunk, lines: list[int], unique: Uniqueness) -> Keyed:
    return Keyed(file, lines, chunk.batch.select([field.name for field in unique.fields]))
