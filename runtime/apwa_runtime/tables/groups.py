"""Which rows belong together.

In: the key columns of a table, batch by batch. Out: the ordinals of its rows, group by group, groups in the order of
their first rows. Held are eight bytes a row, and each key once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apwa_lang.semantics.types import RecordType
from apwa_runtime.values.arrow import decoder


class Groups:
    """Numbers the groups of one table.

    ``keys`` says, column by column, what stands for a value that Arrow cannot compare as the language does (floats and
    nested values); equal keys are equal values. Other values are compared as they are. Without columns all rows are one
    group.
    """

    def __init__(self, keys: Sequence[Callable[[Any], Hashable]]) -> None:
        self._keys = keys
        self._known: list[dict[Any, int]] = [{} for _ in keys]
        self._joint: dict[tuple[int, ...], int] = {}
        self._numbers: list[Any] = []

    def add(self, columns: Sequence[Any], rows: int) -> None:
        """Take in the key columns of the next rows."""
        codes = [_codes(*each) for each in zip(columns, self._keys, self._known, strict=True)]
        match codes:
            case []:
                self._numbers.append(pa.repeat(pa.scalar(0, pa.int64()), rows))
            case [only]:
                self._numbers.append(only)
            case _:
                joint = self._joint
                tuples = zip(*(column.to_pylist() for column in codes), strict=True)
                self._numbers.append(pa.array([joint.setdefault(key, len(joint)) for key in tuples], pa.int64()))

    def ordered(self) -> tuple[Any, list[int]]:
        """The ordinals of all rows, group by group and in order within each, and where each group ends among them."""
        return in_order(pa.chunked_array(self._numbers, pa.int64()).combine_chunks())


def identity(record: RecordType, name: str) -> Callable[[Any], str]:
    """What stands for a value of a field: floats are one where they are written alike, NaN too; 0.0 is not -0.0."""
    known = record.field(name)
    decode = decoder(known.type) if known else None
    return repr if decode is None else lambda value: repr(value if value is None else decode(value))


def in_order(numbers: Any) -> tuple[Any, list[int]]:
    """The ordinals of rows whose groups have these numbers, group by group, and where each group ends among them."""
    order = pc.array_sort_indices(numbers)
    if not len(order):
        return order, []
    ends = pc.run_end_encode(numbers.take(order), run_end_type=pa.int64()).run_ends
    return order, ends.to_pylist()


def _codes(column: Any, key: Callable[[Any], Hashable], known: dict[Any, int]) -> Any:
    """A number for each value, the same for equal ones, counted from the first that is seen."""
    types = pa.types
    if types.is_floating(column.type) or types.is_nested(column.type) or types.is_null(column.type):
        return pa.array([known.setdefault(key(value), len(known)) for value in column.to_pylist()], pa.int64())
    encoded = pc.dictionary_encode(column, null_encoding="encode")
    numbers = [known.setdefault(value, len(known)) for value in encoded.dictionary.to_pylist()]
    return pa.array(numbers, pa.int64()).take(encoded.indices)


def some_at_a_time(ends: Sequence[int], most: int) -> Iterator[list[tuple[int, int]]]:
    """Where groups that end at ``ends`` begin and end, some at a time: at most ``most`` rows together, or one group."""
    spans: list[tuple[int, int]] = []
    start = 0
    for end in ends:
        if spans and end - spans[0][0] > most:
            yield spans
            spans = []
        spans.append((start, end))
        start = end
    if spans:
        yield spans
