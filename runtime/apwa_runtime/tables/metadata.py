"""What can be known of a table before it is read.

In: a source. Out: its rows, files and bytes, as far as that is cheap, and a few rows of it. Parquet says its number
of rows itself; text is counted up to 64 MiB.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from apwa_compiler.plan import FilesSource, LiteralSource, ReadSource, Source, SqlSource
from apwa_lang.semantics.types import RecordType
from apwa_runtime.tables.files import matching
from apwa_runtime.tables.formats import delimited
from apwa_runtime.tables.locate import File, find, is_url
from apwa_runtime.tables.options import format_of, options_of
from apwa_runtime.tables.read import BATCH_ROWS, reader_of, scan
from apwa_runtime.values.arrow import from_batch

COUNTED_BYTES = 64 << 20
# Text unzips to about so many times its size.
_ZIPPED = 10
_NO_FIELDS = RecordType("<rows>", ())


@dataclass(frozen=True, slots=True)
class TableSize:
    """``rows`` is None where counting would mean reading too much, ``bytes`` None for rows of the program."""

    rows: int | None
    files: int
    bytes: int | None


def table_size(source: Source, record: RecordType) -> TableSize:
    """The size of a table. Rows are counted, not checked. Raises TableError where a file is missing or unreadable."""
    match source:
        case LiteralSource(rows):
            return TableSize(len(rows), 0, None)
        case SqlSource():
            return TableSize(None, 0, None)
        case FilesSource(pattern, base):
            files = [file for _, file in matching(pattern, base)]
            return TableSize(len(files), len(files), sum(file.size() for file in files))
        case ReadSource(path):
            files = find(path)
            return TableSize(_rows(files, source), len(files), sum(file.size() for file in files))


def column_names(source: ReadSource) -> list[str]:
    """The columns of its first file; none where only rows name them. Raises TableError."""
    (file, *_) = find(source.path)
    format = format_of(file.path, source.format)
    with file.opened() as stream:
        match format:
            case "csv" | "tsv":
                return delimited.column_names(stream, file.name, options_of(source, format))
            case "parquet" | "arrow":
                from apwa_runtime.tables.formats import columnar

                return columnar.column_names(stream, file.name, format)
    return []


def sample(source: Source, record: RecordType, n: int) -> list[dict[str, Any]]:
    """The first ``n`` rows that fit, secrets and all, of a table that is no query. Raises TableError."""
    chunks = (chunk for _, chunk, _ in scan(source, record, max(1, n)))
    return list(islice((row for chunk in chunks for row in from_batch(chunk.batch, record)), n))


def _rows(files: list[File], source: ReadSource) -> int | None:
    total, left = 0, COUNTED_BYTES
    for file in files:
        rows, left = _count(file, source, left)
        if rows is None:
            return None
        total += rows
    return total


def _count(file: File, source: ReadSource, left: int) -> tuple[int | None, int]:
    """The rows of a file, and how many bytes may still be read; None where it has more than those."""
    format = format_of(file.path, source.format)
    if format == "parquet":
        from apwa_runtime.tables.formats.columnar import metadata_rows

        with file.opened() as stream:
            return metadata_rows(stream, file.name), left
    left -= file.size() * (_ZIPPED if file.zipped else 1)
    if left < 0 or is_url(file.path):
        return None, left
    with file.opened() as stream:
        parts = reader_of(format)(stream, file.name, _NO_FIELDS, options_of(source, format), BATCH_ROWS)
        return sum(len(part.lines) + len(part.problems) for part in parts), left
