"""Analyses that can be given up.

An analysis calls :func:`checkpoint` every few milliseconds, between two declarations say. Who runs it in a thread says
with :func:`interruptible` when its result is no longer wanted; elsewhere a checkpoint does nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
Look = Callable[[], None]

_EVERY = 0.001
_REST = 0.0001

_look: ContextVar[Look | None] = ContextVar("checkpoint", default=None)


class NotWantedError(Exception):
    """What was being analysed is no longer wanted."""


def checkpoint() -> None:
    """Raises :class:`NotWantedError` where the analysis that this is called from is to end."""
    look = _look.get()
    if look is not None:
        look()


def interruptible(work: Callable[[], T], unwanted: Callable[[], bool]) -> T:
    """What ``work`` returns. It lets other threads go first, and at a checkpoint at which it is ``unwanted`` ends with
    :class:`NotWantedError`.
    """
    rested = time.perf_counter()

    def look() -> None:
        nonlocal rested
        if unwanted():
            raise NotWantedError
        if time.perf_counter() - rested > _EVERY:
            time.sleep(_REST)  # Another thread would else wait for the interpreter to take turns.
            rested = time.perf_counter()

    token = _look.set(look)
    try:
        return work()
    finally:
        _look.reset(token)
