"""One connection to an MCP server.

In: how it is opened. Out: requests answered, until it is ended or the server is. It lives in a task of its own, since
what the client has opened must be closed by the task that opened it.
"""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mcp.client import Client

OPENING = 60.0
"""Seconds that a server has to start and to answer for the first time."""

_CLOSING = 3.0

# What the client logs is said by the errors of calls too, and a terminal belongs to the run.
logging.getLogger("mcp").setLevel(logging.CRITICAL)


class ConnectionLost(Exception):  # noqa: N818
    """There is no connection; the text says why."""


class Opening(Protocol):
    """What opens a connection, once. ``why`` says what is known of its end, or of the last answer that was an error."""

    why: str

    @property
    def is_over(self) -> bool:
        """Whether the server is known to have ended."""
        ...

    def opened(self) -> AbstractAsyncContextManager[Client]:
        """The client, as long as it is wanted."""
        ...


class Connection:
    """Opens on creation, in the running event loop."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._over = asyncio.Event()
        self._client: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live())

    @property
    def is_over(self) -> bool:
        """Whether it is known to have ended."""
        return self._task.done() or self._opening.is_over

    @property
    def why(self) -> str:
        """Why it has ended, or what was wrong with the last answer; nothing where that is not known."""
        error = self._task.exception() if self._task.done() and not self._task.cancelled() else None
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        return self._opening.why or (f"{type(error).__name__}: {error}" if error else "")

    async def client(self) -> Client:
        """The client, as soon as the server has answered. Raises ConnectionLost."""
        await asyncio.wait((self._client, self._task), return_when=asyncio.FIRST_COMPLETED)
        if self._task.cancelled():
            raise ConnectionLost("the run was stopped")
        if self._task.done():
            raise ConnectionLost(self.why or f"it did not answer within {OPENING:g} s")
        return self._client.result()

    async def end(self) -> None:
        """Close it, and wait until all that it has started is gone."""
        self._over.set()
        if not self._client.done():
            self._task.cancel()
        await asyncio.wait((self._task,))
        # What it ended with is told by whoever asks why; it is no news to the event loop.
        _ = self.why

    async def _live(self) -> None:
        import anyio

        with anyio.CancelScope(deadline=anyio.current_time() + OPENING) as scope:
            async with self._opening.opened() as client:
                scope.deadline = math.inf
                self._client.set_result(client)
                await self._over.wait()
                scope.deadline = anyio.current_time() + _CLOSING
