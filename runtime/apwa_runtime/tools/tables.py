"""The tables that built-in tools read, as Arrow files in the folder of a run.

In: a plan, the tables that its steps read, and the folder. Out: the plan whose tools name the files of their tables,
without fields that are secret or hold a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from apwa_compiler.plan import Plan, Scan, Step, ToolTable
from apwa_lang.semantics.types import open_fields
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.steps.scan import BadRows, run_scan
from apwa_runtime.values.arrow import to_batch


def with_tool_tables(plan: Plan, datasets: Mapping[str, Dataset], folder: Path, bad_rows: BadRows) -> Plan:
    """Read what is not among ``datasets``; rows that break the record go to ``bad_rows``. Raises RunError."""
    # Tables of different files may share their short name, and steps of the flow may have it too.
    made: list[tuple[ToolTable, Dataset]] = []

    def read(table: ToolTable) -> ToolTable:
        dataset = next((known for other, known in made if other == table), None)
        if dataset is None:
            place = folder / "steps" / f"~tool{len(made)}"
            scan = Scan(table.source)
            step = Step(table.name, scan, (), table.record)
            found = _scanned(plan, table, datasets) or run_scan(step, scan, [], place, bad_rows)
            dataset = _shown(found, place / "shown")
            made.append((table, dataset))
        return replace(table, record=dataset.record, parts=tuple(map(str, dataset.parts)))

    return replace(plan, tasks=tuple(task.with_tables(read) for task in plan.tasks))


def _scanned(plan: Plan, table: ToolTable, datasets: Mapping[str, Dataset]) -> Dataset | None:
    same = (
        step.name
        for step in plan.steps
        if isinstance(step.operation, Scan) and (step.operation.source, step.record) == (table.source, table.record)
    )
    return next((datasets[name] for name in same if name in datasets), None)


def _shown(dataset: Dataset, folder: Path) -> Dataset:
    """The dataset as tools see it, in one part at least, which has its columns where it has no rows."""
    fields = open_fields(dataset.record)
    if len(fields) == len(dataset.record.fields) and dataset.parts:
        return dataset
    record = replace(dataset.record, fields=fields)
    writer = DatasetWriter(folder, record)
    for place, batch in enumerate(dataset.batches()):
        writer.add(place, batch.select([field.name for field in fields]))
    if not dataset.rows:
        writer.add(0, to_batch([], record))
    return writer.finish()
