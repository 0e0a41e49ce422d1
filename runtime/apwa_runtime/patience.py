"""Waiting no longer than it is worth.

In: something to do, and seconds. Out: when it is done, the time is over, or the other side is gone.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from apwa_runtime.errors import RunError

T = TypeVar("T")

_TIMES = 5
_PAUSE = 0.5


def within(seconds: float, work: Callable[[], object]) -> None:
    """Do ``work`` in a thread of its own and wait so long at most: a cluster that is gone must not hold up the end."""

    def attempt() -> None:
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            work()

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(seconds)


def despite_losses(work: Callable[[], T]) -> T:
    """Do ``work`` that asks every worker of a cluster; again where one of them was lost over it.

    Raises RunError when that does not help.
    """
    for remaining in reversed(range(_TIMES)):
        try:
            return work()
        except OSError as error:
            if not remaining:
                raise RunError(f"the Dask cluster does not answer: {error}; run again with --resume", 1) from None
            time.sleep(_PAUSE)
    raise AssertionError
