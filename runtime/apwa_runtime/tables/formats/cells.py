"""Columns as text, cell by cell.

In: a column of ``arrow_schema(record)`` and its field. Out: the text of each value, as ``json_text`` gives it, made for
a column at a time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any

from apwa_lang.semantics.types import Choice, Field, Optional, Primitive
from apwa_runtime.values.arrow import decoder
from apwa_runtime.values.text import json_text, scalar_text


def json_cells(column: Any, field: Field) -> list[str]:
    """Each value as JSON, null as ``null``."""
    match _bare(field):
        case Choice() | Primitive("str" | "file" | "image" | "audio" | "uuid"):
            return _each(column, encode_basestring, "null")
        case Primitive("int"):
            return _each(column, int.__repr__, "null")
        case Primitive("float"):
            return _each(column, _float, "null")
        case Primitive("json"):
            return _each(column, str, "null")
        case type:
            return _each(column, _after(decoder(type), json_text), "null")


def delimited_cells(column: Any, field: Field, delimiter: str) -> list[str]:
    """Each value as a cell of a csv file, quoted where it has to be; null is nothing at all."""
    match _bare(field):
        case Choice() | Primitive("str" | "file" | "image" | "audio" | "uuid" | "json"):
            return _each(column, _quote(delimiter), "")
        case Primitive("int"):
            return _each(column, int.__repr__, "")
        case Primitive("bool"):
            return _each(column, json_text, "")
        case Primitive("float"):
            return _each(column, float.__repr__, "")
        case Primitive() as type:
            return _each(column, _after(_after(decoder(type), scalar_text), _quote(delimiter)), "")
        case type:
            return _each(column, _after(_after(decoder(type), json_text), _quote(delimiter)), "")


def delimited_header(names: list[str], delimiter: str) -> str:
    """The line of column names."""
    return delimiter.join(map(_quote(delimiter), names))


def _bare(field: Field) -> Any:
    return field.type.inner if isinstance(field.type, Optional) else field.type


def _each(column: Any, text: Callable[[Any], str], null: str) -> list[str]:
    values = column.to_pylist()
    if column.null_count:
        return [null if value is None else text(value) for value in values]
    return list(map(text, values))


def _after(first: Callable[[Any], Any] | None, then: Callable[[Any], str]) -> Callable[[Any], str]:
    return then if first is None else lambda value: then(first(value))


def _float(value: float) -> str:
    return repr(value) if math.isfinite(value) else json_text(value)


def _quote(delimiter: str) -> Callable[[str], str]:
    special = re.compile(rf'[{re.escape(delimiter)}"\r\n]').search

    def quoted(text: str) -> str:
        if text and not special(text) and text.strip() == text:
            return text
        return '"' + text.replace('"', '""') + '"'

    return quoted
