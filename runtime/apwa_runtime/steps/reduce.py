"""``reduce`` by a task: ``tree`` level by level, ``fold`` from the left; one result for each group.

Groups stand in the order of their first row. In a tree a group of one row is that row: the task is not called. A group
with a failed merge has no result, unless the task skips errors. Held are nine bytes a row, and some megabytes of rows.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from apwa_compiler.plan import Step, TaskReduce
from apwa_runtime.batches import Ordinals
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.session import Session
from apwa_runtime.step_run import StepRun
from apwa_runtime.steps.width import width
from apwa_runtime.tables.gather import row_bytes, rows_at_a_time, taken
from apwa_runtime.tables.groups import Groups, identity, some_at_a_time
from apwa_runtime.values.arrow import arrow_schema

# Merges that travel in one Dask task: merging is costly, so that a level spreads over the cluster.
_MERGES = 8


@dataclass
class _Rows:
    """Rows of several datasets: row ``at[n]`` of dataset ``of[n]``; ``ends`` says where each lot of them ends."""

    of: bytearray = field(default_factory=bytearray)
    at: array[int] = field(default_factory=lambda: array("q"))
    ends: list[int] = field(default_factory=list)

    def lots(self) -> Iterator[range]:
        """The places of each lot."""
        start = 0
        for end in self.ends:
            yield range(start, end)
            start = end

    def take(self, other: _Rows, places: range) -> None:
        """Take over rows."""
        self.of += other.of[places.start : places.stop]
        self.at += other.at[places.start : places.stop]

    def end_lot(self) -> None:
        """What was taken so far is a lot."""
        self.ends.append(len(self.at))

    def fetched(self, sources: Sequence[Dataset], start: int, stop: int, schema: Any) -> Any:
        """Some of the rows, as a batch."""
        batches, places = [], array("q")
        for source in sorted(set(self.of[start:stop])):
            some = [place for place in range(start, stop) if self.of[place] == source]
            rows = taken(sources[source], pa.array([self.at[place] for place in some], pa.int64()), schema.names)
            columns = [rows.column(each.name).cast(each.type) for each in schema]
            batches.append(pa.RecordBatch.from_arrays(columns, schema=schema))
            places.extend(some)
        whole = pa.concat_batches(batches)
        return whole if len(batches) == 1 else whole.take(pa.compute.array_sort_indices(pa.array(places, pa.int64())))


def run_reduce(session: Session, step: Step, operation: TaskReduce, inputs: list[Dataset]) -> Dataset:
    """Reduce each group to one row."""
    assert step.record is not None
    (dataset,) = inputs
    groups = Groups([identity(dataset.record, name) for name in operation.group])
    for batch in dataset.batches():
        groups.add([batch.column(name) for name in operation.group], batch.num_rows)
    order, ends = groups.ordered()
    rows = _Rows(bytearray(len(order)), _numbers(order), ends)
    heads = array("q", (rows.at[lot.start] for lot in rows.lots()))
    run = session.begin(step, None)
    sources = [dataset]
    if operation.strategy == "fold":
        reduced = _merged(session, run, sources, rows, _lots_of_one(len(ends)), 0, least=1)
    else:
        reduced = _tree(session, run, operation.arity, sources, rows)
    session.end(run)
    writer = DatasetWriter(session.folder / "steps" / step.name, step.record)
    whole = [group for group, lot in enumerate(reduced.lots()) if lot]
    most = rows_at_a_time(max(map(row_bytes, sources)))
    for start in range(0, len(whole), most):
        some = whole[start : start + most]
        found = reduced.fetched(sources, start, start + len(some), arrow_schema(run.output))
        columns = dict(zip(found.schema.names, found.columns, strict=True))
        if operation.group:
            keys = taken(dataset, pa.array([heads[group] for group in some], pa.int64()), operation.group)
            columns |= zip(operation.group, keys.columns, strict=True)
        schema = arrow_schema(step.record)
        arrays = [columns[each.name].cast(each.type) for each in schema]
        writer.add(start, pa.RecordBatch.from_arrays(arrays, schema=schema))
    return writer.finish()


def _tree(session: Session, run: StepRun, arity: int, sources: list[Dataset], rows: _Rows) -> _Rows:
    """Merge ``arity`` neighbours at a time until no group has two rows. Results become ``sources``."""
    first = 0
    while any(len(lot) > 1 for lot in rows.lots()):
        merges, upper = _Rows(), _Rows()
        for lot in rows.lots():
            for start in range(lot.start, lot.stop, arity):
                part = range(start, min(start + arity, lot.stop))
                if len(part) == 1:
                    upper.take(rows, part)
                    continue
                upper.of.append(len(sources))
                upper.at.append(len(merges.ends))
                merges.take(rows, part)
                merges.end_lot()
            upper.end_lot()
        rows = _merged(session, run, sources, merges, upper, first, _MERGES)
        first += len(merges.ends)
    return rows


def _lots_of_one(count: int) -> _Rows:
    """What becomes of so many groups, each of which is one sub-problem."""
    return _Rows(bytearray(b"\1") * count, array("q", range(count)), [*range(1, count + 1)])


def _merged(
    session: Session, run: StepRun, sources: list[Dataset], merges: _Rows, upper: _Rows, first: int, least: int
) -> _Rows:
    """Call the task on each lot of ``merges``, the first as sub-problem ``first``, and let its results be a source.

    ``upper`` counts on all of them; what comes back has those that are there. At least ``least`` calls travel in one
    batch, where there are so many for each slot of the cluster.
    """
    count = len(merges.ends)
    size = max(least, min(width(session, run.task), -(-count // session.cluster.slots)))
    target = arrow_schema(run.input)
    items = target.field("parts").type.value_type

    def batches() -> Iterator[tuple[Ordinals, Any]]:
        done = 0
        schema = pa.schema(list(items))
        for spans in some_at_a_time(merges.ends, rows_at_a_time(max(map(row_bytes, sources)))):
            begin = spans[0][0]
            rows = merges.fetched(sources, begin, spans[-1][1], schema)
            struct = pa.StructArray.from_arrays(rows.columns, fields=list(items))
            offsets = pa.array([begin, *(end for _, end in spans)], pa.int64())
            offsets = pa.compute.subtract(offsets, begin)
            lists = pa.LargeListArray.from_arrays(offsets, struct, type=target.field("parts").type)
            whole = pa.RecordBatch.from_arrays([lists], schema=target)
            for start in range(0, len(spans), size):
                some = whole.slice(start, size)
                yield range(first + done, first + done + some.num_rows), some
                done += some.num_rows

    session.dispatch(run, run.left(batches()))
    results = run.results(first)
    there = array("q")
    for ordinals, _ in results.numbered():
        there.extend(ordinal - first for ordinal in ordinals)
    sources.append(results)
    if len(there) == count:
        return upper
    return _there(upper, len(sources) - 1, there, run.task.policy.on_error == "skip")


def _there(upper: _Rows, source: int, there: array[int], skips: bool) -> _Rows:
    """``upper`` without the results of ``source`` that are missing, of which only the numbers in ``there`` are."""
    kept = _Rows()
    for lot in upper.lots():
        before = len(kept.at)
        for place in lot:
            number = upper.at[place]
            if upper.of[place] == source:
                number = bisect_left(there, number)
                if number == len(there) or there[number] != upper.at[place]:
                    if skips:
                        continue
                    del kept.of[before:], kept.at[before:]
                    break
            kept.of.append(upper.of[place])
            kept.at.append(number)
        kept.end_lot()
    return kept


def _numbers(order: Any) -> array[int]:
    """An Arrow array of whole numbers."""
    found = array("q")
    if len(order):
        found.frombytes(memoryview(order.cast(pa.int64()).buffers()[1])[: 8 * len(order)])
    return found
