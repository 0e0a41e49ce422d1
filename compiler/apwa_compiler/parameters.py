"""Values of program parameters.

In: a declared type and what a person gave: text from a command line, or a JSON value from a file. Out: the value in
JSON-able form (dates, durations and ids as ISO text), or ValueError with a few words on what was expected.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from apwa_lang.semantics.durations import from_iso, to_iso
from apwa_lang.semantics.types import Choice, ListOf, MapOf, Optional, Primitive, RecordType, Type, Union

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse(given: object, type: Type) -> object:
    """``given`` as a JSON-able value of ``type``; text is read as a command line would mean it.

    Raises ValueError, whose text follows "does not fit: ".
    """
    match type:
        case Optional(inner):
            return None if given is None or given == "null" else parse(given, inner)
        case Primitive(name):
            return _PRIMITIVES[name](given)
        case Choice(values):
            if given not in values:
                raise ValueError(f"{_shown(given)} is not one of {', '.join(_shown(value) for value in values)}")
            return given
        case ListOf(item):
            return [parse(value, item) for value in _list(given, type)]
        case MapOf(value_type):
            return {str(name): parse(value, value_type) for name, value in _dict(given, type).items()}
        case RecordType():
            return _record(_dict(given, type), type)
        case Union(members):
            fields = _dict(given, type)
            member = next((member for member in members if member.name == fields.get("kind")), None)
            if member is None:
                raise ValueError(f"`kind` must be one of {', '.join(_shown(member.name) for member in members)}")
            return {"kind": member.name, **_record({k: v for k, v in fields.items() if k != "kind"}, member)}
        case _:
            raise ValueError(f"a {type} cannot be a parameter")


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _expected(what: str, given: object) -> ValueError:
    return ValueError(f"{_shown(given)} is not {what}")


def _decoded(given: object, type: Type) -> object:
    try:
        return json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise _expected(f"a {type} in JSON", given) from None


def _list(given: object, type: Type) -> list[object]:
    value = _decoded(given, type)
    if not isinstance(value, list):
        raise _expected(f"a {type}", given)
    return value


def _dict(given: object, type: Type) -> dict[str, object]:
    value = _decoded(given, type)
    if not isinstance(value, dict):
        raise _expected(f"a {type}", given)
    return value


def _record(given: dict[str, object], record: RecordType) -> dict[str, object]:
    unknown = [name for name in given if record.field(name) is None]
    if unknown:
        raise ValueError(f"`{record.name}` has no field `{unknown[0]}`")
    values: dict[str, object] = {}
    for field in record.fields:
        if field.name in given:
            try:
                values[field.name] = parse(given[field.name], field.type)
            except ValueError as error:
                raise ValueError(f"field `{field.name}`: {error}") from None
        elif field.default is not None:
            values[field.name] = field.default.value
        elif isinstance(field.type, Optional):
            values[field.name] = None
        else:
            raise ValueError(f"field `{field.name}` is missing")
    return values


def _text(given: object) -> object:
    if not isinstance(given, str):
        raise _expected("text", given)
    return given


def _int(given: object) -> object:
    if isinstance(given, str) and re.fullmatch(r"[+-]?\d[\d_]*", given):
        return int(given)
    if isinstance(given, bool) or not isinstance(given, int):
        raise _expected("a whole number", given)
    return given


def _float(given: object) -> object:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise _expected("a number", given)
    try:
        return float(given)
    except ValueError:
        raise _expected("a number", given) from None


def _bool(given: object) -> object:
    value = {"true": True, "false": False}.get(given.lower()) if isinstance(given, str) else given
    if not isinstance(value, bool):
        raise _expected("true or false", given)
    return value


def _bytes(given: object) -> object:
    try:
        b64decode(given if isinstance(given, str) else "?", validate=True)
    except ValueError:
        raise _expected("bytes in base64", given) from None
    return given


def _iso(read: Callable[[str], object], what: str) -> Callable[[object], object]:
    def parser(given: object) -> object:
        try:
            return str(given) if read(str(given)) else given
        except ValueError:
            raise _expected(what, given) from None

    return parser


def _duration(given: object) -> object:
    text = str(given)
    short = _DURATION.fullmatch(text)
    try:
        return to_iso(timedelta(seconds=float(short[1]) * _SECONDS[short[2]]) if short else from_iso(text))
    except (ValueError, OverflowError):
        raise _expected("a duration such as 30s", given) from None


def _json(given: object) -> object:
    if isinstance(given, str):
        try:
            return json.loads(given)
        except ValueError:
            return given
    return given


_PRIMITIVES: dict[str, Callable[[object], object]] = {
    "str": _text,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "bytes": _bytes,
    "date": _iso(date.fromisoformat, "a date such as 2026-01-31"),
    "datetime": _iso(datetime.fromisoformat, "a date and time such as 2026-01-31T12:00:00"),
    "duration": _duration,
    "uuid": _iso(UUID, "a UUID"),
    "json": _json,
    "file": _text,
    "image": _text,
    "audio": _text,
    "null": _json,
}
