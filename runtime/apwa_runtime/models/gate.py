"""How many requests may be on the wire to one endpoint, which follows from what the endpoint says.

In: what became of each request. Out: who may send, first come first served:

- a call that a server sends away until a time it names (429 or 503 with ``Retry-After``) takes a quarter of the places
  with it, and every two answers bring one back: additive increase, multiplicative decrease, as in TCP (RFC 5681);
- a server that does so several times in a row is left alone until then by every call of the client;
- an endpoint that fails every call is tried by one call at a time, and what that call meets holds for all who wait:
  a server that is down is neither hammered nor waited for without end.
"""

from __future__ import annotations

import asyncio
from collections import deque

from apwa_runtime.models.protocol import TransientError

REFUSALS = 3
"""Calls sent away in a row, over all calls, that make it a matter of the endpoint and not of these calls."""
_LEFT = 0.75
_REGAINED = 0.5

STORM = 8
"""Failures in a row, over all calls, that make it the endpoint's fault."""
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
"""Seconds between two tries of an endpoint that fails every call."""
LONGEST_NAMED = 300.0
"""Longest pause that a server can ask for, seconds; a longer one is cut to this."""


class Gate:
    """Admits at most ``limit`` at a time. Used from one event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._width = float(limit)
        self._running = 0
        self._refusals = 0
        self._failures = 0
        self._until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._queue: deque[asyncio.Future[None]] = deque()

    @property
    def is_down(self) -> bool:
        """Whether the endpoint fails every call, and is not to be tried just now."""
        return self._timer is not None and self._failures >= STORM

    async def enter(self) -> None:
        """Wait for a place; ``leave`` gives it back. Raises TransientError when the endpoint is down."""
        if self._timer is None and self._running < int(self._width) and not self._queue:
            self._running += 1
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.leave()
            raise

    def leave(self) -> None:
        """Give a place back."""
        self._running -= 1
        if self._queue:
            self._admit()

    def answered(self) -> None:
        """The endpoint did its work."""
        self._failures = self._refusals = 0
        if self._timer is None:
            self._width = min(self._limit, self._width + _REGAINED)

    def refused(self, seconds: float) -> None:
        """The endpoint sent a call away for ``seconds``."""
        self._failures = 0
        self._refusals += 1
        if self._timer is None:
            self._width = max(1.0, self._width * _LEFT)
        if self._refusals >= min(REFUSALS, self._limit):
            self._pause(min(seconds, LONGEST_NAMED))

    def failed(self, error: TransientError) -> None:
        """The endpoint cannot be reached, or answered with a fault of its own."""
        self._failures += 1
        if self._failures < STORM:
            return
        self._width = 1.0
        self._pause(min(FIRST_PAUSE * 2.0 ** min(self._failures - STORM, 64), LONGEST_PAUSE))
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_exception(TransientError(str(error)))

    def close(self) -> None:
        """Forget a pause."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _pause(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if self._timer is not None:
            if until <= self._until:
                return
            self._timer.cancel()
        self._until = until
        self._timer = loop.call_at(until, self._resume)

    def _resume(self) -> None:
        self._timer = None
        self._admit()

    def _admit(self) -> None:
        while self._queue and self._timer is None and self._running < int(self._width):
            waiter = self._queue.popleft()
            if not waiter.done():
                self._running += 1
                waiter.set_result(None)
