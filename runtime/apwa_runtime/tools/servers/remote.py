"""A server at a URL, asked by streamable HTTP.

In: the URL, headers. Out: a client that talks to it. What it answers is bounded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from apwa_runtime.isolation.supervisor import MOST_MESSAGE
from apwa_runtime.models.http import CONNECT_TIMEOUT

if TYPE_CHECKING:
    import httpx2
    from mcp.client import Client


class Remote:
    """One connection to ``url``."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.why = ""
        self._url = url
        self._headers = headers

    @property
    def is_over(self) -> bool:
        """Whether the server is known to have ended: it may be back at any time."""
        return False

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Client]:
        """The client, as long as it is wanted."""
        import httpx2
        from mcp.client import Client
        from mcp.client.streamable_http import streamable_http_client

        async with httpx2.AsyncClient(
            headers={"Accept-Encoding": "identity", **self._headers},
            # How long a call may take is looked at for the call as a whole.
            timeout=httpx2.Timeout(CONNECT_TIMEOUT, read=None),
            event_hooks={"response": [self._look]},
        ) as http:
            transport = streamable_http_client(self._url, http_client=http, max_sse_event_size=MOST_MESSAGE)
            async with Client(transport, cache=None) as client:
                yield client

    async def _look(self, response: httpx2.Response) -> None:
        """See how a request was answered, and bound what is read of it."""
        import httpx2

        if response.request.method == "POST":
            failed = response.status_code >= 400
            self.why = f"it answered {response.status_code} {response.reason_phrase}" if failed else ""
        stream, encoded = response.stream, response.headers.get("content-encoding", "identity") != "identity"

        class Bounded(httpx2.AsyncByteStream):
            async def __aiter__(self) -> AsyncIterator[bytes]:
                assert isinstance(stream, httpx2.AsyncByteStream)
                count = 0
                async for piece in stream:
                    count += len(piece)
                    if encoded or count > MOST_MESSAGE:
                        how = "compressed" if encoded else f"with more than {MOST_MESSAGE >> 20} MiB"
                        raise httpx2.StreamError(f"it answered {how}")
                    yield piece

            async def aclose(self) -> None:
                assert isinstance(stream, httpx2.AsyncByteStream)
                await stream.aclose()

        # Of a stream of events each is bounded by itself.
        if encoded or not response.headers.get("content-type", "").startswith("text/event-stream"):
            response.stream = Bounded()
