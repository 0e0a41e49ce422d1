"""Do two effects meet in one path?

In: two streams of (ordinal, path), each of which can be had again. Out: the first two sub-problems that share a path,
or one of whose paths lies below the other's. Only 64-bit hashes are kept; what they say is then looked at exactly.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

Stream = Callable[[], Iterator[tuple[int, str]]]

# Suspects that are looked at exactly in one reading of the streams; more than one reading takes a false alarm.
_LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class Meeting:
    """Sub-problems ``left`` and ``right`` share a path, or one's lies below the other's, as do ``more`` other paths."""

    left: int
    right: int
    more: int


@dataclass(slots=True)
class Marks:
    """The hash of each path of one effect with its ordinal, and the depths at which the paths lie."""

    stream: Stream
    hashes: array[int] = field(default_factory=lambda: array("q"))
    ordinals: array[int] = field(default_factory=lambda: array("q"))
    depths: set[int] = field(default_factory=set)

    def add(self, ordinal: int, path: str) -> None:
        """Take in one path."""
        self.hashes.append(hash(path))
        self.ordinals.append(ordinal)
        self.depths.add(path.count("/"))

    def above(self, depths: set[int]) -> Marks:
        """Marks of the folders at ``depths`` that the paths lie in."""
        found = Marks(self.stream)
        for ordinal, path in self.stream():
            for folder in _folders(path, depths):
                found.hashes.append(hash(folder))
                found.ordinals.append(ordinal)
        return found


def meeting(left: Marks, right: Marks, *, separate: bool, tree: bool) -> Meeting | None:
    """Where two effects meet, if they do.

    ``separate``: both are of one step, and a sub-problem may meet itself. ``tree``: one of them is a folder and
    everything in it, so that a path above or below is as bad as an equal one.
    """
    equal = _exact(left, right, _shared(left, right, separate), separate)
    if equal is not None or not tree:
        return equal
    below = _below(left, right, separate)
    if below is not None or left is right:
        return below
    above = _below(right, left, separate)
    return above and Meeting(above.right, above.left, above.more)


def _shared(left: Marks, right: Marks, separate: bool) -> array[int]:
    """Hashes that both sides have, in different sub-problems where those are told apart, in order of the left ones."""
    both = _ordinals(left)
    lowest, highest = both["at_min"], both["at_max"]
    if left is not right:
        both = both.join(_ordinals(right), "hash", join_type="inner", right_suffix="_right")
        lowest = pc.min_element_wise(both["at_min"], both["at_min_right"])
        highest = pc.max_element_wise(both["at_max"], both["at_max_right"])
    if separate:
        both = both.filter(pc.less(lowest, highest))
    return array("q", both.sort_by("at_min")["hash"].to_pylist())


def _ordinals(marks: Marks) -> Any:
    """Each hash with the first and the last sub-problem that has it, as an Arrow table."""
    count = len(marks.hashes)
    columns = [
        pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(values)])
        for values in (marks.hashes, marks.ordinals)
    ]
    return pa.table(columns, ["hash", "at"]).group_by("hash").aggregate([("at", "min"), ("at", "max")])


def _exact(left: Marks, right: Marks, suspects: array[int], separate: bool) -> Meeting | None:
    for start in range(0, len(suspects), _LOOKED_AT):
        looked_at = frozenset(suspects[start : start + _LOOKED_AT])
        first = _ends(left.stream, looked_at)
        for path, (low, high) in _ends(right.stream, looked_at).items():
            if path in first:
                pair = _apart(first[path], (low, high), separate)
                if pair is not None:
                    return Meeting(*pair, len(suspects) - 1)
    return None


def _below(upper: Marks, lower: Marks, separate: bool) -> Meeting | None:
    """Where a path of ``lower`` lies below one of ``upper``."""
    if not upper.depths or min(upper.depths) >= max(lower.depths, default=0):
        return None
    suspects = _shared(upper, lower.above(upper.depths), separate)
    for start in range(0, len(suspects), _LOOKED_AT):
        looked_at = frozenset(suspects[start : start + _LOOKED_AT])
        folders = _ends(upper.stream, looked_at)
        for ordinal, path in lower.stream():
            for folder in _folders(path, upper.depths):
                if folder in folders:
                    pair = _apart(folders[folder], (ordinal, ordinal), separate)
                    if pair is not None:
                        return Meeting(*pair, len(suspects) - 1)
    return None


def _ends(stream: Stream, hashes: frozenset[int]) -> dict[str, tuple[int, int]]:
    """The first and the last sub-problem with each path that has one of ``hashes``."""
    found: dict[str, tuple[int, int]] = {}
    for ordinal, path in stream():
        if hash(path) in hashes:
            found[path] = (found[path][0] if path in found else ordinal, ordinal)
    return found


def _apart(left: tuple[int, int], right: tuple[int, int], separate: bool) -> tuple[int, int] | None:
    """A sub-problem of either side, not the same one where they are of one step."""
    return next(((one, other) for one in left for other in right if one != other or not separate), None)


def _folders(path: str, depths: set[int]) -> Iterator[str]:
    """The folders at ``depths`` that ``path`` lies in."""
    place = path.find("/")
    depth = 0
    while place >= 0:
        if depth in depths and place:
            yield path[:place]
        place = path.find("/", place + 1)
        depth += 1
