"""``rate``: no more requests in any period than the model allows.

In: a client and its share of the rate. Out: a client that lets requests through one after the other, evenly spaced, so
that no window of the period ever sees more than the share.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from apwa_runtime.models.protocol import Answer, ModelClient, Request


class RateLimitedClient:
    """Spaces the requests of ``client`` by ``interval`` seconds."""

    def __init__(
        self, client: ModelClient, interval: float, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._client = client
        self._interval = interval
        self._sleep = sleep
        self._next = 0.0

    async def complete(self, request: Request) -> Answer:
        """Answer one request when its turn has come."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next)
        self._next = turn + self._interval
        if turn > now:
            await self._sleep(turn - now)
        return await self._client.complete(request)

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()
