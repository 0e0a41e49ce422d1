"""Split rules: how the rows of a dataset become sub-problems.

In: a dataset and a plan's :class:`Split`. Out: record batches of sub-problems, in the order of their
identities. The lowering of a split rule is one function of this file, entered in ``_RULES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import pyarrow as pa

from apwa_compiler.plan import Split
from apwa_runtime.datasets import Dataset
from apwa_runtime.tokens import pieces
from apwa_runtime.values.arrow import to_batch

Row = dict[str, Any]

# A batch of sub-problems that carry whole lists of rows is cut earlier than its count says.
_MAX_ROWS_IN_BATCH = 50_000


def subproblems(split: Split, inputs: list[Dataset], sizes: Iterator[int]) -> Iterator[Any]:
    """Record batches of ``split.subproblem`` over ``inputs`` (``cross`` has two), as large as ``sizes`` says."""
    if split.rule in ("row", "file"):
        yield from _slices(inputs[0].batches(), sizes)
        return
    yield from _batched(_RULES[split.rule](dict(split.arguments), inputs), split, sizes)


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


def _batched(rows: Iterator[Row], split: Split, sizes: Iterator[int]) -> Iterator[Any]:
    held: list[Row] = []
    weight = 0
    size = next(sizes)
    for row in rows:
        held.append(row)
        weight += len(row["rows"]) if isinstance(row.get("rows"), list) else 1
        if len(held) >= size or weight >= _MAX_ROWS_IN_BATCH:
            yield to_batch(held, split.subproblem)
            held, weight, size = [], 0, next(sizes)
    if held:
        yield to_batch(held, split.subproblem)


def _chunk(arguments: dict[str, Any], inputs: list[Dataset]) -> Iterator[Row]:
    rows = inputs[0].rows_as_dicts()
    index = 0
    while chunk := list(islice(rows, int(arguments["n"]))):
        yield {"index": index, "rows": chunk}
        index += 1


def _group(arguments: dict[str, Any], inputs: list[Dataset]) -> Iterator[Row]:
    fields = list(arguments["fields"])
    groups: dict[tuple[str, ...], Row] = {}
    for row in inputs[0].rows_as_dicts():
        values = [row[field] for field in fields]
        group = groups.setdefault(tuple(map(repr, values)), {**dict(zip(fields, values, strict=True)), "rows": []})
        group["rows"].append(row)
    yield from groups.values()


def _window(arguments: dict[str, Any], inputs: list[Dataset]) -> Iterator[Row]:
    size = int(arguments["size"])
    stride = int(arguments.get("stride") or size)
    rows = inputs[0].rows_as_dicts()
    window = list(islice(rows, size))
    index = 0
    while window:
        if len(window) == size or not arguments.get("full"):
            yield {"index": index, "rows": list(window)}
        index += 1
        fresh = list(islice(rows, stride)) if stride <= size else list(islice(rows, stride - size, stride))
        if not fresh:
            return
        window = [*window[stride:], *fresh]


def _spans(total: int, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Ranges of ``size`` that cover ``total`` items, each sharing ``overlap`` with the one before."""
    start = 0
    while start < total:
        yield start, min(start + size, total)
        if start + size >= total:
            return
        start += size - overlap


def _text_rule(cut: Callable[[str], list[str]]) -> Callable[[dict[str, Any], list[Dataset]], Iterator[Row]]:
    def rule(arguments: dict[str, Any], inputs: list[Dataset]) -> Iterator[Row]:
        field, size, overlap = str(arguments["field"]), int(arguments["size"]), int(arguments.get("overlap") or 0)
        for row in inputs[0].rows_as_dicts():
            parts = cut(row[field] or "")
            for index, (start, end) in enumerate(_spans(len(parts), size, overlap)):
                yield {"row": row, "index": index, "text": "".join(parts[start:end])}

    return rule


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _pages(text: str) -> list[str]:
    return [page for page in text.split("\f") if page]


def _cross(arguments: dict[str, Any], inputs: list[Dataset]) -> Iterator[Row]:
    right = list(inputs[1].rows_as_dicts())
    for left in inputs[0].rows_as_dicts():
        for other in right:
            yield {"left": left, "right": other}


_RULES: dict[str, Callable[[dict[str, Any], list[Dataset]], Iterator[Row]]] = {
    "chunk": _chunk,
    "group": _group,
    "window": _window,
    "tokens": _text_rule(pieces),
    "lines": _text_rule(_lines),
    "pages": _text_rule(_pages),
    "cross": _cross,
}
