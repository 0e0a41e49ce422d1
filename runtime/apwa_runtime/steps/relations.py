"""``where select join sort limit union`` and the aggregates: relational steps, batch by batch where they can be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from apwa_compiler.plan import Aggregate, Join, Limit, Plan, Select, Sort, Step, Union, Where
from apwa_lang.semantics.types import RecordType
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.errors import RunError
from apwa_runtime.expressions import EvaluationError, compile_core
from apwa_runtime.parameters import parameter_names
from apwa_runtime.tables import relations
from apwa_runtime.tables.read import TableError
from apwa_runtime.values.arrow import from_batch, to_batch


def run_relation(plan: Plan, folder: Path, step: Step, inputs: list[Dataset]) -> Dataset:
    """Carry out one relational step. Raises RunError naming the row whose expression cannot be evaluated."""
    assert step.record is not None
    writer = DatasetWriter(folder / "steps" / step.name, step.record)
    try:
        for place, batch in enumerate(_batches(plan, step, step.record, inputs)):
            writer.add(place, batch)
    except TableError as error:
        raise RunError(f"step `{step.name}`: {error}", exit_code=1) from None
    return writer.finish()


def _batches(plan: Plan, step: Step, record: RecordType, inputs: list[Dataset]) -> Iterator[Any]:
    match step.operation:
        case Where() | Select():
            yield from _row_by_row(plan, step, step.operation, record, inputs[0])
        case Union():
            for dataset in inputs:
                yield from (batch.select([field.name for field in record.fields]) for batch in dataset.batches())
        case Limit(count):
            yield from _limited(inputs[0], count)
        case Sort(by):
            yield from relations.sort(inputs[0], by)
        case Join(on):
            yield from relations.join(inputs[0], inputs[1], on, record)
        case Aggregate(operation, field, group):
            yield from relations.aggregate(inputs[0], operation, field, group, record)
        case _:
            raise TypeError(f"{step.name} is no relational step")


def _limited(dataset: Dataset, count: int) -> Iterator[Any]:
    for batch in dataset.batches():
        if count <= 0:
            return
        yield batch.slice(0, count)
        count -= batch.num_rows


def _row_by_row(
    plan: Plan, step: Step, operation: Where | Select, record: RecordType, dataset: Dataset
) -> Iterator[Any]:
    parameters = parameter_names(plan.parameters)
    condition = compile_core(operation.condition) if isinstance(operation, Where) else None
    fields = [] if isinstance(operation, Where) else [(name, compile_core(core)) for name, core in operation.fields]
    number = 0
    for batch in dataset.batches():
        kept: list[Any] = []
        for row in from_batch(batch, dataset.record):
            number += 1
            names = {**parameters, **row}
            try:
                if condition is None:
                    kept.append({name: value(names) for name, value in fields})
                else:
                    kept.append(bool(condition(names)))
            except EvaluationError as error:
                raise RunError(f"step `{step.name}`, row {number}: {error}", exit_code=1) from None
        yield to_batch(kept, record) if condition is None else batch.filter(pa.array(kept, pa.bool_()))
