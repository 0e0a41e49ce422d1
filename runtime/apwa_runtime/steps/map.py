"""``map`` and a direct call: batches of sub-problems out, parts of the result back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from apwa_compiler.plan import Call, Map, Step
from apwa_runtime.batches import Batch, from_bytes, to_bytes
from apwa_runtime.binding import Row
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.resources import ResourceClasses
from apwa_runtime.runner import input_record
from apwa_runtime.session import Session
from apwa_runtime.splits import count, subproblems
from apwa_runtime.values.arrow import from_batch, to_batch
from apwa_runtime.worker import run_batch


def run_map(session: Session, step: Step, operation: Map, inputs: list[Dataset]) -> Dataset:
    """One call for each sub-problem of the split."""
    session.progress.start(step.name, count(operation.split, inputs))
    classes = ResourceClasses(session.plan, step, session.offers)
    return _collect(session, step, _batches(operation, inputs, session.cluster.slots, classes))


def run_call(session: Session, step: Step, operation: Call, inputs: list[Dataset]) -> Dataset:
    """One call, whose table arguments are whole tables."""
    session.progress.start(step.name, 1)
    tables = {name: list(dataset.rows_as_dicts()) for name, dataset in zip(step.inputs, inputs, strict=True)}
    record = input_record(session.plan, step)
    call: Row = {"@call": 0, **tables}
    needs = ResourceClasses(session.plan, step, session.offers).of(call)
    return _collect(session, step, iter([Batch(0, 1, to_bytes(to_batch([call], record)), needs)]))


def _batches(operation: Map, inputs: list[Dataset], slots: int, classes: ResourceClasses) -> Iterator[Batch]:
    first = 0
    for rows in subproblems(operation.split, inputs, operation.batch, slots):
        if classes.fixed is not None:
            yield Batch(first, rows.num_rows, to_bytes(rows))
        else:
            needs = [classes.of(row) for row in from_batch(rows, operation.split.subproblem)]
            place = 0
            for resources, alike in groupby(needs):
                count = len(list(alike))
                yield Batch(first + place, count, to_bytes(rows.slice(place, count)), resources)
                place += count
        first += rows.num_rows


def _collect(session: Session, step: Step, batches: Iterator[Batch]) -> Dataset:
    assert step.record is not None
    writer = DatasetWriter(session.folder / "steps" / step.name, step.record)
    for result in session.dispatch(step, run_batch, batches):
        writer.add(result.first, from_bytes(result.data))
    session.progress.finish(step.name)
    return writer.finish()
