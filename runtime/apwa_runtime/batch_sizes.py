"""How many sub-problems go into the next batch.

In: what batches have taken so far. Out: a size, so that a batch takes about ``TARGET`` seconds: long enough that the
cost of a Dask task disappears, short enough that results come back and are kept soon, and that the last batches end
together.
"""

from __future__ import annotations

import threading

TARGET = 1.0
# Batches that each slot shall get, at least, where the number of sub-problems is known.
_SHARES = 4
# How much of the last measurement goes into the estimate.
_WEIGHT = 0.4
_GROWTH = 4
# Batches given out for each slot after which there would be a measurement, were there to be one.
_UNMEASURED = 2
_LEAST = 16


class BatchSizes:
    """Sizes for one step. ``total`` is None where it is not known; no size is above ``most``.

    ``least`` is what the body takes in one call, which smaller batches would not fill; ``wide`` is how many run beside
    each other on a worker: fewer would leave places empty, however long they take.
    """

    def __init__(self, total: int | None, most: int, slots: int, least: int = 1, wide: int = 1) -> None:
        self._left = total
        self._least = least
        self._wide = min(wide, most)
        self._most = most
        self._slots = slots
        first = 1 if total is None else min(-(-total // (_SHARES * slots)), 4 * _LEAST)
        self._size = max(1, min(most, first), self._wide)
        self._given = 0
        self._seconds: float | None = None
        self._lock = threading.Lock()

    def __iter__(self) -> BatchSizes:
        return self

    def __next__(self) -> int:
        with self._lock:
            size = self._size
            if self._seconds:
                wanted = int(TARGET / self._seconds)
                size = self._size = max(self._wide, min(wanted, self._size * _GROWTH, self._most))
            elif self._given and self._given % (_UNMEASURED * self._slots) == 0:
                # So many are asked for without a measurement only where earlier results are taken over, or batches that
                # run apart from the others, each at the price of a process.
                size = self._size = min(self._size * _GROWTH, self._most)
            self._given += 1
            # Where nothing seems left, batches have held fewer than was asked for.
            if self._left:
                share = max(min(_LEAST, self._left // self._slots), -(-self._left // (2 * self._slots)), 1)
                size = min(size, share)
            size = max(size, self._least)
            if self._left:
                self._left = max(0, self._left - size)
            return size

    def measured(self, count: int, seconds: float) -> None:
        """Take in that ``count`` sub-problems of one batch took so long together."""
        if count <= 0:
            return
        each = max(seconds, 1e-4) / count
        with self._lock:
            # A small batch tells little of what one sub-problem takes.
            weight = _WEIGHT * min(1.0, count / self._size)
            self._seconds = each if self._seconds is None else self._seconds + weight * (each - self._seconds)
