"""Check values against a type.

In: a type, then Python values or JSON text. Out: native values (records as plain dicts in field order), or
:class:`InvalidValue` with every problem in plain words.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic_core import CoreSchema, SchemaValidator, ValidationError
from pydantic_core import core_schema as cs

from apwa_lang.semantics.types import ListOf, RecordType, Type
from apwa_runtime.values.memo import memo
from apwa_runtime.values.problems import HIDDEN, InvalidValue, Problem, problems_of
from apwa_runtime.values.schema import field_schema, may_be_missing, schema_of

Extra = Literal["ignore", "forbid"]


class Validator:
    """Checks values of one type. All methods raise :class:`InvalidValue`."""

    __slots__ = ("_many", "_one", "_type")

    def __init__(self, type: Type, extra: Extra) -> None:
        schema = schema_of(type, _dicts(extra))
        self._type = type
        self._one = SchemaValidator(schema)
        self._many = SchemaValidator(cs.list_schema(schema))

    def python(self, value: object) -> Any:
        """The native value of a Python value (see ``plain`` for models and dataclasses)."""
        try:
            return self._one.validate_python(value)
        except ValidationError as error:
            raise InvalidValue(problems_of(error, self._type)) from None
        except RecursionError:
            raise _too_deep() from None

    def json(self, text: str | bytes) -> Any:
        """The native value of JSON text."""
        try:
            return self._one.validate_json(text)
        except ValidationError as error:
            raise InvalidValue(problems_of(error, self._type)) from None
        except RecursionError:
            raise _too_deep() from None

    def many(self, rows: list[Any]) -> list[Any]:
        """The native values of many Python values; paths begin with the index, as in ``[3].name``."""
        try:
            return self._many.validate_python(rows)  # type: ignore[no-any-return]
        except ValidationError as error:
            raise InvalidValue(problems_of(error, ListOf(self._type))) from None
        except RecursionError:
            raise _too_deep() from None


def validator(type: Type, *, extra: Extra = "ignore") -> Validator:
    """The validator of ``type``; ``extra`` says what becomes of fields that a record does not have."""
    return _strict(type) if extra == "forbid" else _lenient(type)


@memo
def _lenient(type: Type) -> Validator:
    return Validator(type, "ignore")


@memo
def _strict(type: Type) -> Validator:
    return Validator(type, "forbid")


def _too_deep() -> InvalidValue:
    return InvalidValue((Problem("", "is nested too deeply", HIDDEN),))


class _dicts:  # noqa: N801 -- used as a function
    """Records as plain dicts; a member of a union begins with its ``kind``."""

    def __init__(self, extra: Extra) -> None:
        self._extra = extra

    def __call__(self, record: RecordType, tagged: bool) -> CoreSchema:
        fields = {
            field.name: cs.typed_dict_field(field_schema(field, self), required=not may_be_missing(field))
            for field in record.fields
        }
        if tagged:
            kind = cs.with_default_schema(cs.literal_schema([record.name]), default=record.name)
            fields = {"kind": cs.typed_dict_field(kind, required=False), **fields}
        return cs.typed_dict_schema(fields, extra_behavior=self._extra, cls_name=record.name)
