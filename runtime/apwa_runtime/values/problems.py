"""What is wrong with a value, in words for the person who wrote the program or the data.

In: a pydantic error and the type that was asked for. Out: :class:`Problem` values with a path such as
``rows[3].found[0].kind`` and a reason; what lies in a ``@secret`` field is never shown.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails, ValidationError

from apwa_lang.diagnostics.suggest import did_you_mean
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
    holds_secret,
)
from apwa_runtime.values.schema import INT_BITS

HIDDEN = "***"
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """``path`` is empty for the value as a whole; ``value`` is ``"***"`` where it is or may hold a secret."""

    path: str
    reason: str
    value: object

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


class InvalidValue(ValueError):  # noqa: N818 -- the name says what the value is
    """A value that its type does not admit; the text lists the problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[InvalidValue], tuple[tuple[Problem, ...]]]:
        return InvalidValue, (self.problems,)


def problems_of(error: ValidationError, type: Type) -> tuple[Problem, ...]:
    """Every problem that pydantic found, in its order."""
    return tuple(_problem(details, type) for details in error.errors(include_url=False))


def show(value: object) -> str:
    """A value in a few characters, as one would write it in the language."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            text = _quoted(value)
            return text if len(text) <= _SHOWN else f'{text[: _SHOWN - 2]}…"'
        case int() | float():
            text = str(value)
            return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        case list() | tuple():
            return f"a list of {len(value)}"
        case dict():
            return "an object"
        case _:
            return f"a Python `{value.__class__.__name__}`"


@dataclass(slots=True)
class _Place:
    """Where a location leads: the type that stands there, the field it belongs to, the record around it."""

    path: str
    type: Type | None
    field: Field | None = None
    owner: RecordType | None = None
    secret: bool = False
    is_key: bool = False


def _locate(location: Sequence[int | str], type: Type) -> _Place:
    place = _Place("", type)
    for step in location:
        bare = place.type.inner if isinstance(place.type, Optional) else place.type
        match bare:
            case RecordType():
                found = bare.field(str(step))
                place.path += f".{step}" if place.path else str(step)
                place.owner, place.field = bare, found
                place.type = found.type if found else None
                place.secret = place.secret or bool(found and found.secret)
            case ListOf(inner) | TableOf(inner):
                place.path += f"[{step}]"
                place.type = inner
            case Tensor():
                place.path += f"[{step}]"
            case MapOf(inner) if not place.is_key:
                place.path += f"[{_quoted(HIDDEN if place.secret else str(step))}]"
                place.type = inner
            case Union(members):
                place.type = next((member for member in members if member.name == step), bare)
            case _:
                place.is_key = step == "[key]"
    return place


def _problem(details: ErrorDetails, type: Type) -> Problem:
    place = _locate(details["loc"], type)
    value = details["input"]
    hidden = place.secret or place.type is None or holds_secret(place.type)
    missing = details["type"] == "missing"
    reason = _reason(details, place, "" if hidden or missing else f", found {show(value)}")
    shown = None if missing else HIDDEN if hidden else value
    return Problem(place.path, reason, shown)


def _reason(details: ErrorDetails, place: _Place, found: str) -> str:
    context: dict[str, Any] = details.get("ctx", {})
    match details["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden" if place.owner is not None:
            name = str(details["loc"][-1])
            near = did_you_mean(name, (field.name for field in place.owner.fields))
            return f"is not a field of `{place.owner}`" + (f"; did you mean `{near}`?" if near else "")
        case "json_invalid":
            return f"is not valid JSON: {context['error']}"
        case "apwa":
            return str(context["reason"])
        case "string_unicode":
            return "holds text that is not Unicode"
        case "string_pattern_mismatch" if place.field is not None:
            return f"does not match the pattern {_quoted(place.field.pattern or '')}{found}"
        case "greater_than_equal" | "less_than_equal" as kind:
            return _out_of_range(kind, context, place, found)
        case "too_short" | "too_long":
            return f"expected {place.type}, found {context['actual_length']} values instead of {_length(context)}"
        case "union_tag_invalid":
            return f"expected a `kind` of {place.type}" + (f", found {show(context['tag'])}" if found else "")
        case "recursion_loop":
            return "refers to itself"
        case _:
            return f"expected {_wanted(place.type)}{found}"


def _out_of_range(kind: str, context: dict[str, Any], place: _Place, found: str) -> str:
    bound = context.get("ge", context.get("le"))
    bare = place.type.inner if isinstance(place.type, Optional) else place.type
    if bare == Primitive("duration"):
        return f"is too long for a duration{found}"
    if bare == Primitive("int") and isinstance(bound, int) and abs(bound) >= 2**INT_BITS - 1:
        return f"does not fit in 64 bits{found}"
    return f"must be {'at least' if kind == 'greater_than_equal' else 'at most'} {bound}{found}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).encode(errors="backslashreplace").decode()


def _length(context: dict[str, Any]) -> object:
    return context.get("min_length", context.get("max_length"))


def _wanted(type: Type | None) -> str:
    match type:
        case None:
            return "another value"
        case Optional(inner):
            return f"{_wanted(inner)} or null"
        case Choice(values):
            return f"one of {', '.join(map(_quoted, values))}"
        case RecordType(name=name):
            return f"a record `{name}`"
        case Primitive("date" | "datetime" | "duration" as name):
            return f"{name} in ISO 8601 form"
        case Tensor(dtype):
            return f"{type} (numbers of {dtype})"
        case _:
            return str(type)
