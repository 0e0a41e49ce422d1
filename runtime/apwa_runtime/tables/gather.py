"""Rows by their ordinals, from tables that are larger than memory.

In: a table that can be gone through batch by batch, again and again, and ordinals of its rows in any order. Out: those
rows in that order. The table is gone through once for each call, and where its batches lie in mapped files only the
rows that are asked for are read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

# What is held at a time.
MOST_BYTES = 16 << 20
MOST_ROWS = 1 << 17


class Batches(Protocol):
    """Rows that can be gone through in order, any number of times."""

    def batches(self) -> Iterator[Any]:
        """The record batches."""
        ...


def row_bytes(table: Batches) -> float:
    """What a row takes in memory, on average."""
    sizes = [(batch.nbytes, batch.num_rows) for batch in table.batches()]
    return float(sum(size for size, _ in sizes) / max(1, sum(rows for _, rows in sizes)))


def rows_at_a_time(bytes_each: float) -> int:
    """How many rows of that size may be held, at least one."""
    return max(1, min(MOST_ROWS, int(MOST_BYTES / max(1.0, bytes_each))))


def gathered(table: Batches, ordinals: Any, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """The rows at ``ordinals`` (an Arrow array), some megabytes at a time."""
    most = rows_at_a_time(row_bytes(table))
    for start in range(0, len(ordinals), most):
        yield taken(table, ordinals.slice(start, most), columns)


def taken(table: Batches, ordinals: Any, columns: Sequence[str] | None = None) -> Any:
    """The rows at ``ordinals``, of which there is at least one, as one batch."""
    ordinals = ordinals.cast(pa.int64())
    order = pc.array_sort_indices(ordinals)
    ascending = ordinals.take(order)
    # A memoryview, since bisect would make an Arrow scalar of each value that it looks at.
    places = memoryview(ascending.buffers()[1]).cast("q")
    found: list[Any] = []
    first = done = 0
    for batch in table.batches():
        end = bisect_left(places, first + batch.num_rows, done, len(ascending))
        if end > done:
            some = batch if columns is None else batch.select(columns)
            found.append(some.take(pc.subtract(ascending.slice(done, end - done), first)))
            done = end
            if done == len(ascending):
                break
        first += batch.num_rows
    whole = pa.concat_batches(found)
    return whole if ascending.equals(ordinals) else whole.take(pc.array_sort_indices(order))
