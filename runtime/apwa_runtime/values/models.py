"""Records as Pydantic models, the form in which Python bodies see rows and may give them back.

In: a record and rows. Out: model classes and instances; and, back from a body, native values again. The rules are
those of ``schema.py``, so a model admits just what the validator admits.
"""

from __future__ import annotations

import dataclasses
import threading
import warnings
from collections.abc import Mapping
from enum import Enum
from types import NoneType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetPydanticSchema, create_model
from pydantic import Field as ModelField
from pydantic_core import CoreSchema, ValidationError
from pydantic_core import core_schema as cs

from apwa_lang.semantics.types import Field, RecordType
from apwa_runtime.values.memo import memo
from apwa_runtime.values.problems import InvalidValue, Problem, problems_of
from apwa_runtime.values.schema import field_schema, may_be_missing
from apwa_runtime.values.validate import Extra, Validator, validator

__all__ = ["Extra", "InvalidValue", "Problem", "Row", "Validator", "instance", "model_of", "plain", "validator"]


_PLAIN = {NoneType, bool, int, float, str, bytes}


class Row(BaseModel):
    """What every model of a record is. ``attributes_`` maps attribute names to field names where they differ."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=(), populate_by_name=True)
    attributes_: ClassVar[dict[str, str]] = {}


@memo
def model_of(record: RecordType) -> type[Row]:
    """The model of ``record``.

    A field whose name pydantic keeps for itself (``_x``, ``model_config`` …) has an attribute with ``_`` at the end.
    """
    return _create(record.name, Row, record)


@memo
def _member_of(record: RecordType) -> type[Row]:
    """The model of ``record`` as a member of a union: with its ``kind``."""
    fields: dict[str, Any] = {"kind": (Literal[record.name], record.name)}
    with _creating:
        return create_model(record.name, __base__=model_of(record), **fields)


def instance(record: RecordType, row: Mapping[str, object]) -> Row:
    """The model instance of a row. Raises :class:`InvalidValue`."""
    model = model_of(record)
    try:
        return model.__pydantic_validator__.validate_python(row)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise InvalidValue(problems_of(error, record)) from None


def plain(value: object) -> object:
    """A value of a Python body as native values: models, dataclasses, tuples, enums and NumPy values are opened."""
    match value:
        case None | bool() | int() | float() | str() | bytes() if not isinstance(value, Enum):
            return value
        case Row():
            names = value.attributes_
            return {names.get(name, name): plain(item) for name, item in value.__dict__.items()}
        case BaseModel():
            return plain(value.model_dump(by_alias=True))
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case list() | tuple():
            return list(value) if set(map(type, value)) <= _PLAIN else [plain(item) for item in value]
        case Enum():
            return plain(value.value)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            return value.tolist() if hasattr(value, "tolist") else value


class _Creating:
    """One model at a time, without pydantic's warnings about names that shadow its own deprecated methods."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._quiet: list[warnings.catch_warnings[None]] = []

    def __enter__(self) -> None:
        self._lock.acquire()
        quiet = warnings.catch_warnings()
        quiet.__enter__()
        warnings.filterwarnings("ignore", message=r"(?s)Field name .* shadows an attribute", category=UserWarning)
        self._quiet.append(quiet)

    def __exit__(self, *_: object) -> None:
        self._quiet.pop().__exit__(None, None, None)
        self._lock.release()


_creating = _Creating()


def _create(name: str, base: type[Row], record: RecordType) -> type[Row]:
    attributes = _attributes(record)
    fields: dict[str, Any] = {
        attribute: (
            Annotated[Any, _rules(field)],
            ModelField(
                _default(field),
                alias=field.name if attribute != field.name else None,
                validate_default=field.default is not None,
                description=field.description or None,
                repr=not field.secret,
            ),
        )
        for attribute, field in attributes.items()
    }
    with _creating:
        model = create_model(name, __base__=base, __doc__=record.description or None, **fields)
    model.attributes_ = {attribute: field.name for attribute, field in attributes.items() if attribute != field.name}
    return model


def _attributes(record: RecordType) -> dict[str, Field]:
    taken = {field.name for field in record.fields}
    result: dict[str, Field] = {}
    for field in record.fields:
        name = field.name
        if name.startswith("_") or (hasattr(Row, name) and name.startswith(("model_", "attributes_"))):
            name = f"{name.strip('_') or 'field'}_"
            while name in taken or name in result:
                name += "_"
        result[name] = field
    return result


def _default(field: Field) -> Any:
    if field.default is not None:
        return field.default.value
    return None if may_be_missing(field) else ...


def _rules(field: Field) -> GetPydanticSchema:
    def rules(_: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def record_schema(record: RecordType, tagged: bool) -> CoreSchema:
            if not tagged:
                return handler.generate_schema(model_of(record))
            model, member = model_of(record), _member_of(record)

            def with_kind(value: object) -> object:
                return member(**value.__dict__) if type(value) is model else value

            return cs.no_info_before_validator_function(with_kind, handler.generate_schema(member))

        bare = dataclasses.replace(field, default=None)
        return field_schema(bare, record_schema)

    return GetPydanticSchema(rules)
