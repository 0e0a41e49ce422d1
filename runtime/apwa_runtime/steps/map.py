"""``map`` and a direct call: batches of sub-problems out, their results into the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from apwa_compiler.plan import Call, Map, Step
from apwa_runtime.batch_sizes import BatchSizes
from apwa_runtime.batches import Ordinals
from apwa_runtime.datasets import Dataset
from apwa_runtime.session import Session
from apwa_runtime.splits import count, subproblems
from apwa_runtime.steps.costly import costly_first
from apwa_runtime.steps.width import width
from apwa_runtime.values.arrow import to_batch


def run_map(session: Session, step: Step, operation: Map, inputs: list[Dataset]) -> Dataset:
    """One call for each sub-problem of the split."""
    total = count(operation.split, inputs)
    run = session.begin(step, total)
    least = min(run.task.batch or 1, operation.batch)
    sizes = BatchSizes(total, operation.batch, session.cluster.slots, least, width(session, run.task))
    if run.classes.fixed is None:
        numbered = costly_first(session.plan, step, operation, run.classes, inputs, sizes)
    else:
        numbered = _numbered(subproblems(operation.split, inputs, sizes))
    session.dispatch(run, run.left(numbered), sizes)
    session.end(run)
    return run.results()


def run_call(session: Session, step: Step, operation: Call, inputs: list[Dataset]) -> Dataset:
    """One call, whose table arguments are whole tables."""
    run = session.begin(step, 1)
    tables = {name: list(dataset.rows_as_dicts()) for name, dataset in zip(step.inputs, inputs, strict=True)}
    session.dispatch(run, run.left([(range(1), to_batch([{"@call": 0, **tables}], run.input))]))
    session.end(run)
    return run.results()


def _numbered(batches: Iterable[Any]) -> Iterator[tuple[Ordinals, Any]]:
    first = 0
    for rows in batches:
        yield range(first, first + rows.num_rows), rows
        first += rows.num_rows
