"""Requests wait here until the limits of their model let them go.

In: requests that are about to be sent, and what they took. Out: their turns, first come first served. The arithmetic is
``limits.py``; this is the part that waits, on one event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from apwa_runtime.media import files_tokens
from apwa_runtime.models.limits import Grant, Limiter, Report, Used
from apwa_runtime.models.protocol import Answer, Request
from apwa_runtime.tokens import count_tokens


@dataclass(frozen=True, slots=True)
class Turn:
    """A request that may go; ``tokens`` were counted for it at ``sent``."""

    sent: float
    tokens: int


class Admission:
    """One model's waiting room.

    ``max_tokens`` is the longest answer, where the model has a limit; ``used`` is what an earlier start has used.
    """

    def __init__(
        self,
        limiter: Limiter,
        max_tokens: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        used: Used | None = None,
    ) -> None:
        self._limiter = limiter
        self._clock = clock
        if used is not None:
            limiter.restore(used, clock())
        self._estimate = _Estimate(max_tokens or 0)
        self._queue: deque[tuple[asyncio.Future[float], int]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def enter(self, request: Request) -> Turn:
        """Wait for the turn of a request; ``leave`` ends it."""
        tokens = self._estimate.of(request) if self._limiter.counts_tokens else 0
        waiter: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._queue.append((waiter, tokens))
        if len(self._queue) == 1:
            self._admit()
        try:
            return Turn(await waiter, tokens)
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._ended(Turn(waiter.result(), tokens), 0)
            raise

    def leave(self, turn: Turn, request: Request, answer: Answer | None) -> None:
        """A request is over; without an answer it is taken to have used what was counted for it."""
        used = turn.tokens
        if answer is not None and answer.input_tokens:
            used = answer.input_tokens + answer.output_tokens
            if self._limiter.counts_tokens:
                self._estimate.learn(request, answer)
        self._ended(turn, used)

    def _ended(self, turn: Turn, used: int) -> None:
        self._limiter.ended(self._clock(), turn.sent, turn.tokens, used)
        self._admit()

    def exchange(self, grant: Grant | None) -> Report:
        """Take what the broker gives, and tell what is used and wanted."""
        waiting = [tokens for waiter, tokens in self._queue if not waiter.done()]
        report = self._limiter.exchange(self._clock(), grant, waiting)
        self._admit()
        return report

    def used(self) -> Used:
        """What has been used of the rates."""
        return self._limiter.used(self._clock())

    def close(self) -> None:
        """Stop waking requests."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _admit(self) -> None:
        while self._queue:
            waiter, tokens = self._queue[0]
            if not waiter.done():
                now = self._clock()
                wait = self._limiter.admit(now, tokens)
                if wait is None:
                    return
                if wait > 0:
                    self._wake(wait)
                    return
                waiter.set_result(now)
            self._queue.popleft()

    def _wake(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._woken)

    def _woken(self) -> None:
        self._timer = None
        self._admit()


async def admitted(
    admission: Admission | None, request: Request, ask: Callable[[Request], Awaitable[Answer]]
) -> Answer:
    """What ``ask`` answers, in the turn of the request where there is a waiting room."""
    if admission is None:
        return await ask(request)
    turn = await admission.enter(request)
    answer = None
    try:
        answer = await ask(request)
    finally:
        admission.leave(turn, request, answer)
    return answer


class _Estimate:
    """The tokens of a request before it is sent: those of its text, corrected by what earlier ones took."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._answers = self._counted = self._inputs = self._outputs = 0

    def of(self, request: Request) -> int:
        text = _tokens(request)
        if not self._answers:
            return text + self._longest
        return round(text * self._inputs / max(1, self._counted) + self._outputs / self._answers)

    def learn(self, request: Request, answer: Answer) -> None:
        if answer.input_tokens:
            self._answers += 1
            self._counted += _tokens(request)
            self._inputs += answer.input_tokens
            self._outputs += answer.output_tokens


def _tokens(request: Request) -> int:
    return sum(count_tokens(message.content) + files_tokens(message.parts) for message in request.messages)
