"""``scan``: read a table, validate each row, keep it as Arrow parts.

Every table is read before the first sub-problem starts, so that a bad row or a doubled key stops the launch.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from apwa_compiler.plan import LiteralSource, Scan, SqlSource, Step
from apwa_lang.semantics.types import RecordType
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.errors import RunError
from apwa_runtime.tables.problems import DuplicateError
from apwa_runtime.tables.read import RowProblem, TableError, read_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SHOWN = 10

BadRows = list[tuple[str, str, RowProblem]]


def run_scan(step: Step, operation: Scan, inputs: list[Dataset], folder: Path, bad_rows: BadRows) -> Dataset:
    """Read a table, one by a query from its ``inputs``.

    Rows that break the record go to ``bad_rows`` as (step, outcome, problem).

    Raises RunError when the table cannot be read, or has bad rows and its ``on_error`` is ``fail``.
    """
    assert isinstance(step.record, RecordType)
    options = {} if isinstance(operation.source, LiteralSource) else dict(getattr(operation.source, "options", ()))
    outcome = str(options.get("on_error", "fail"))
    writer = DatasetWriter(folder / "steps" / step.name, step.record)
    problems: list[RowProblem] = []

    def database() -> DuckDBPyConnection:
        from apwa_runtime.tables.sql import connect, open_table

        assert isinstance(operation.source, SqlSource)
        tables = zip(operation.source.tables, map(open_table, inputs), strict=True)
        return connect(dict(tables), spill=writer.folder / "spill")

    try:
        for place, chunk in enumerate(read_table(operation.source, step.record, database=database)):
            problems.extend(chunk.problems)
            writer.add(place, chunk.batch)
    except TableError as error:
        exit_code = 1 if isinstance(error, DuplicateError) else 2
        raise RunError(f"table `{step.name}`: {error}", exit_code) from None
    if problems and outcome == "fail":
        shown = "\n".join(f"  {_text(problem)}" for problem in problems[:_SHOWN])
        more = f"\n  … and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        noun = "row does" if len(problems) == 1 else "rows do"
        remedy = "mend the rows, or set `on_error: skip` or `on_error: quarantine` in the table's `as …(…)`"
        if isinstance(operation.source, SqlSource):
            remedy = "mend the query, or the record"
        told = f"{len(problems)} {noun} not fit record `{step.record.name}`:\n{shown}{more}\n{remedy}"
        raise RunError(f"table `{step.name}`: {told}", exit_code=1)
    bad_rows.extend((step.name, outcome, problem) for problem in problems)
    return writer.finish()


def _text(problem: RowProblem) -> str:
    field = f"`{problem.field}`: " if problem.field else ""
    return f"{problem.file}:{problem.line}: {field}{problem.reason}"
