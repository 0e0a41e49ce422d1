"""Values of checked expressions for known fields, as the runtime would compute them.

In: an expression and values by dotted name; dates and the like are their texts. Out: its value, or
:class:`NotKnownError` where it depends on what is not known here.
"""

from __future__ import annotations

import operator
import posixpath
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from apwa_lang.proofs.filter_table import FILTERS
from apwa_lang.semantics.core import Apply, Const, Core, GetField, MakeList, MakeRecord, Var

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
_TIME = re.compile(r"\d{4}-\d\d-\d\d|-?P\d|-?PT\d")


class NotKnownError(Exception):
    """The value depends on what is not known here."""


def value_of(core: Core, names: Mapping[str, object]) -> object:
    """The value of an expression. Raises :class:`NotKnownError`."""
    match core:
        case Const(value):
            return value
        case Var() | GetField():
            return _named(core, names)
        case MakeList(items):
            return [value_of(item, names) for item in items]
        case Apply("and" | "or" as word, (left, right)):
            first = value_of(left, names)
            return value_of(right, names) if bool(first) == (word == "and") else first
        case Apply("choose", (condition, then, otherwise)):
            return value_of(then if value_of(condition, names) else otherwise, names)
        case Apply("default", (wanted, otherwise)):
            found = value_of(wanted, names)
            return value_of(otherwise, names) if found is None else found
        case Apply(function, arguments):
            return _called(function, [value_of(argument, names) for argument in arguments])
        case _:
            raise NotKnownError


def plain_text(value: object) -> str:
    """What a template prints for a value. Raises :class:`NotKnownError` for what is no scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise NotKnownError


def path_of_core(core: Core) -> str | None:
    """The dotted path of a chain of fields; None for anything else."""
    match core:
        case Var(name):
            return name
        case GetField(base, name, False):
            inside = path_of_core(base)
            return None if inside is None else f"{inside}.{name}"
        case _:
            return None


def _named(core: Core, names: Mapping[str, object]) -> object:
    path = path_of_core(core)
    if path is not None and path in names:
        return names[path]
    if isinstance(core, GetField) and isinstance(core.base, MakeRecord):
        inside = next((part for name, part in core.base.fields if name == core.field), None)
        if inside is not None:
            return value_of(inside, names)
    raise NotKnownError


def _called(function: str, values: list[object]) -> object:
    try:
        if function in OPERATORS and len(values) == 2:
            left, right = values
            if _is_time(left) or _is_time(right):
                return _compared(function, left, right)
            return OPERATORS[function](left, right)
        return _FUNCTIONS[function](*values)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, IndexError):
        raise NotKnownError from None


def _is_time(value: object) -> bool:
    """Whether a text may stand for a date, a time or a duration, which are not compared and added as texts are."""
    return isinstance(value, str) and _TIME.match(value) is not None


def _compared(function: str, left: object, right: object) -> object:
    alike = isinstance(left, str) and isinstance(right, str) and len(left) == len(right) == len("2024-01-01")
    if function not in ("==", "!=", "<", "<=", ">", ">=") or not alike:
        raise NotKnownError
    return OPERATORS[function](left, right)


def _filtered(name: str) -> Callable[..., object]:
    return lambda value, *arguments: FILTERS[name].apply(plain_text(value), arguments)


def _contains(items: Any, item: Any) -> bool:
    return item in items


def _part(items: Any, start: int, end: int | None = None) -> object:
    return items[start:end]


def _rounded(value: Any, digits: int = 0) -> object:
    return round(value, digits)


_FUNCTIONS: dict[str, Callable[..., object]] = {
    "not": lambda value: not value,
    "neg": lambda value: -value,
    "in": lambda item, items: _contains(items, item),
    "~": lambda left, right: plain_text(left) + plain_text(right),
    "is_null": lambda value: value is None,
    "len": len,
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "strip": lambda text: text.strip(),
    "replace": lambda text, old, new: text.replace(old, new),
    "contains": _contains,
    "starts_with": lambda text, start: text.startswith(start),
    "ends_with": lambda text, end: text.endswith(end),
    "slice": _part,
    "split": lambda text, separator: text.split(separator),
    "join": lambda parts, separator: separator.join(parts),
    "words": lambda text: text.split(),
    "first": lambda items: items[0],
    "last": lambda items: items[-1],
    "round": _rounded,
    "abs": abs,
    "min": min,
    "max": max,
    "sum": sum,
    "int": int,
    "str": plain_text,
    "key": _filtered("key"),
    "sha256": _filtered("sha256"),
    "basename": _filtered("basename"),
    "stem": _filtered("stem"),
    "dirname": posixpath.dirname,
    "suffix": lambda text: PurePosixPath(text).suffix,
    "year": lambda text: int(text[:4]),
    "month": lambda text: int(text[5:7]),
    "day": lambda text: int(text[8:10]),
}
