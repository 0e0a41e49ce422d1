"""``map`` and a direct call: batches of sub-problems out, parts of the result back."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_compiler.plan import Call, Map, Step
from apwa_runtime.batches import Batch, from_bytes, to_bytes
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.runner import input_record
from apwa_runtime.session import Session
from apwa_runtime.splits import count, subproblems
from apwa_runtime.values.arrow import to_batch
from apwa_runtime.worker import run_batch


def run_map(session: Session, step: Step, operation: Map, inputs: list[Dataset]) -> Dataset:
    """One call for each sub-problem of the split."""
    session.progress.start(step.name, count(operation.split, inputs))
    return _collect(session, step, _batches(operation, inputs, session.cluster.slots))


def run_call(session: Session, step: Step, operation: Call, inputs: list[Dataset]) -> Dataset:
    """One call, whose table arguments are whole tables."""
    session.progress.start(step.name, 1)
    tables = {name: list(dataset.rows_as_dicts()) for name, dataset in zip(step.inputs, inputs, strict=True)}
    record = input_record(session.plan, step)
    return _collect(session, step, iter([Batch(0, 1, to_bytes(to_batch([{"@call": 0, **tables}], record)))]))


def _batches(operation: Map, inputs: list[Dataset], slots: int) -> Iterator[Batch]:
    first = 0
    for rows in subproblems(operation.split, inputs, operation.batch, slots):
        yield Batch(first, rows.num_rows, to_bytes(rows))
        first += rows.num_rows


def _collect(session: Session, step: Step, batches: Iterator[Batch]) -> Dataset:
    assert step.record is not None
    writer = DatasetWriter(session.folder / "steps" / step.name, step.record)
    for result in session.dispatch(step, run_batch, batches):
        writer.add(result.first, from_bytes(result.data))
    session.progress.finish(step.name)
    return writer.finish()
