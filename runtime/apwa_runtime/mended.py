"""Rows of quarantine tables that a person has mended: they stand in the place of the input's own in every later run.

In: quarantine tables as they stand now, and what earlier runs have mended. Out: the rows to run. A row that is used is
kept in the run's folder, with a digest of the row that it stands for, so that it is used again only for that one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apwa_compiler.plan import Plan, Step
from apwa_lang.semantics.types import RecordType
from apwa_runtime.binding import Row
from apwa_runtime.errors import RunError
from apwa_runtime.failures import HIDDEN
from apwa_runtime.journal.frames import entries
from apwa_runtime.report import ORDINAL
from apwa_runtime.run_folder import RunFolder
from apwa_runtime.runner import input_record
from apwa_runtime.values.models import InvalidValue, validator

_STANDS_FOR = "_stands_for"


@dataclass(frozen=True)
class _Line:
    """A mended row as it was written and as values, and the digest of the row that it stands for where it is known."""

    written: Mapping[str, Any]
    values: Row
    stands_for: str = ""


@dataclass
class Mended:
    """The mended rows of one step. ``given`` are those of its quarantine table, which are to run; by ordinal.

    ``written`` are those that ``file`` holds as they are.
    """

    file: Path
    given: Mapping[int, _Line] = field(default_factory=dict)
    kept: dict[int, _Line] = field(default_factory=dict)
    written: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.given or self.kept)

    def values(self, ordinal: int, row: Row) -> Row | None:
        """The fields that are mended of the sub-problem that is ``row`` in the input. Raises OSError."""
        line = self.given.get(ordinal) or self.kept.get(ordinal)
        if line is None:
            return None
        digest = _digest(row)
        if ordinal not in self.given and line.stands_for != digest:
            return None
        if ordinal not in self.written:
            self.written.add(ordinal)
            self._keep({**line.written, ORDINAL: ordinal, _STANDS_FOR: digest})
        return line.values

    def _keep(self, line: Mapping[str, Any]) -> None:
        self.file.parent.mkdir(exist_ok=True)
        with self.file.open("a") as stream:
            # A crash may have left a part of a line before it.
            stream.write("\n" + json.dumps(line, ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())


def mended_rows(plan: Plan, folder: Path, run: RunFolder, *, tables: bool) -> dict[str, Mended]:
    """By step, what is mended of a run that goes on in ``folder``; with ``tables`` its quarantine tables are read.

    Raises RunError when a row of a table does not fit, stands there twice, or is of what was never quarantined.
    """
    found: dict[str, Mended] = {}
    for step in plan.steps:
        if getattr(step.operation, "task", None) is None:
            continue
        record = input_record(plan, step)
        mended = found[step.name] = Mended(folder / "mended" / f"{step.name}.jsonl")
        kept = run.path / "mended" / f"{step.name}.jsonl"
        for written in _whole_lines(kept):
            # A row that does not fit any more was mended for a record that has changed since.
            with suppress(RunError):
                values = _values(written, record, str(kept))
                mended.kept[written[ORDINAL]] = _Line(written, values, written.get(_STANDS_FOR, ""))
        if folder == run.path:
            mended.written.update(mended.kept)
        table = run.path / "quarantine" / f"{step.name}.jsonl"
        if tables and table.exists():
            mended.given = _given(table, record, _quarantined(run, step) | mended.kept.keys())
            mended.written.difference_update(mended.given)
    return found


def _given(table: Path, record: RecordType, quarantined: set[int]) -> dict[int, _Line]:
    given: dict[int, _Line] = {}
    for number, text in enumerate(table.read_text().splitlines(), start=1):
        place = f"{table}:{number}"
        try:
            written = json.loads(text)
            ordinal = written[ORDINAL]
        except (ValueError, KeyError, TypeError):
            raise RunError(f"{place}: a row is a JSON object with its `{ORDINAL}`") from None
        if ordinal not in quarantined:
            raise RunError(f"{place}: sub-problem {ordinal} was not quarantined; take the row out")
        if ordinal in given:
            raise RunError(f"{place}: sub-problem {ordinal} stands here twice")
        given[ordinal] = _Line(written, _values(written, record, place))
    return given


def _values(written: Mapping[str, Any], record: RecordType, place: str) -> Row:
    return {
        field.name: _checked(written[field.name], RecordType("row", (field,)), place)
        for field in record.fields
        if field.name in written and not _holds_hidden(written[field.name])
    }


def _quarantined(run: RunFolder, step: Step) -> set[int]:
    return {
        failure.ordinal
        for generation in run.generations
        for entry in entries(generation / f"{step.name}.log")
        for failure in entry.failures
        if failure.outcome == "quarantine"
    }


def _whole_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The rows that were kept; a crash may have left a part of one."""
    if file.exists():
        for text in file.read_text().splitlines():
            try:
                row = json.loads(text)
            except ValueError:
                continue
            if isinstance(row, dict) and ORDINAL in row:
                yield row


def _digest(row: Row) -> str:
    return hashlib.blake2b(repr(sorted(row.items())).encode(), digest_size=16).hexdigest()


def _checked(value: object, record: RecordType, place: str) -> Any:
    (field,) = record.fields
    try:
        return validator(record).python({field.name: value})[field.name]
    except InvalidValue as error:
        raise RunError(f"{place}: {error}") from None


def _holds_hidden(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_hidden, value.values()))
    if isinstance(value, list):
        return any(map(_holds_hidden, value))
    return value == HIDDEN
