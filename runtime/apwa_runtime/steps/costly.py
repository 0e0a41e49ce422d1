"""The sub-problems of a map whose needs differ, the costly first, so that no long one is left for the end.

In: a map and its inputs. Out: record batches of one resource class each, with their ordinals. The inputs are gone
through once for what each sub-problem needs, and then, some classes at a time, once for each such band of classes;
memory holds four bytes for each sub-problem, and one batch for each class of a band.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apwa_compiler.plan import Map, Plan, Step
from apwa_runtime.batches import Ordinals, ordinals_of
from apwa_runtime.datasets import Dataset
from apwa_runtime.launch.feasible import demand_rows
from apwa_runtime.resources import ResourceClasses
from apwa_runtime.splits import subproblems
from apwa_runtime.tables.gather import MOST_BYTES

_BANDS = 8
_AT_A_TIME = 8192

Numbered = tuple[Ordinals, Any]


def costly_first(
    plan: Plan, step: Step, operation: Map, classes: ResourceClasses, inputs: list[Dataset], sizes: Iterator[int]
) -> Iterator[Numbered]:
    """Batches as large as ``sizes`` says, from the costliest classes to the cheapest.

    Raises RunError where no worker offers what a sub-problem needs.
    """
    ranks, count = classes.ranked(demand_rows(plan, step, operation, inputs))
    bands = min(_BANDS, count)
    for band in range(bands):
        some = range(band * count // bands, (band + 1) * count // bands)
        yield from _of_classes(subproblems(operation.split, inputs, repeat(_AT_A_TIME)), ranks, some, sizes)


@dataclass(slots=True)
class _Filling:
    """A batch of one class that is not full yet; ``size`` is 0 where it has not begun."""

    size: int = 0
    ordinals: list[int] = field(default_factory=list)
    parts: list[Any] = field(default_factory=list)
    weight: float = 0.0

    def whole(self) -> Numbered:
        return ordinals_of(self.ordinals), pa.concat_batches(self.parts)


def _of_classes(batches: Iterator[Any], ranks: array[int], some: range, sizes: Iterator[int]) -> Iterator[Numbered]:
    """Batches of those sub-problems whose class has one of the ranks in ``some``."""
    filling = {rank: _Filling() for rank in some}
    first = 0
    for rows in batches:
        slice = pa.array(memoryview(ranks)[first : first + rows.num_rows], pa.uint32())
        for rank in some:
            places = pc.indices_nonzero(pc.equal(slice, pa.scalar(rank, pa.uint32())))
            if not len(places):
                continue
            ordinals, chosen = [first + place for place in places.to_pylist()], rows.take(places)
            each = max(1.0, chosen.nbytes / chosen.num_rows)
            while ordinals:
                batch = filling[rank]
                batch.size = batch.size or next(sizes)
                room = min(batch.size - len(batch.ordinals), max(1, int((MOST_BYTES - batch.weight) / each)))
                batch.ordinals += ordinals[:room]
                batch.parts.append(chosen.slice(0, room))
                batch.weight += each * min(room, len(ordinals))
                ordinals, chosen = ordinals[room:], chosen.slice(room)
                if len(batch.ordinals) >= batch.size or batch.weight >= MOST_BYTES:
                    yield batch.whole()
                    filling[rank] = _Filling()
        first += rows.num_rows
    yield from (batch.whole() for batch in filling.values() if batch.parts)
