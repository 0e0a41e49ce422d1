"""Outcomes of a batch on their way to the driver.

In: outcomes, from any thread. Out: frames of what has finished, cut whenever the driver asks and once more at the end.
A frame is kept until the driver says that it is durable, so that no message that is lost, nor a driver that dies, loses
a result.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from apwa_runtime.batches import Frame, Report

T = TypeVar("T")


class Outbox(Generic[T]):
    """Collects what one execution of one batch has finished; ``make_frame`` turns some of it into a frame."""

    def __init__(self, make_frame: Callable[[list[T]], Frame]) -> None:
        self.execution = secrets.token_hex(4)
        self._make_frame = make_frame
        self._lock = threading.Lock()
        self._finished: list[T] = []
        self._frames: list[Frame] = []
        self._start = 0
        self._began = time.monotonic()

    def add(self, finished: T) -> None:
        """Take what one sub-problem has given."""
        with self._lock:
            self._finished.append(finished)

    def add_frame(self, frame: Frame) -> None:
        """Take a frame that is made already."""
        with self._lock:
            self._frames.append(frame)

    def report(self, received: int = 0, durable: int = 0) -> Report:
        """Everything finished that the driver, who has the first ``received`` frames, does not have yet."""
        with self._lock:
            kept = max(0, durable - self._start)
            del self._frames[:kept]
            self._start += kept
            if self._finished:
                finished, self._finished = self._finished, []
                self._frames.append(self._make_frame(finished))
            start = max(self._start, received)
            frames = tuple(self._frames[start - self._start :])
            return Report(self.execution, start, frames, time.monotonic() - self._began)
