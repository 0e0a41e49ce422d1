"""``reduce`` by a task: ``tree`` level by level, ``fold`` from the left; one result for each group.

Groups stand in the order of their first row. A group of one row is that row: the task is not called.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apwa_compiler.plan import Step, TaskReduce
from apwa_lang.semantics.types import RecordType
from apwa_runtime.batches import Ordinals
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.runner import output_record
from apwa_runtime.session import Session
from apwa_runtime.step_run import StepRun
from apwa_runtime.steps.width import width
from apwa_runtime.values.arrow import from_batch, to_batch

Row = dict[str, Any]

# Merges that travel in one Dask task: merging is costly, so that a level spreads over the cluster.
_MERGES = 8


def run_reduce(session: Session, step: Step, operation: TaskReduce, inputs: list[Dataset]) -> Dataset:
    """Reduce each group to one row."""
    assert step.record is not None
    groups = _groups(operation, inputs[0], output_record(step, session.plan.task(operation.task)))
    run = session.begin(step, None)
    lists = [rows for _, rows in groups]
    reduced = _fold(session, run, lists) if operation.strategy == "fold" else _tree(session, run, operation, lists)
    session.end(run)
    writer = DatasetWriter(session.folder / "steps" / step.name, step.record)
    rows = [{**key, **row} for (key, _), row in zip(groups, reduced, strict=True) if row is not None]
    writer.add(0, to_batch(rows, step.record))
    return writer.finish()


def _groups(operation: TaskReduce, dataset: Dataset, record: RecordType) -> list[tuple[Row, list[Row]]]:
    groups: dict[tuple[str, ...], tuple[Row, list[Row]]] = {}
    for row in dataset.rows_as_dicts():
        key = {name: row[name] for name in operation.group}
        part = {field.name: row[field.name] for field in record.fields}
        groups.setdefault(tuple(map(repr, key.values())), (key, []))[1].append(part)
    return list(groups.values())


def _tree(session: Session, run: StepRun, operation: TaskReduce, groups: list[list[Row]]) -> list[Row | None]:
    """Merge ``arity`` neighbours at a time. A group with a failed merge has no result, unless the task skips errors."""
    skips = run.task.policy.on_error == "skip"
    levels: list[list[Row] | None] = list(groups)
    first = 0
    while any(rows is not None and len(rows) > 1 for rows in levels):
        merges: list[tuple[int, int, list[Row]]] = []
        upper: list[list[Row | None] | None] = []
        for group, rows in enumerate(levels):
            if rows is None or len(rows) <= 1:
                upper.append(list(rows) if rows is not None else None)
                continue
            parts = [rows[start : start + operation.arity] for start in range(0, len(rows), operation.arity)]
            upper.append([part[0] if len(part) == 1 else None for part in parts])
            merges.extend((group, place, part) for place, part in enumerate(parts) if len(part) > 1)
        for ordinal, row in _merged(session, run, [part for _, _, part in merges], first, _MERGES).items():
            group, place, _ = merges[ordinal - first]
            slots = upper[group]
            assert slots is not None
            slots[place] = row
        first += len(merges)
        levels = [_complete(slots, skips) for slots in upper]
    return [rows[0] if rows else None for rows in levels]


def _complete(slots: list[Row | None] | None, skips: bool) -> list[Row] | None:
    if slots is None:
        return None
    rows = [row for row in slots if row is not None]
    return rows if skips or len(rows) == len(slots) else None


def _merged(session: Session, run: StepRun, parts: list[list[Row]], first: int, least: int) -> dict[int, Row]:
    """The results by ordinal of calls on ``parts``, of which the first has ordinal ``first``; failed ones are missing.

    At least ``least`` calls travel in one batch, where there are so many for each slot of the cluster.
    """
    size = max(least, min(width(session, run.task), -(-len(parts) // session.cluster.slots)))

    def batches() -> Iterator[tuple[Ordinals, Any]]:
        for start in range(0, len(parts), size):
            rows = [{"parts": part} for part in parts[start : start + size]]
            yield range(first + start, first + start + len(rows)), to_batch(rows, run.input)

    session.dispatch(run, run.left(batches()))
    return {
        ordinal: row
        for ordinals, rows in run.results(first).numbered()
        for ordinal, row in zip(ordinals, from_batch(rows, run.output), strict=True)
    }


def _fold(session: Session, run: StepRun, groups: list[list[Row]]) -> list[Row | None]:
    """Each group is one sub-problem, which calls the task row by row."""
    folded = _merged(session, run, groups, 0, least=1)
    return [folded.get(group) for group in range(len(groups))]
