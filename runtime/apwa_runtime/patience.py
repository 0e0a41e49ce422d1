"""Waiting no longer than it is worth.

In: something to do, and seconds. Out: when it is done, the time is over, or the other side is gone.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_TRIES = 5
_PAUSE = 0.5


def patiently(work: Callable[[], T]) -> T:
    """Do ``work`` again while a worker that has just died stands in its way. Raises what the last attempt does."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(OSError):
            return work()
        time.sleep(_PAUSE)
    return work()


def within(seconds: float, work: Callable[[], object]) -> None:
    """Do ``work`` in a thread of its own and wait so long at most: a cluster that is gone must not hold up the end."""

    def attempt() -> None:
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            work()

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(seconds)
