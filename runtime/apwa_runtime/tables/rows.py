"""Raw rows against their record.

In: raw rows with their lines. Out: native rows, the lines of those that fit, and one problem for each that does not.
All are checked at once; only where that fails are they checked one by one.
"""

from __future__ import annotations

from typing import Any

from apwa_lang.semantics.types import RecordType
from apwa_runtime.tables.problems import Part, RowProblem, misfit
from apwa_runtime.values.models import InvalidValue, validator


def check(part: Part, file: str, record: RecordType) -> tuple[list[dict[str, Any]], list[int], list[RowProblem]]:
    """The native rows, their lines, and every problem of the part in order of line."""
    checker = validator(record)
    try:
        return checker.many(part.rows), part.lines, part.problems
    except InvalidValue:
        pass
    rows, lines, problems = [], [], list(part.problems)
    for line, raw in zip(part.lines, part.rows, strict=True):
        try:
            rows.append(checker.python(raw))
            lines.append(line)
        except InvalidValue as error:
            problems.append(misfit(file, line, error.problems, raw, record))
    return rows, lines, sorted(problems, key=lambda problem: problem.line)
