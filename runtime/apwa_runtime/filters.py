"""The filters of templates at run time.

In: native values of the types that ``apwa_lang.semantics.filters`` says. Out: native values, or EvaluationError. Both
tables have the same names.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from apwa_runtime.builtins import (
    digest,
    first,
    greatest,
    last,
    least,
    percent_encode,
    real,
    whole,
    without_repetitions,
)
from apwa_runtime.evaluation import EvaluationError, plain_text
from apwa_runtime.media import ShownPath
from apwa_runtime.values.text import json_text

_NOT_SLUG = re.compile("[^a-z0-9]+")


def slugify(text: str) -> str:
    """The ASCII letters and digits of ``text`` in lower case, accents dropped, other runs as one hyphen."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return _NOT_SLUG.sub("-", plain).strip("-")


def truncate(text: str, length: int, end: str = "") -> str:
    """At most ``length`` characters of ``text``; a text that is cut ends in ``end``."""
    if len(text) <= length:
        return text
    return (text[: max(length - len(end), 0)] + end)[: max(length, 0)]


def to_json(value: Any, indent: int = 0) -> str:
    """JSON on one line, or on several, moved in by ``indent``."""
    return json.dumps(json.loads(json_text(value)), ensure_ascii=False, indent=indent) if indent else json_text(value)


def to_hex(value: Any) -> str:
    """The bytes, or the UTF-8 bytes of the value as text, in hexadecimal digits."""
    return (value if isinstance(value, bytes) else plain_text(value).encode("utf-8", "surrogatepass")).hex()


def indent(text: str, width: int = 4, first: bool = False) -> str:
    """``text`` with each line that is not empty moved in, but for the first unless ``first``."""
    space = " " * width
    lines = text.split("\n")
    moved = [space + line if line and (first or place) else line for place, line in enumerate(lines)]
    return "\n".join(moved)


def strftime(when: date, format: str) -> str:
    """``when`` in ``format``, with the English names of days and months. Raises EvaluationError."""
    try:
        return when.strftime(format)
    except ValueError as error:
        raise EvaluationError(f"`strftime` cannot use this format: {error}") from None


def _shown_as(kind: str) -> Callable[[Any], Any]:
    """A filter that makes what a prompt shows of a path, or of each in a list."""

    def filtered(value: Any) -> Any:
        if isinstance(value, list):
            return [filtered(item) for item in value] or ""
        return ShownPath.of(value, kind)

    return filtered


def _fields(items: list[dict[str, Any]], attribute: str) -> list[Any]:
    return [item[attribute] for item in items]


FILTERS: dict[str, Callable[..., Any]] = {
    "key": lambda value: percent_encode(plain_text(value)),
    "json": to_json,
    "tojson": to_json,
    "hex": to_hex,
    "sha256": lambda value: digest(value if isinstance(value, bytes) else plain_text(value)),
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "capitalize": str.capitalize,
    "strip": str.strip,
    "trim": str.strip,
    "truncate": truncate,
    "slugify": slugify,
    "image": _shown_as("image"),
    "audio": _shown_as("audio"),
    "file": _shown_as("file"),
    "basename": lambda path: PurePosixPath(path).name,
    "stem": lambda path: PurePosixPath(path).stem,
    "replace": lambda text, old, new: text.replace(old, new),
    "indent": indent,
    "zfill": lambda value, width: str(value).zfill(width),
    "round": lambda value, digits=0: round(value, digits),
    "int": whole,
    "float": real,
    "string": lambda value: str(plain_text(value)),
    "default": lambda value, otherwise: otherwise if value is None else value,
    "strftime": strftime,
    "length": len,
    "first": first,
    "last": last,
    "join": lambda items, separator="": separator.join(map(plain_text, items)),
    "list": list,
    "map": _fields,
    "sort": lambda items: sorted(items),
    "unique": without_repetitions,
    "reverse": lambda items: items[::-1],
    "sum": lambda items: sum(items),
    "min": least,
    "max": greatest,
}
