"""What can be wrong with a table.

Out: :class:`TableError` where a table cannot be read or written at all, :class:`RowProblem` for one row that does not
fit its record, and :class:`Chunk`, the rows that do fit with the problems of those that do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from apwa_lang.semantics.types import RecordType, holds_secret
from apwa_runtime.values.problems import HIDDEN, Problem
from apwa_runtime.values.text import json_text

_SHOWN = 200


class TableError(Exception):
    """A table that cannot be read or written; the text is one line for people, free of secrets."""


class DuplicateError(TableError):
    """Two rows share what must tell rows apart."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that does not fit.

    ``line`` counts from 1: the line on which the row begins in csv, tsv and jsonl files, the row's number elsewhere.
    ``field`` is empty when the row as a whole is wrong. ``row`` is the row as text, cut short, secrets masked.
    """

    file: str
    line: int
    field: str
    reason: str
    row: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a table: those that fit, in order, and what is wrong with the others."""

    batch: pa.RecordBatch
    problems: tuple[RowProblem, ...] = ()


@dataclass(slots=True)
class Part:
    """What a format reads at a time: raw rows with their lines, or rows that are valid already, as a batch."""

    lines: list[int]
    rows: list[Any]
    problems: list[RowProblem]
    batch: pa.RecordBatch | None = None


def misfit(file: str, line: int, problems: tuple[Problem, ...], row: object, record: RecordType) -> RowProblem:
    """All that is wrong with one row, as one problem: the first one in full, the others after it."""
    first, *others = problems
    reason = "; ".join([first.reason, *(str(problem) for problem in others)])
    return RowProblem(file, line, first.path, reason, masked(row, record))


def masked(row: object, record: RecordType) -> str:
    """A raw row as text, cut short, with only the record's fields and without secrets."""
    if isinstance(row, dict):
        shown = {
            field.name: HIDDEN if field.secret or holds_secret(field.type) else row[field.name]
            for field in record.fields
            if field.name in row
        }
        return shorten(_text(shown))
    return HIDDEN if holds_secret(record) else shorten(row if isinstance(row, str) else _text(row))


def shorten(text: str) -> str:
    """``text`` in at most 200 characters, fit for any terminal."""
    text = text.encode(errors="backslashreplace").decode()
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _text(value: object) -> str:
    try:
        return json_text(value)
    except (TypeError, RecursionError):
        return repr(value) if not isinstance(value, dict | list) else "…"
