"""A session with an MCP server: calls of its tools, over a connection that is opened when it is first needed.

In: names and arguments. Out: texts, or a ToolError that is fit for the model. When the connection has ended, the next
call opens another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from apwa_runtime.failures import hidden
from apwa_runtime.models.structured import excerpt
from apwa_runtime.tools.protocol import ToolError
from apwa_runtime.tools.servers.connection import OPENING, Connection, ConnectionLost, Opening
from apwa_runtime.tools.servers.results import result_text

if TYPE_CHECKING:
    from mcp.types import CallToolResult, InputRequiredResult, Tool

T = TypeVar("T")

MOST_TOOLS = 128
"""Tools of one server that an agent may have."""

_TERMINATED = "Session terminated"
_ASKS_BACK = "it asks its client for something, and there is nothing to be had here"


class Session:
    """Talks to what ``opening`` opens; what stands in ``secrets`` is told to nobody.

    Where it is ``shared``, calls that run beside a late one are left alone; else a late call ends the connection.
    """

    def __init__(self, opening: Callable[[], Opening], secrets: Collection[str], *, shared: bool) -> None:
        self._opening = opening
        self._secrets = secrets
        self._shared = shared
        self._connection: Connection | None = None

    async def tools(self) -> list[Tool]:
        """The tools that the server has, of too many no more than show that. Raises ToolError."""
        from mcp.types import PaginatedRequestParams

        async def listed(connection: Connection) -> list[Tool]:
            client = await connection.client()
            found: list[Tool] = []
            cursor: str | None = None
            for _ in range(MOST_TOOLS):
                page = await client.session.list_tools(params=PaginatedRequestParams(cursor=cursor))
                found += page.tools
                cursor = page.next_cursor
                if cursor is None or len(found) > MOST_TOOLS:
                    break
            return found

        return await self._guarded(listed, OPENING)

    async def call(self, name: str, arguments: dict[str, Any], timeout: float) -> str:
        """The result of a call, which may take so many seconds. Raises ToolError."""
        from mcp.types import CallToolResult

        result = await self._guarded(lambda connection: _called(connection, name, arguments), timeout)
        if not isinstance(result, CallToolResult):
            raise ToolError(_ASKS_BACK)
        text = hidden(result_text(result), self._secrets)
        if result.is_error:
            raise ToolError(text or "it says no more than that")
        return text

    async def close(self) -> None:
        """End the connection, where there is one."""
        if self._connection is not None:
            await self._connection.end()

    async def _guarded(self, work: Callable[[Connection], Awaitable[T]], timeout: float) -> T:
        """What ``work`` gives. Raises ToolError for all that goes wrong."""
        from mcp.shared.exceptions import MCPError
        from mcp.types import CONNECTION_CLOSED

        connection = await self._connected()
        try:
            await connection.client()
            async with asyncio.timeout(timeout):
                return await work(connection)
        except ConnectionLost as lost:
            why = str(lost)
        except TimeoutError:
            why = f"timed out after {timeout:g} s"
            if not self._shared:
                await self._drop(connection)
        except MCPError as error:
            why = error.error.message
            if error.error.code == CONNECTION_CLOSED or why == _TERMINATED:
                await self._drop(connection)
                why = connection.why or why
            elif connection.why:
                why = f"{why}: {connection.why}"
        except Exception as error:
            why = f"its answer cannot be read: {excerpt(hidden(str(error), self._secrets))}"
        raise ToolError(hidden(why, self._secrets)) from None

    async def _connected(self) -> Connection:
        connection = self._connection
        if connection is None or connection.is_over:
            ended, connection = connection, Connection(self._opening())
            self._connection = connection
            if ended is not None:
                await ended.end()
        return connection

    async def _drop(self, connection: Connection) -> None:
        if self._connection is connection:
            self._connection = None
        await connection.end()


async def _called(connection: Connection, name: str, arguments: dict[str, Any]) -> CallToolResult | InputRequiredResult:
    """The result of a call as it came, not held against the schema of the server itself."""
    from mcp.shared.exceptions import MCPError
    from mcp.types import HEADER_MISMATCH, CallToolRequest, CallToolRequestParams

    results = _results()
    client = await connection.client()
    request = CallToolRequest(params=CallToolRequestParams(name=name, arguments=arguments))
    try:
        return await client.session.send_request(request, results)
    except MCPError as error:
        if error.error.code != HEADER_MISMATCH:
            raise
    # Some servers want arguments in headers too, which the client knows how to fill once it has seen their tools.
    await client.list_tools()
    return await client.session.send_request(request, results)


@cache
def _results() -> TypeAdapter[CallToolResult | InputRequiredResult]:
    from mcp.types import CallToolResult, InputRequiredResult

    return TypeAdapter(CallToolResult | InputRequiredResult)
