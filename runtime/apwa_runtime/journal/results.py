"""The rows of a step as its journal holds them, in the order of their sub-problems.

In: a log and the places of its frames. Out: record batches in ascending order of ordinals, a few frames in memory at a
time: frames that lie apart are read one after the other, those that overlap are sorted together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apwa_lang.semantics.types import RecordType
from apwa_runtime.batches import from_bytes
from apwa_runtime.datasets import Dataset
from apwa_runtime.journal.frames import Place, read


@dataclass(frozen=True, slots=True)
class Results(Dataset):
    """A dataset over frames of a log; ``places`` ascend by their first ordinal."""

    log: Path = Path()
    places: tuple[Place, ...] = ()

    def batches(self) -> Iterator[Any]:
        """The record batches, in order."""
        return (rows for _, rows in self.numbered())

    def numbered(self) -> Iterator[tuple[Sequence[int], Any]]:
        """The record batches, in order, with the ordinals of their rows."""
        for group in _overlapping(self.places):
            frames = [read(self.log, place).frame for place in group]
            if len(frames) == 1:
                yield frames[0].ordinals, from_bytes(frames[0].data)
                continue
            ordinals = pa.array([ordinal for frame in frames for ordinal in frame.ordinals], pa.int64())
            rows = pa.Table.from_batches([from_bytes(frame.data) for frame in frames])
            order = pc.sort_indices(ordinals)
            (sorted_rows,) = rows.take(order).combine_chunks().to_batches()
            yield ordinals.take(order).to_pylist(), sorted_rows


def results(record: RecordType, log: Path, places: Iterable[Place]) -> Results:
    """The rows that the frames at some places of a log hold."""
    ordered = tuple(sorted((place for place in places if place.rows), key=lambda place: place.first))
    return Results(record, (), sum(place.rows for place in ordered), log, ordered)


def _overlapping(places: Sequence[Place]) -> Iterator[list[Place]]:
    """Neighbours whose ordinals interleave, together."""
    group: list[Place] = []
    last = -1
    for place in places:
        if group and place.first > last:
            yield group
            group = []
        group.append(place)
        last = max(last, place.last)
    if group:
        yield group
