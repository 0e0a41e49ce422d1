"""What filters make of single texts.

In: a text of a value of some type, and filters with constant arguments. Out: the text that comes out, or None where
that is not worked out here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import PurePosixPath

from apwa_lang.verifier.types import INT, STR, UNKNOWN, Type

Arguments = tuple[object, ...]

WIDEST_FILL = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter with its constant arguments. Arithmetic is one, under its sign, with the number on its right."""

    name: str
    arguments: Arguments = ()


def after(type: Type, value: str, filters: tuple[Filter, ...]) -> str | None:
    """What the text of a value becomes."""
    type = type.present
    try:
        for one in filters:
            value = _named(one.name, type)(value, *one.arguments)
            type = gives(one.name, type)
    except (KeyError, TypeError, ValueError, ArithmeticError, IndexError):
        return None
    return value


def _named(name: str, type: Type) -> Callable[..., str]:
    if name not in ("json", "tojson") or type.kind in ("str", "choice"):
        return _DONE[name]
    if type.kind not in ("int", "bool"):
        raise KeyError(name)
    return str


def gives(name: str, type: Type) -> Type:
    """The type of what a filter gives."""
    if name == "round":
        return type if type == INT else Type("float")
    return INT if name in ("int", "length", "+", "*", "//", "%") else STR if name in _DONE else UNKNOWN


def is_width(value: object) -> bool:
    """Whether a width is one that is looked at."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= WIDEST_FILL


def _slug(value: str) -> str:
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")


def _cut(value: str, width: object, end: str = "") -> str:
    if not isinstance(width, int) or not is_width(width) or len(end) > width:
        raise ValueError
    return value if len(value) <= width else value[: width - len(end)] + end


def _zeros(value: str, width: object) -> str:
    if not isinstance(width, int) or not is_width(width):
        raise ValueError
    return value.zfill(width)


def _round(value: str, digits: object = 0) -> str:
    if not isinstance(digits, int):
        raise ValueError
    return str(round(int(value), digits)) if re.fullmatch("-?[0-9]+", value) else str(round(float(value), digits))


def _whole(number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError
    return number


def _day(value: str, format: object) -> str:
    return (datetime if "T" in value else date).fromisoformat(value).strftime(str(format))


_DONE: dict[str, Callable[..., str]] = {
    "key": lambda value: re.sub(rb"[^a-z0-9]", lambda found: b"%%%02X" % found[0][0], value.encode()).decode(),
    "hex": lambda value: value.encode().hex(),
    "sha256": lambda value: sha256(value.encode()).hexdigest(),
    "json": lambda value: json.dumps(value, ensure_ascii=False),
    "tojson": lambda value: json.dumps(value, ensure_ascii=False),
    "string": str,
    "image": str,
    "audio": str,
    "file": str,
    "zfill": _zeros,
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "capitalize": str.capitalize,
    "strip": str.strip,
    "trim": str.strip,
    "slugify": _slug,
    "truncate": _cut,
    "replace": str.replace,
    "round": _round,
    "int": lambda value: str(int(float(value)) if "." in value else int(value)),
    "length": lambda value: str(len(value)),
    "basename": lambda value: PurePosixPath(value).name,
    "stem": lambda value: PurePosixPath(value).stem,
    "default": lambda value, otherwise: value,
    "+": lambda value, number: str(int(value) + _whole(number)),
    "*": lambda value, number: str(int(value) * _whole(number)),
    "//": lambda value, number: str(int(value) // _whole(number)),
    "%": lambda value, number: str(int(value) % _whole(number)),
    "strftime": _day,
}
