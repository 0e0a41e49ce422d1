"""Writing each format.

In: record batches, cut to a fixed number of rows so that equal rows give equal bytes. Out: bytes in an open file.
Times become Arrow timestamps in UTC in parquet and arrow files, as other tools expect (one without an offset is taken
as UTC); text keeps them as they are. In csv and tsv null is an empty cell, and lists, maps, records and json are JSON
text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from apwa_lang.semantics.types import RecordType
from apwa_runtime.tables.formats.cells import delimited_cells, delimited_header, json_cells
from apwa_runtime.tables.instants import instants
from apwa_runtime.values.arrow import arrow_schema, is_datetime
from apwa_runtime.values.text import json_text

Writer = Callable[[Iterable[Any], RecordType, IO[bytes]], None]

_INSTANT = pa.timestamp("us", "UTC")


def write_parquet(batches: Iterable[Any], record: RecordType, sink: IO[bytes]) -> None:
    """Parquet, compressed with zstd; one row group a batch."""
    with pq.ParquetWriter(sink, public_schema(record), compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(_public(batch, record))


def write_arrow(batches: Iterable[Any], record: RecordType, sink: IO[bytes]) -> None:
    """An Arrow IPC file, also known as feather."""
    with pa.ipc.new_file(sink, public_schema(record)) as writer:
        for batch in batches:
            writer.write_batch(_public(batch, record))


def write_jsonl(batches: Iterable[Any], record: RecordType, sink: IO[bytes]) -> None:
    """One JSON object a line."""
    for batch in batches:
        sink.write("".join(f"{row}\n" for row in _objects(batch, record)).encode())


def write_json(batches: Iterable[Any], record: RecordType, sink: IO[bytes]) -> None:
    """A JSON list with one object a line."""
    separator = "[\n"
    for batch in batches:
        rows = ",\n".join(_objects(batch, record))
        sink.write(f"{separator}{rows}".encode())
        separator = ",\n"
    sink.write(b"[]\n" if separator == "[\n" else b"\n]\n")


def write_csv(batches: Iterable[Any], record: RecordType, sink: IO[bytes]) -> None:
    """Comma-separated cells under a header."""
    _write_delimited(batches, record, sink, ",")


def write_tsv(batches: Iterable[Any], record: RecordType, sink: IO[bytes]) -> None:
    """Tab-separated cells under a header."""
    _write_delimited(batches, record, sink, "\t")


WRITERS: dict[str, Writer] = {
    "parquet": write_parquet,
    "arrow": write_arrow,
    "jsonl": write_jsonl,
    "json": write_json,
    "csv": write_csv,
    "tsv": write_tsv,
}


def public_schema(record: RecordType) -> Any:
    """``arrow_schema(record)`` with timestamps."""
    return pa.schema(
        [
            pa.field(field.name, _INSTANT) if is_datetime(field.type) else column
            for field, column in zip(record.fields, arrow_schema(record), strict=True)
        ]
    )


def _public(batch: Any, record: RecordType) -> Any:
    columns = [
        instants(batch.column(field.name)) if is_datetime(field.type) else batch.column(field.name)
        for field in record.fields
    ]
    return pa.RecordBatch.from_arrays(columns, schema=public_schema(record))


def _objects(batch: Any, record: RecordType) -> Iterable[str]:
    """Each row as a JSON object."""
    names = (json_text(field.name).replace("%", "%%") for field in record.fields)
    row = f"{{{','.join(f'{name}:%s' for name in names)}}}"
    return map(row.__mod__, zip(*(json_cells(batch.column(field.name), field) for field in record.fields), strict=True))


def _write_delimited(batches: Iterable[Any], record: RecordType, sink: IO[bytes], delimiter: str) -> None:
    sink.write(f"{delimited_header([field.name for field in record.fields], delimiter)}\n".encode())
    for batch in batches:
        columns = (delimited_cells(batch.column(field.name), field, delimiter) for field in record.fields)
        lines = map(delimiter.join, zip(*columns, strict=True))
        # A null is nothing at all; alone in its line it would be a blank line, which is no row.
        sink.write("".join(f"{line}\n" if line else '""\n' for line in lines).encode())
