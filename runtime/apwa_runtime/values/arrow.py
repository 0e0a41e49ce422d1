"""Rows as Arrow record batches, and back without loss.

In: native rows and their record. Out: record batches of ``arrow_schema(record)``; ``from_batch`` gives equal rows
back.

What Arrow cannot hold faithfully is text, in fields that the metadata ``apwa`` marks: ``json`` and unions of records
are JSON text; a ``datetime`` is ISO 8601 text with microseconds, because one column may mix times with and without an
offset and an Arrow timestamp keeps neither. ``uuid`` is text; a tensor is nested fixed-size lists, ``f16`` and
``bf16`` stored as ``f32``. Texts and binaries are "large", so that a column may pass 2 GiB.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import pyarrow as pa

from apwa_lang.semantics.types import (
    Choice,
    Field,
    ListOf,
    MapOf,
    Optional,
    Primitive,
    RecordType,
    TableOf,
    Tensor,
    Type,
    Union,
)
from apwa_runtime.values.memo import memo
from apwa_runtime.values.models import validator
from apwa_runtime.values.text import json_text

Row = dict[str, Any]
Convert = Callable[[Any], Any]

METADATA = b"apwa"

_PRIMITIVES: dict[str, pa.DataType] = {
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "bytes": pa.large_binary(),
    "date": pa.date32(),
    "duration": pa.duration("us"),
    "null": pa.null(),
}
_DTYPES: dict[str, pa.DataType] = {
    "f64": pa.float64(),
    "bool": pa.bool_(),
    **{f"i{bits}": getattr(pa, f"int{bits}")() for bits in (8, 16, 32, 64)},
    **{f"u{bits}": getattr(pa, f"uint{bits}")() for bits in (8, 16, 32, 64)},
}


@memo
def arrow_schema(record: RecordType) -> pa.Schema:
    """The Arrow schema of a table of ``record``."""
    return pa.schema([_arrow_field(field) for field in record.fields])


def to_batch(rows: Sequence[Row], record: RecordType) -> pa.RecordBatch:
    """``rows``, which are native and valid, as one batch. Raises pyarrow.ArrowException for values of other types."""
    schema = arrow_schema(record)
    columns = []
    for field, encode in zip(schema, _encoders(record), strict=True):
        values = [row[field.name] for row in rows]
        if encode is not None:
            values = [None if value is None else encode(value) for value in values]
        columns.append(pa.array(values, field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def from_batch(batch: pa.RecordBatch | pa.Table, record: RecordType) -> list[Row]:
    """The native rows of a batch or table of ``arrow_schema(record)``."""
    rows: list[Row] = batch.select([field.name for field in record.fields]).to_pylist()
    for field, decode in zip(record.fields, _decoders(record), strict=True):
        if decode is not None:
            name = field.name
            for row in rows:
                if row[name] is not None:
                    row[name] = decode(row[name])
    return rows


def arrow_type(type: Type) -> pa.DataType:
    """The Arrow type that holds ``type``."""
    match type:
        case Primitive(name):
            return _PRIMITIVES.get(name, pa.large_string())
        case Optional(inner):
            return arrow_type(inner)
        case ListOf(item):
            return pa.large_list(arrow_type(item))
        case TableOf(record):
            return pa.large_list(arrow_type(record))
        case MapOf(value):
            return pa.map_(pa.string(), arrow_type(value))
        case Tensor(dtype, shape):
            result = _DTYPES.get(dtype, pa.float32())
            for size in reversed(shape):
                result = pa.list_(result, size)
            return result
        case RecordType(fields=fields):
            return pa.struct([_arrow_field(field) for field in fields])
        case _:
            return pa.large_string()


def is_json_text(type: Type) -> bool:
    """Whether ``type`` is held as JSON text."""
    inner = type.inner if isinstance(type, Optional) else type
    return not isinstance(inner, Primitive | ListOf | TableOf | MapOf | Tensor | RecordType | Choice) or (
        inner == Primitive("json")
    )


def is_datetime(type: Type) -> bool:
    """Whether ``type`` is held as ISO 8601 text."""
    return (type.inner if isinstance(type, Optional) else type) == Primitive("datetime")


def _arrow_field(field: Field) -> pa.Field:
    mark = None
    if is_json_text(field.type) or is_datetime(field.type):
        mark = b"json" if is_json_text(field.type) else b"datetime"
    elif decoder(field.type) is not None:
        mark = b"encoded"
    return pa.field(field.name, arrow_type(field.type), metadata={METADATA: mark} if mark else None)


@memo
def _encoders(record: RecordType) -> list[Convert | None]:
    return [_encoder(field.type) for field in record.fields]


@memo
def _decoders(record: RecordType) -> list[Convert | None]:
    return [decoder(field.type) for field in record.fields]


def _encoder(type: Type) -> Convert | None:
    """How a value that is not null becomes what ``pyarrow.array`` takes; None where it is taken as it is."""
    match type:
        case Optional(inner):
            return _encoder(inner)
        case Primitive("datetime"):
            return _datetime_text
        case Primitive("uuid"):
            return str
        case _ if is_json_text(type):
            return json_text
        case ListOf(item):
            return _each(_encoder(item))
        case TableOf(record):
            return _each(_encoder(record))
        case MapOf(value):
            encode = _or_null(_encoder(value)) or _same
            return lambda map: [(key, encode(item)) for key, item in map.items()]
        case RecordType(fields=fields):
            return _fields({field.name: _encoder(field.type) for field in fields})
        case _:
            return None


def decoder(type: Type) -> Convert | None:
    """How a value that is not null comes back from ``to_pylist``; None where it is native already."""
    match type:
        case Optional(inner):
            return decoder(inner)
        case Primitive("datetime"):
            return datetime.fromisoformat
        case Primitive("uuid"):
            return UUID
        case Union():
            return validator(type).json
        case _ if is_json_text(type):
            return json.loads
        case ListOf(item):
            return _each(decoder(item))
        case TableOf(record):
            return _each(decoder(record))
        case MapOf(value):
            decode = _or_null(decoder(value)) or _same
            return lambda pairs: {key: decode(item) for key, item in pairs}
        case RecordType(fields=fields):
            return _fields({field.name: decoder(field.type) for field in fields})
        case _:
            return None


def _datetime_text(value: datetime) -> str:
    return value.isoformat(timespec="microseconds")


def _same(value: Any) -> Any:
    return value


def _or_null(convert: Convert | None) -> Convert | None:
    return None if convert is None else lambda value: None if value is None else convert(value)


def _each(convert: Convert | None) -> Convert | None:
    if convert is None:
        return None
    return lambda values: [None if value is None else convert(value) for value in values]


def _fields(converts: dict[str, Convert | None]) -> Convert | None:
    needed = {name: convert for name, convert in converts.items() if convert is not None}
    if not needed:
        return None

    def convert(row: Row) -> Row:
        row = dict(row)
        for name, one in needed.items():
            if row[name] is not None:
                row[name] = one(row[name])
        return row

    return convert
