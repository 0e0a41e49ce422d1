"""Types as JSON schemas, in the strict style that model servers ask for.

In: a type. Out: a schema in which every object is closed and names all its properties as required; what may be
missing may be null instead. A server that asks for an object at the top has to be given a record: callers wrap other
results.
"""

from __future__ import annotations

from typing import Any

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
from apwa_runtime.values.schema import whole_bounds

Schema = dict[str, Any]

_PRIMITIVES: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "duration": {"type": "string", "format": "duration"},
    "uuid": {"type": "string", "format": "uuid"},
    "json": {},
    "file": {"type": "string"},
    "image": {"type": "string"},
    "audio": {"type": "string"},
    "null": {"type": "null"},
}


def json_schema(type: Type) -> Schema:
    """The JSON schema of ``type``."""
    match type:
        case Primitive(name):
            return dict(_PRIMITIVES[name])
        case ListOf(item) | TableOf(item):
            return {"type": "array", "items": json_schema(item)}
        case MapOf(value):
            return {"type": "object", "additionalProperties": json_schema(value)}
        case Optional(inner):
            return _nullable(json_schema(inner))
        case Choice(values):
            return {"type": "string", "enum": list(values)}
        case Union(members):
            return {"anyOf": [_record(member, tagged=True) for member in members]}
        case Tensor(dtype, shape):
            return _tensor(dtype, shape)
        case RecordType():
            return _record(type, tagged=False)
        case _:
            return {}


def _record(record: RecordType, *, tagged: bool) -> Schema:
    properties = {field.name: _field(field) for field in record.fields}
    if tagged:
        properties = {"kind": {"type": "string", "const": record.name}, **properties}
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"description": record.description, **schema} if record.description else schema


def _field(field: Field) -> Schema:
    inner = field.type.inner if isinstance(field.type, Optional) else field.type
    schema = json_schema(inner) | _limits(field, inner)
    if isinstance(field.type, Optional):
        schema = _nullable(schema)
    if field.description:
        schema["description"] = field.description
    return schema


def _limits(field: Field, type: Type) -> Schema:
    limits: Schema = {}
    if type == Primitive("str") and field.pattern is not None:
        limits["pattern"] = f"^(?:{field.pattern})$"
    if type in (Primitive("int"), Primitive("float")):
        low, high = whole_bounds(field) if type == Primitive("int") else (field.minimum, field.maximum)
        limits |= {"minimum": low} if low is not None else {}
        limits |= {"maximum": high} if high is not None else {}
    return limits


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]} if schema else {}


def _tensor(dtype: str, shape: tuple[int, ...]) -> Schema:
    kind = "boolean" if dtype == "bool" else "integer" if dtype[0] in "iu" else "number"
    schema: Schema = {"type": kind}
    for size in reversed(shape):
        schema = {"type": "array", "items": schema, "minItems": size, "maxItems": size}
    return schema
