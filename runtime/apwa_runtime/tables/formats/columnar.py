"""parquet and arrow (feather).

In: a file. Out: batches of the record's columns. Where every column's type holds just what its field does, the batch
is taken as it is; else its rows are given to be checked, with times, decimals and dictionaries as native values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from apwa_lang.semantics.types import Field, Optional, Primitive, RecordType
from apwa_runtime.tables.formats.delimited import require_columns
from apwa_runtime.tables.locate import reason
from apwa_runtime.tables.options import Options
from apwa_runtime.tables.problems import Part, TableError
from apwa_runtime.values.arrow import METADATA, arrow_schema, arrow_type, decoder

_BUFFER = 1 << 20


def read_parquet(stream: IO[bytes], file: str, record: RecordType, options: Options, batch_rows: int) -> Iterator[Part]:
    """The rows of a parquet file. Raises TableError if it is none."""
    try:
        # Pages are read as they are needed: a row group may be the whole file.
        source = pq.ParquetFile(stream, pre_buffer=False, buffer_size=_BUFFER)
        names = source.schema_arrow.names
        require_columns(names, record, file)
        columns = [field.name for field in record.fields if field.name in names]
        start = 1
        for batch in source.iter_batches(batch_rows, columns=columns):
            yield part_of(batch, source.schema_arrow, record, start)
            start += batch.num_rows
    except pa.ArrowException as error:
        raise TableError(f"{file}: is not a readable parquet file: {reason(error)}") from None


def read_arrow(stream: IO[bytes], file: str, record: RecordType, options: Options, batch_rows: int) -> Iterator[Part]:
    """The rows of an Arrow file or stream. Raises TableError if it is neither."""
    try:
        start = 1
        for whole in arrow_batches(stream):
            names = whole.schema.names
            require_columns(names, record, file)
            columns = whole.select([field.name for field in record.fields if field.name in names])
            for offset in range(0, whole.num_rows, batch_rows):
                batch = columns.slice(offset, batch_rows)
                yield part_of(batch, whole.schema, record, start)
                start += batch.num_rows
    except pa.ArrowException as error:
        raise TableError(f"{file}: is not a readable Arrow file: {reason(error)}") from None


def arrow_batches(stream: IO[bytes]) -> Iterator[Any]:
    """The record batches of an Arrow file or stream."""
    try:
        reader = pa.ipc.open_file(stream)
    except pa.ArrowInvalid:
        stream.seek(0)
        yield from pa.ipc.open_stream(stream)
        return
    for index in range(reader.num_record_batches):
        yield reader.get_batch(index)


def column_names(stream: IO[bytes], file: str, format: str) -> list[str]:
    """The columns of a file. Raises TableError if it is not of its format."""
    try:
        if format == "parquet":
            return list(pq.ParquetFile(stream).schema_arrow.names)
        return list(next((batch.schema.names for batch in arrow_batches(stream)), ()))
    except pa.ArrowException as error:
        raise TableError(f"{file}: is not a readable {format} file: {reason(error)}") from None


def part_of(batch: Any, schema: Any, record: RecordType, start: int) -> Part:
    """The rows of a batch, whose first is row ``start`` of its table; ``schema`` has the metadata of its fields."""
    lines = list(range(start, start + batch.num_rows))
    exact = _exact(batch, record)
    if exact is not None:
        return Part(lines, [], [], exact)
    columns = {
        field.name: _natives(batch.column(field.name), schema.field(field.name), field)
        for field in record.fields
        if field.name in batch.schema.names
    }
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return Part(lines, rows if columns else [{} for _ in lines], [])


def _exact(batch: Any, record: RecordType) -> Any | None:
    """The batch with the columns of ``arrow_schema(record)``; None where some row might not fit."""
    target = arrow_schema(record)
    columns = []
    for field, wanted in zip(record.fields, target, strict=True):
        if field.name not in batch.schema.names or not _is_free(field):
            return None
        column = batch.column(field.name)
        if column.null_count and not isinstance(field.type, Optional):
            return None
        if column.type != wanted.type:
            if not _widens(column.type, wanted.type):
                return None
            column = column.cast(wanted.type)
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=target)


def _is_free(field: Field) -> bool:
    """Whether any value of the Arrow type is a value of the field."""
    inner = field.type.inner if isinstance(field.type, Optional) else field.type
    return (
        isinstance(inner, Primitive)
        and inner.name in ("str", "int", "float", "bool", "bytes", "date", "duration", "file", "image", "audio")
        and field.pattern is None
        and field.minimum is None
        and field.maximum is None
    )


def _widens(source: Any, target: Any) -> bool:
    types = pa.types
    if types.is_dictionary(source):
        source = source.value_type
    if target == pa.large_string():
        return bool(types.is_string(source) or types.is_large_string(source))
    if target == pa.large_binary():
        return bool(types.is_binary(source) or types.is_fixed_size_binary(source))
    if target == pa.int64():
        return bool(types.is_integer(source) and source != pa.uint64())
    if target == pa.float64():
        return bool(types.is_float32(source) or types.is_float16(source))
    return False


def _natives(column: Any, source: Any, field: Field) -> list[Any]:
    if METADATA in (source.metadata or {}) and column.type == arrow_type(field.type):
        decode = decoder(field.type)
        if decode is not None:
            return [None if value is None else _decoded(decode, value) for value in column.to_pylist()]
    inner = field.type.inner if isinstance(field.type, Optional) else field.type
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        # Python's datetime has microseconds; nanoseconds below them are cut.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if pa.types.is_decimal(column.type):
        return [_number(value, inner) for value in column.to_pylist()]
    values = column.to_pylist()
    return [_opened(value, column.type) for value in values] if pa.types.is_nested(column.type) else list(values)


def _opened(value: Any, type: Any) -> Any:
    """A nested value with its maps as dicts rather than pairs."""
    if value is None or not pa.types.is_nested(type):
        return value
    if pa.types.is_map(type):
        return {key: _opened(item, type.item_type) for key, item in value}
    if pa.types.is_struct(type):
        return {field.name: _opened(value[field.name], field.type) for field in type}
    return [_opened(item, type.value_type) for item in value] if isinstance(value, list) else value


def _decoded(decode: Any, value: Any) -> Any:
    try:
        return decode(value)
    except (ValueError, TypeError):
        return value


def _number(value: Any, type: object) -> Any:
    if value is None:
        return None
    if type == Primitive("str"):
        return str(value)
    return int(value) if value == value.to_integral_value() else float(value)


def metadata_rows(stream: IO[bytes], file: str) -> int:
    """The number of rows that a parquet file says it has. Raises TableError."""
    try:
        return int(pq.ParquetFile(stream).metadata.num_rows)
    except pa.ArrowException as error:
        raise TableError(f"{file}: is not a readable parquet file: {reason(error)}") from None
