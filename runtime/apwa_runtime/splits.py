"""Split rules: how the rows of a dataset become sub-problems.

In: a dataset and a plan's :class:`Split`. Out: record batches of sub-problems, in the order of their
identities. The lowering of a split rule is one function of this file, entered in ``_RULES``. A rule builds its batches
from those of the dataset, column by column, and holds some megabytes of rows at a time; ``group`` holds eight bytes a
row and each key once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, chain, repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apwa_compiler.plan import Split
from apwa_runtime.datasets import Dataset
from apwa_runtime.tables.gather import MOST_BYTES, row_bytes, rows_at_a_time, taken
from apwa_runtime.tables.groups import Groups, identity, in_order, some_at_a_time
from apwa_runtime.tokens import pieces
from apwa_runtime.values.arrow import arrow_schema

# Some sub-problems, and about how many bytes each of them takes.
Weighed = tuple[Any, Iterable[float]]
Rule = Callable[[Split, list[Dataset]], Iterator[Weighed]]


def subproblems(split: Split, inputs: list[Dataset], sizes: Iterator[int]) -> Iterator[Any]:
    """Record batches of ``split.subproblem`` over ``inputs`` (``cross`` has two), as large as ``sizes`` says."""
    if split.rule in ("row", "file"):
        yield from _slices(inputs[0].batches(), sizes)
        return
    yield from _weighed(_RULES[split.rule](split, inputs), sizes)


def count(split: Split, inputs: list[Dataset]) -> int | None:
    """How many sub-problems there are, where that is known without making them."""
    arguments = dict(split.arguments)
    rows = inputs[0].rows
    match split.rule:
        case "row" | "file":
            return rows
        case "chunk":
            return -(-rows // int(str(arguments["n"])))
        case "cross":
            return rows * inputs[1].rows
        case _:
            return None


def _slices(batches: Iterable[Any], sizes: Iterator[int]) -> Iterator[Any]:
    """The same rows in batches of the sizes that are asked for."""
    waiting: list[Any] = []
    held = 0
    size = next(sizes)
    for batch in batches:
        offset = 0
        while batch.num_rows - offset >= size - held:
            waiting.append(batch.slice(offset, size - held))
            offset += size - held
            yield _joined(waiting)
            waiting, held, size = [], 0, next(sizes)
        if offset < batch.num_rows:
            waiting.append(batch.slice(offset))
            held += batch.num_rows - offset
    if waiting:
        yield _joined(waiting)


def _joined(batches: list[Any]) -> Any:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)


def _weighed(batches: Iterable[Weighed], sizes: Iterator[int]) -> Iterator[Any]:
    """The same sub-problems in batches of the sizes that are asked for, cut earlier where they weigh much."""
    waiting: list[Any] = []
    held, weight = 0, 0.0
    size = next(sizes)
    for batch, weights in batches:
        start = 0
        for end, added in enumerate(weights, 1):
            held += 1
            weight += added
            if held >= size or weight >= MOST_BYTES:
                yield _joined([*waiting, batch.slice(start, end - start)])
                waiting, held, weight, size, start = [], 0, 0.0, next(sizes), end
        if start < batch.num_rows:
            waiting.append(batch.slice(start))
    if waiting:
        yield _joined(waiting)


def _windows(split: Split, dataset: Dataset, size: int, stride: int, *, full: bool) -> Iterator[Weighed]:
    """``size`` rows from every ``stride``-th on, as long as there are rows that no window before has had."""
    total, each = dataset.rows, row_bytes(dataset)
    starts = range(0, total - max(size - stride, 0), stride) or range(min(total, 1))
    at_a_time = max(1, rows_at_a_time(each) // size)
    batches = dataset.batches()
    held: list[Any] = []
    begin = end = 0
    for first in range(0, len(starts), at_a_time):
        spans = [(start, min(start + size, total)) for start in starts[first : first + at_a_time]]
        while end < spans[-1][1]:
            held.append(next(batches))
            end += held[-1].num_rows
        while begin + held[0].num_rows <= spans[0][0]:
            begin += held.pop(0).num_rows
        kept = [(index, *span) for index, span in enumerate(spans, first) if not full or span[1] - span[0] == size]
        places = chain.from_iterable(range(start - begin, stop - begin) for _, start, stop in kept)
        rows = _joined(held).take(pa.array(places, pa.int64()))
        lengths = [stop - start for _, start, stop in kept]
        yield _lists(split, rows, lengths, {"index": [index for index, *_ in kept]}), [each * n for n in lengths]


def _chunk(split: Split, inputs: list[Dataset]) -> Iterator[Weighed]:
    size = int(str(dict(split.arguments)["n"]))
    return _windows(split, inputs[0], size, size, full=False)


def _window(split: Split, inputs: list[Dataset]) -> Iterator[Weighed]:
    arguments: dict[str, Any] = dict(split.arguments)
    size = int(arguments["size"])
    stride = int(arguments.get("stride") or size)
    return _windows(split, inputs[0], size, stride, full=bool(arguments.get("full")))


def _group(split: Split, inputs: list[Dataset]) -> Iterator[Weighed]:
    (dataset,) = inputs
    arguments: dict[str, Any] = dict(split.arguments)
    fields = list(arguments["fields"])
    groups = Groups([identity(dataset.record, name) for name in fields])
    for batch in dataset.batches():
        groups.add([batch.column(name) for name in fields], batch.num_rows)
    order, ends = groups.ordered()
    each = row_bytes(dataset)
    for spans in some_at_a_time(ends, rows_at_a_time(each)):
        begin, end = spans[0][0], spans[-1][1]
        rows = taken(dataset, order.slice(begin, end - begin))
        lengths = [end - start for start, end in spans]
        heads = rows.take(pa.array([start - begin for start, _ in spans], pa.int64()))
        yield _lists(split, rows, lengths, {name: heads.column(name) for name in fields}), [each * n for n in lengths]


def _plan(split: Split, inputs: list[Dataset]) -> Iterator[Weighed]:
    """The rows of each number that the manager's proposal gives them."""
    (dataset,) = inputs
    with pa.memory_map(str(dict(split.arguments)["numbers"])) as file:
        numbers = pa.Array.from_buffers(pa.int64(), dataset.rows, [None, file.read_buffer()])
    order, ends = in_order(numbers)
    each = row_bytes(dataset)
    index = 0
    for spans in some_at_a_time(ends, rows_at_a_time(each)):
        begin, end = spans[0][0], spans[-1][1]
        rows = taken(dataset, order.slice(begin, end - begin))
        lengths = [end - start for start, end in spans]
        yield _lists(split, rows, lengths, {"index": [*range(index, index + len(spans))]}), [each * n for n in lengths]
        index += len(spans)


def _cross(split: Split, inputs: list[Dataset]) -> Iterator[Weighed]:
    left, right = inputs
    each = row_bytes(left) + row_bytes(right)
    most = rows_at_a_time(each)
    small = list(right.batches()) if right.rows <= most else None
    at_a_time = max(1, most // max(1, right.rows))
    for batch in left.batches():
        for start in range(0, batch.num_rows, at_a_time):
            some = batch.slice(start, at_a_time)
            for others in [_joined(small)] if small else right.batches():
                places = pa.array(range(some.num_rows * others.num_rows), pa.int64())
                lefts = pc.divide(places, others.num_rows)
                rights = pc.subtract(places, pc.multiply(lefts, others.num_rows))
                columns = {"left": some.take(lefts), "right": others.take(rights)}
                yield _columns(split, columns), repeat(each, len(places))


def _text_rule(cut: Callable[[str], list[str]]) -> Rule:
    def rule(split: Split, inputs: list[Dataset]) -> Iterator[Weighed]:
        arguments: dict[str, Any] = dict(split.arguments)
        field, size, overlap = str(arguments["field"]), int(arguments["size"]), int(arguments.get("overlap") or 0)
        for batch in inputs[0].batches():
            each = batch.nbytes / batch.num_rows
            made = _Pieces()
            for place in range(batch.num_rows):
                parts = cut(batch.column(field)[place].as_py() or "")
                for index, (start, end) in enumerate(_spans(len(parts), size, overlap)):
                    made.places.append(place)
                    made.indexes.append(index)
                    made.texts.append("".join(parts[start:end]))
                    if len(made.places) * each >= MOST_BYTES:
                        yield made.batch(split, batch), repeat(each, len(made.places))
                        made = _Pieces()
            yield made.batch(split, batch), repeat(each, len(made.places))

    return rule


def _items(split: Split, inputs: list[Dataset]) -> Iterator[Weighed]:
    """The items of a list, each with its row; an empty list, or none, has no sub-problem."""
    name = str(dict(split.arguments)["field"])
    for batch in inputs[0].batches():
        lists = batch.column(name)
        items = pc.list_flatten(lists)
        # Arrow's own `list_parent_indices` counts what lies hidden below a null.
        lengths = pc.fill_null(pc.list_value_length(lists), 0).to_pylist()
        places = pa.array(chain.from_iterable(map(repeat, range(len(lengths)), lengths)), pa.int64())
        indexes = pa.array(chain.from_iterable(map(range, lengths)), pa.int64())
        each = batch.nbytes / batch.num_rows
        at_a_time = rows_at_a_time(each)
        for start in range(0, len(items), at_a_time):
            some = places.slice(start, at_a_time)
            columns = {
                "row": batch.take(some),
                "index": indexes.slice(start, at_a_time),
                "item": items.slice(start, at_a_time),
            }
            yield _columns(split, columns), repeat(each, len(some))


@dataclass
class _Pieces:
    """Pieces of text: the row of each in a batch, its number in the row, and itself."""

    places: list[int] = field(default_factory=list)
    indexes: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def batch(self, split: Split, rows: Any) -> Any:
        """The sub-problems."""
        columns = {"row": rows.take(pa.array(self.places, pa.int64())), "index": self.indexes, "text": self.texts}
        return _columns(split, columns)


def _spans(total: int, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Ranges of ``size`` that cover ``total`` items, each sharing ``overlap`` with the one before."""
    start = 0
    while start < total:
        yield start, min(start + size, total)
        if start + size >= total:
            return
        start += size - overlap


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _pages(text: str) -> list[str]:
    return [page for page in text.split("\f") if page]


def _lists(split: Split, rows: Any, lengths: list[int], columns: dict[str, Any]) -> Any:
    """Sub-problems whose ``rows`` are so many of ``rows`` each, beside what is in ``columns``."""
    schema = arrow_schema(split.subproblem)
    if "rows" in schema.names:
        target = schema.field("rows").type
        offsets = pa.array(accumulate(lengths, initial=0), pa.int64())
        columns["rows"] = pa.LargeListArray.from_arrays(offsets, _struct(rows, target.value_type), type=target)
    return _columns(split, columns)


def _columns(split: Split, columns: dict[str, Any]) -> Any:
    """Sub-problems of columns: values, or rows as a batch. A launch check asks for some of the columns only."""
    schema = arrow_schema(split.subproblem)
    arrays = []
    for target in schema:
        column = columns[target.name]
        if isinstance(column, list):
            column = pa.array(column, target.type)
        arrays.append(_struct(column, target.type) if isinstance(column, pa.RecordBatch | pa.StructArray) else column)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _struct(rows: Any, target: Any) -> Any:
    fields = [target.field(index) for index in range(target.num_fields)]
    if isinstance(rows, pa.StructArray):
        return pa.StructArray.from_arrays(
            [rows.field(field.name) for field in fields], fields=fields, mask=rows.is_null()
        )
    return pa.StructArray.from_arrays([rows.column(field.name) for field in fields], fields=fields)


_RULES: dict[str, Rule] = {
    "chunk": _chunk,
    "group": _group,
    "window": _window,
    "tokens": _text_rule(pieces),
    "lines": _text_rule(_lines),
    "pages": _text_rule(_pages),
    "items": _items,
    "cross": _cross,
    "plan": _plan,
    "python": _plan,
}
