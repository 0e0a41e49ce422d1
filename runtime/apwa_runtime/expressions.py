"""Checked expressions as Python functions, and constants as native values.

In: a checked expression, or a JSON-able value with its type. Out: a function from names to the expression's native
value (compiled once to Python byte code), or the native value: dates, durations, UUIDs and bytes as Python has them.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from apwa_lang.semantics.core import Apply, Const, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.durations import from_iso
from apwa_lang.semantics.types import (
    Choice,
    ListOf,
    MapOf,
    Optional,
    Primitive,
    RecordType,
    TableOf,
    Type,
    Union,
)
from apwa_runtime.builtins import FUNCTIONS
from apwa_runtime.evaluation import EvaluationError, reason, shown
from apwa_runtime.values.text import scalar_text

__all__ = ["EvaluationError", "compile_core", "jsonable", "native"]

_INFIX = frozenset(("+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "in", "and", "or"))
_FAILURES = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError, RecursionError)


def compile_core(core: Core) -> Callable[[Mapping[str, Any]], Any]:
    """A function from the names of ``core`` to its value. The function raises EvaluationError."""
    writer = _Writer()
    body = writer.write(core)
    source = (
        f"def evaluate(names):\n try:\n  return {body}\n except failures as error:\n  raise failed(error) from None\n"
    )
    scope: dict[str, Any] = {**writer.constants, "failures": _FAILURES, "failed": _failed, **_HELPERS}
    scope.update({f"f_{name}": function for name, function in FUNCTIONS.items()})
    try:
        exec(compile(source, "<expression>", "exec"), scope)
    except (RecursionError, MemoryError, SyntaxError):
        raise EvaluationError("an expression is nested too deeply") from None
    evaluate: Callable[[Mapping[str, Any]], Any] = scope["evaluate"]
    return evaluate


def native(value: object, type: Type) -> Any:
    """The native value of a JSON-able one. Raises EvaluationError where it is not one of ``type``."""
    if value is None:
        return None
    try:
        return _native(value, type)
    except (ValueError, TypeError, AttributeError):
        raise EvaluationError(f"{shown(value)} is not a `{type}`") from None


def jsonable(value: object, type: Type) -> object:
    """The JSON-able form of a native value of ``type``; what has none is given as text."""
    match value:
        case None | str() | bool() | int() | float():
            return value
        case dict():
            return {name: jsonable(item, _part(type, name)) for name, item in value.items()}
        case list() | tuple():
            inner = type.item if isinstance(type, ListOf) else type
            return [jsonable(item, inner) for item in value]
        case _:
            try:
                return scalar_text(value)
            except TypeError:
                return str(value)


def _part(type: Type, name: str) -> Type:
    field = type.field(name) if isinstance(type, RecordType) else None
    return field.type if field else type


def _native(value: Any, type: Type) -> Any:
    match type:
        case Primitive(name):
            return _PRIMITIVES[name](value) if name in _PRIMITIVES else value
        case Optional(inner):
            return None if value is None else _native(value, inner)
        case ListOf(inner):
            return [_native(item, inner) for item in value]
        case TableOf(record):
            return [_native(item, record) for item in value]
        case MapOf(inner):
            return {key: _native(item, inner) for key, item in value.items()}
        case RecordType():
            return _record(value, type)
        case Union(members):
            member = next((each for each in members if each.name == value.get("kind")), None)
            if member is None:
                raise ValueError
            return {"kind": value["kind"], **_record(value, member)}
        case Choice(values):
            if value not in values:
                raise ValueError
            return value
        case _:
            return value


def _record(value: Mapping[str, Any], type: RecordType) -> dict[str, Any]:
    made = {}
    for field in type.fields:
        given = value.get(field.name, field.default.value if field.default else None)
        if given is None and not (isinstance(field.type, Optional) or field.type == Primitive("json")):
            raise ValueError
        made[field.name] = None if given is None else _native(given, field.type)
    return made


_PRIMITIVES: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "date": lambda value: date.fromisoformat(value) if isinstance(value, str) else value,
    "datetime": lambda value: datetime.fromisoformat(value) if isinstance(value, str) else value,
    "duration": lambda value: from_iso(value) if isinstance(value, str) else value,
    "uuid": lambda value: uuid.UUID(value) if isinstance(value, str) else value,
    "bytes": lambda value: base64.b64decode(value, validate=True) if isinstance(value, str) else value,
}


class _Writer:
    """Writes an expression as Python; values without a Python literal become named constants."""

    def __init__(self) -> None:
        self.constants: dict[str, object] = {}
        self._temporaries = 0

    def write(self, core: Core) -> str:
        match core:
            case Const(value, type):
                return self._literal(native(value, type))
            case Var(name):
                return f"names[{name!r}]"
            case GetField(base, field, each):
                return f"project({self.write(base)}, {field!r})" if each else f"{self.write(base)}[{field!r}]"
            case GetItem(base, index):
                return f"item({self.write(base)}, {self.write(index)})"
            case MakeList(items):
                return f"[{', '.join(map(self.write, items))}]"
            case MakeRecord(_, entries) | MakeMap(entries):
                return f"{{{', '.join(f'{name!r}: {self.write(value)}' for name, value in entries)}}}"
            case Apply(function, arguments):
                return self._apply(function, arguments)

    def _apply(self, function: str, arguments: tuple[Core, ...]) -> str:
        if function == "default":
            self._temporaries += 1
            name = f"t{self._temporaries}"
            value, otherwise = map(self.write, arguments)
            return f"({name} if ({name} := {value}) is not None else {otherwise})"
        values = [self.write(argument) for argument in arguments]
        if function in _INFIX:
            return f"({values[0]} {function} {values[1]})"
        match function:
            case "not":
                return f"(not {values[0]})"
            case "neg":
                return f"(-{values[0]})"
            case "is_null":
                return f"({values[0]} is None)"
            case "choose":
                return f"({values[1]} if {values[0]} else {values[2]})"
            case _:
                return f"f_{function}({', '.join(values)})"

    def _literal(self, value: object) -> str:
        match value:
            case None | bool() | str() | int():
                return repr(value)
            case list():
                return f"[{', '.join(map(self._literal, value))}]"
            case dict():
                return f"{{{', '.join(f'{key!r}: {self._literal(item)}' for key, item in value.items())}}}"
            case _:
                name = f"c{len(self.constants)}"
                self.constants[name] = value
                return name


def _item(base: Any, index: Any) -> Any:
    try:
        return base[index]
    except IndexError:
        raise EvaluationError(f"index {index} is out of range: there are {len(base)} items") from None
    except KeyError:
        raise EvaluationError(f"there is no entry {shown(index)}; `get` gives a default") from None
    except TypeError:
        raise EvaluationError(f"{shown(base)} has no item {shown(index)}") from None


def _project(rows: list[dict[str, Any]], field: str) -> list[Any]:
    return [row[field] for row in rows]


def _failed(error: BaseException) -> EvaluationError:
    return EvaluationError(reason(error))


_HELPERS: dict[str, Any] = {"item": _item, "project": _project}
