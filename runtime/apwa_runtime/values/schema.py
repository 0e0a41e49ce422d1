"""The rules of each type, as a pydantic-core schema.

In: a type, and how records are to be represented. Out: a schema that turns what files, models and Python bodies give
into native values. It is the one place that says what is accepted:

- ``int`` and ``float`` take numbers and numerals, never booleans; ``int`` has 64 bits;
- ``date`` and ``datetime`` take ISO 8601 text, never bare numbers; ``duration`` takes ISO 8601 text or seconds;
- ``bytes`` take base64 text; ``json`` takes any JSON value; a tensor takes nested lists or anything with ``tolist()``.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from array import array
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core import core_schema as cs

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

# How a record, as a member of a union or alone, is represented: a plain dict or a model.
RecordSchema = Callable[[RecordType, bool], CoreSchema]

INT_BITS = 63
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NUMERAL = re.compile(r"\s*[-+]?(\d|\.\d|[iI]nf|[nN]a[nN])")
_LONGEST = timedelta(microseconds=2**63 - 1)
_FLOATS = {"f16": "f", "bf16": "f", "f32": "f", "f64": "d"}
_PLAIN_NUMBERS = {int, float}
_INT_DTYPES = {f"{sign}{bits}": (sign, bits) for sign in "iu" for bits in (8, 16, 32, 64)}


def unacceptable(reason: str) -> PydanticCustomError:
    """The error of a rule that pydantic does not have."""
    return PydanticCustomError("apwa", "{reason}", {"reason": reason})


def schema_of(type: Type, record: RecordSchema) -> CoreSchema:
    """The rules of ``type``."""
    match type:
        case Primitive(name):
            return _primitive(name)
        case ListOf(item):
            return cs.list_schema(schema_of(item, record))
        case TableOf(row):
            return cs.list_schema(record(row, False))
        case MapOf(value):
            return cs.dict_schema(_str(), schema_of(value, record))
        case Optional(inner):
            return cs.nullable_schema(schema_of(inner, record))
        case Choice(values):
            return cs.literal_schema(list(values))
        case Union(members):
            return _union(members, record)
        case Tensor():
            return _tensor(type)
        case RecordType():
            return record(type, False)
        case _:
            return cs.any_schema()


def field_schema(field: Field, record: RecordSchema) -> CoreSchema:
    """The rules of a field: its type, pattern and range; its default where it has one or may be null."""
    schema = _constrained(field, field.type, record)
    if field.default is not None:
        return cs.with_default_schema(schema, default=field.default.value, validate_default=True)
    if isinstance(field.type, Optional):
        return cs.with_default_schema(schema, default=None)
    return schema


def may_be_missing(field: Field) -> bool:
    """Whether a row without this field is whole."""
    return field.default is not None or isinstance(field.type, Optional)


def pattern_of(field: Field) -> re.Pattern[str] | None:
    """The field's pattern, to be matched by the whole text."""
    return re.compile(rf"\A(?:{field.pattern})\Z") if field.pattern is not None else None


def whole_bounds(field: Field) -> tuple[int | None, int | None]:
    """The field's range as whole numbers."""
    low, high = field.minimum, field.maximum
    return (
        math.ceil(low) if low is not None and math.isfinite(low) else None,
        math.floor(high) if high is not None and math.isfinite(high) else None,
    )


def _constrained(field: Field, type: Type, record: RecordSchema) -> CoreSchema:
    match type:
        case Optional(inner):
            return cs.nullable_schema(_constrained(field, inner, record))
        case Primitive("str") if (pattern := pattern_of(field)) is not None:
            return cs.str_schema(strict=True, pattern=pattern, regex_engine="python-re")
        case Primitive("int"):
            return _int(*whole_bounds(field))
        case Primitive("float"):
            return _float(field.minimum, field.maximum)
        case _:
            return schema_of(type, record)


def _primitive(name: str) -> CoreSchema:
    match name:
        case "str" | "file" | "image" | "audio":
            return _str()
        case "int":
            return _int(None, None)
        case "float":
            return _float(None, None)
        case "bool":
            return cs.bool_schema()
        case "bytes":
            return cs.no_info_before_validator_function(_bytes, cs.bytes_schema(strict=True))
        case "date":
            return _first_of(cs.date_schema(strict=True), _text(_ISO_DATE, cs.date_schema()))
        case "datetime":
            return _first_of(cs.datetime_schema(strict=True), _text(_ISO_DATE, cs.datetime_schema()))
        case "duration":
            return cs.timedelta_schema(ge=-_LONGEST, le=_LONGEST)
        case "uuid":
            return cs.uuid_schema()
        case "null":
            return cs.none_schema()
        case _:
            return cs.no_info_plain_validator_function(json_value)


def _str() -> CoreSchema:
    # pydantic looks into a text only where it has a limit; without one, lone surrogates would pass.
    return cs.str_schema(strict=True, max_length=2**62)


def _first_of(*choices: CoreSchema) -> CoreSchema:
    return _one_error(cs.union_schema(list(choices), mode="left_to_right"))


def _one_error(schema: CoreSchema) -> CoreSchema:
    # The reader is told the type, not each way in which it was not met.
    return cs.custom_error_schema(schema, "apwa_type", custom_error_message="of another type")


def _text(shape: re.Pattern[str], then: CoreSchema) -> CoreSchema:
    return cs.chain_schema([cs.str_schema(strict=True, pattern=shape, regex_engine="python-re"), then])


def _int(low: int | None, high: int | None) -> CoreSchema:
    number = _first_of(
        cs.int_schema(strict=True),
        cs.chain_schema([cs.float_schema(strict=True), cs.int_schema()]),
        _text(_NUMERAL, cs.int_schema()),
    )
    limits = cs.int_schema(
        ge=-(2**INT_BITS) if low is None else low,
        le=2**INT_BITS - 1 if high is None else high,
    )
    return cs.chain_schema([number, limits])


def _float(low: float | None, high: float | None) -> CoreSchema:
    number = _first_of(cs.float_schema(strict=True), _text(_NUMERAL, cs.float_schema()))
    if low is None and high is None:
        return number
    return cs.chain_schema([number, cs.float_schema(ge=low, le=high)])


def _bytes(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise unacceptable("expected bytes as base64 text") from None


def json_value(value: object) -> object:
    """``value`` if it is JSON (tuples become lists). Raises a pydantic error that says what is not."""
    match value:
        case None | bool() | int():
            return value
        case str():
            if not value.isascii():
                try:
                    value.encode()
                except UnicodeEncodeError:
                    raise unacceptable("holds text that is not Unicode") from None
            return value
        case float():
            if not math.isfinite(value):
                raise unacceptable(f"expected json, found {value}, which JSON has no number for")
            return value
        case list() | tuple():
            return [json_value(item) for item in value]
        case dict():
            for key in value:
                if not isinstance(key, str):
                    raise unacceptable("expected json, found an object whose keys are not all text")
            return {json_value(key): json_value(item) for key, item in value.items()}
        case _:
            raise unacceptable(f"expected json, found a Python `{type(value).__name__}`")


def _union(members: tuple[RecordType, ...], record: RecordSchema) -> CoreSchema:
    choices = {member.name: record(member, True) for member in members}
    untagged = ""

    def tag(value: object) -> object:
        if isinstance(value, dict):
            return value.get("kind", untagged)
        name = type(value).__name__
        return getattr(value, "kind", name if name in choices else untagged)

    # A value without a kind is the member that fits; those with one are told precisely what is wrong.
    fits = _one_error(cs.union_schema(list(choices.values())))
    return cs.tagged_union_schema({**choices, untagged: fits}, tag)


def _tensor(type: Tensor) -> CoreSchema:
    schema: CoreSchema
    if type.dtype in _INT_DTYPES:
        sign, bits = _INT_DTYPES[type.dtype]
        low, high = (0, 2**bits - 1) if sign == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        schema = _int(low, high)
    elif type.dtype == "bool":
        schema = cs.bool_schema(strict=True)
    elif type.dtype == "f64":
        schema = _float(None, None)
    else:
        schema = cs.no_info_after_validator_function(_single, _float(None, None))
    sizes = list(type.shape)
    if type.dtype in _FLOATS and sizes:
        size = sizes.pop()
        row = cs.list_schema(schema, min_length=size, max_length=size)
        schema = cs.no_info_wrap_validator_function(_numbers(_FLOATS[type.dtype], size), row)
    for size in reversed(sizes):
        schema = cs.list_schema(schema, min_length=size, max_length=size)
    return cs.no_info_before_validator_function(_nested_lists, schema)


def _single(value: float) -> float:
    # Stored with 32 bits, so the value in memory is the one that a later run reads back.
    return array("f", [value])[0]


def _numbers(code: str, size: int) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """The rule of a row of ``size`` numbers, which a list of plain numbers need not be taken apart for."""

    def numbers(value: Any, otherwise: Callable[[Any], Any]) -> Any:
        if type(value) is list and len(value) == size and set(map(type, value)) <= _PLAIN_NUMBERS:
            try:
                return array(code, value).tolist()
            except OverflowError:
                pass
        return otherwise(value)

    return numbers


def _nested_lists(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value
