"""The built-in functions at run time.

In: native values of the types that ``apwa_lang.semantics.builtins`` says. Out: native values, or EvaluationError. The
two tables have the same names; ``choose`` and ``default`` are compiled so that the part not chosen is not evaluated.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import Any, NoReturn

from apwa_runtime.evaluation import EvaluationError, plain_text, shown
from apwa_runtime.tokens import count_tokens
from apwa_runtime.values.text import json_text

_UNSAFE = re.compile("[^a-z0-9]")


def percent_encode(text: str) -> str:
    """``text`` with each byte of every character but a-z and 0-9 as ``%XX``: no two texts give the same."""
    return _UNSAFE.sub(lambda found: "".join(f"%{byte:02X}" for byte in _utf8(found[0])), text)


def digest(value: str | bytes) -> str:
    """SHA-256 of bytes, or of a text in UTF-8, in hexadecimal digits."""
    return hashlib.sha256(value if isinstance(value, bytes) else _utf8(value)).hexdigest()


def without_repetitions(items: list[Any]) -> list[Any]:
    """The items in order of first sight."""
    try:
        return list(dict.fromkeys(items))
    except TypeError:
        found: dict[str, Any] = {}
        for item in items:
            found.setdefault(json_text(item), item)
        return list(found.values())


def most_common(items: list[Any]) -> Any:
    """The item that is there most often, of several the first. Raises EvaluationError for an empty list."""
    if not items:
        return _fail("an empty list has no mode")
    try:
        return Counter(items).most_common(1)[0][0]
    except TypeError:
        texts = [json_text(item) for item in items]
        return items[texts.index(most_common(texts))]


def first(items: list[Any]) -> Any:
    """The first item. Raises EvaluationError for an empty list."""
    return items[0] if items else _fail("an empty list has no first item")


def last(items: list[Any]) -> Any:
    """The last item. Raises EvaluationError for an empty list."""
    return items[-1] if items else _fail("an empty list has no last item")


def whole(value: Any) -> int:
    """``int(value)``. Raises EvaluationError for what is no number."""
    try:
        return int(value)
    except (ValueError, TypeError, OverflowError):
        return _fail(f"{shown(value)} is not a whole number")


def real(value: Any) -> float:
    """``float(value)``. Raises EvaluationError for what is no number."""
    try:
        return float(value)
    except (ValueError, TypeError, OverflowError):
        return _fail(f"{shown(value)} is not a number")


def _truth(value: Any) -> bool:
    if isinstance(value, str):
        found = {"true": True, "false": False}.get(value.strip().lower())
        return found if found is not None else _fail(f'{shown(value)} is neither "true" nor "false"')
    if isinstance(value, int | float):
        return bool(value)
    return _fail(f"{shown(value)} is neither true nor false")


def least(*values: Any) -> Any:
    """The least of a list or of several values. Raises EvaluationError for an empty list."""
    items = values[0] if len(values) == 1 else values
    return min(items) if items else _fail("an empty list has no least item")


def greatest(*values: Any) -> Any:
    """The greatest of a list or of several values. Raises EvaluationError for an empty list."""
    items = values[0] if len(values) == 1 else values
    return max(items) if items else _fail("an empty list has no greatest item")


def _sum(items: list[Any], zero: int | float | timedelta = 0) -> Any:
    return sum(items, zero)


def _mean(items: list[float]) -> float:
    return sum(items) / len(items) if items else _fail("an empty list has no mean")


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=lambda word: _fail(f"{word} is not JSON"))
    except (ValueError, RecursionError):
        return _fail(f"{shown(text)} is not JSON")


def _get(container: Any, key: str | int, default: Any) -> Any:
    if isinstance(container, dict):
        return container.get(key, default)
    if isinstance(container, list) and isinstance(key, int) and -len(container) <= key < len(container):
        return container[key]
    return default


def _keys(container: Any) -> list[str]:
    return list(container) if isinstance(container, dict) else _fail(f"{shown(container)} is not a JSON object")


def _values(container: Any) -> list[Any]:
    return (
        list(container.values()) if isinstance(container, dict) else _fail(f"{shown(container)} is not a JSON object")
    )


def _split(text: str, separator: str) -> list[str]:
    return text.split(separator) if separator else _fail("the separator of `split` is empty")


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _fail(message: str) -> NoReturn:
    raise EvaluationError(message)


def _year(day: date) -> int:
    return day.year


def _month(day: date) -> int:
    return day.month


def _day(day: date) -> int:
    return day.day


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": len,
    "tokens": count_tokens,
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "split": _split,
    "join": lambda parts, separator: separator.join(parts),
    "contains": lambda container, item: item in container,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "replace": str.replace,
    "matches": lambda text, pattern: re.fullmatch(pattern, text) is not None,
    "slice": lambda items, start, end: items[start:end],
    "words": str.split,
    "lines": str.splitlines,
    "round": round,
    "abs": abs,
    "min": least,
    "max": greatest,
    "sum": _sum,
    "mean": _mean,
    "sorted": sorted,
    "unique": without_repetitions,
    "reversed": lambda items: items[::-1],
    "all": all,
    "any": any,
    "count": list.count,
    "mode": most_common,
    "first": first,
    "last": last,
    "int": whole,
    "float": real,
    "str": plain_text,
    "bool": _truth,
    "json": json_text,
    "parse_json": _parse_json,
    "sha256": digest,
    "key": lambda value: percent_encode(plain_text(value)),
    "basename": lambda path: PurePosixPath(path).name,
    "dirname": posixpath.dirname,
    "stem": lambda path: PurePosixPath(path).stem,
    "suffix": lambda path: PurePosixPath(path).suffix,
    "get": _get,
    "keys": _keys,
    "values": _values,
    "choose": lambda condition, then, otherwise: then if condition else otherwise,
    "default": lambda value, otherwise: otherwise if value is None else value,
    "is_null": lambda value: value is None,
    "year": _year,
    "month": _month,
    "day": _day,
    "tally": lambda items: dict(Counter(items)),
}
