"""The tools of one agent task on a worker.

In: a call as the model has written it. Out: the text of its result; or a ToolError, whose text is for the model. An
agent has the tools that its task declares, and no others; arguments and results are those of the tools' types.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from apwa_compiler.plan import Builtin, Mcp, Tool
from apwa_lang.semantics.types import Field, RecordType
from apwa_runtime.models.protocol import ToolCall, ToolSpec
from apwa_runtime.tools.builtin import told_of
from apwa_runtime.tools.function import AT_ONCE, TIMEOUT, FunctionTool
from apwa_runtime.tools.protocol import Implementation, ToolError, ToolSetupError
from apwa_runtime.tools.servers.server import Offer, Servers
from apwa_runtime.tools.servers.sessions import Sessions
from apwa_runtime.values.json_schema import json_schema
from apwa_runtime.values.models import InvalidValue, validator
from apwa_runtime.values.text import json_text

MOST_TEXT = 40_000
"""Characters of a result that the model is told."""


class Toolbox:
    """Runs calls of ``tools``; paths that they read are relative to ``base``, and ``timeout`` is that of one call.

    Those that are MCP servers are among ``servers``.
    """

    def __init__(self, tools: Sequence[Tool], base: str, timeout: float | None, servers: Servers | None = None) -> None:
        functions = [tool for tool in tools if not isinstance(tool.body, Mcp)]
        records = {tool.name: _arguments(tool) for tool in functions}
        self.specs = tuple(ToolSpec(tool.name, _told(tool), json_schema(records[tool.name])) for tool in functions)
        self._read = {name: validator(record, extra="forbid") for name, record in records.items()}
        self._made: dict[str, Implementation] = {tool.name: FunctionTool(tool, base, timeout) for tool in functions}
        self._servers = [servers.of(tool) for tool in tools if servers and isinstance(tool.body, Mcp)]
        self._timeout = timeout or TIMEOUT
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="apwa-tool")

    async def offers(self) -> dict[str, Offer]:
        """What its servers offer, by the names that models have for it. Raises ToolSetupError."""
        found: dict[str, Offer] = {}
        for server in self._servers:
            for offer in await server.offers():
                if offer.spec.name in found or offer.spec.name in self._made:
                    raise ToolSetupError(
                        f"tool `{server.name}`: models would have two tools called `{offer.spec.name}`; "
                        "give one of them another name, or leave it out with `only`"
                    )
                found[offer.spec.name] = offer
        return found

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Opened]:
        """The tools for one sub-problem. Raises ToolSetupError."""
        offers = await self.offers()
        sessions = Sessions(offers, self._timeout)
        try:
            yield Opened(self, offers, sessions)
        finally:
            await sessions.close()

    async def call(self, call: ToolCall) -> str:
        """The result of a call of a function. Raises ToolError."""
        made = self._made[call.name]
        try:
            arguments = self._read[call.name].json(call.arguments or "{}")
        except InvalidValue as error:
            raise ToolError(f"these are no arguments of `{call.name}`: {error}") from None
        value = await asyncio.get_running_loop().run_in_executor(self._threads, made.run, arguments)
        return value if isinstance(value, str) else json_text(value)

    def close(self) -> None:
        """End what runs."""
        for made in self._made.values():
            made.close()
        self._threads.shutdown(wait=False, cancel_futures=True)


class Opened:
    """The tools that one sub-problem has, and ``specs`` of them for its models."""

    def __init__(self, box: Toolbox, offers: Mapping[str, Offer], sessions: Sessions) -> None:
        self.specs = (*box.specs, *(offer.spec for offer in offers.values()))
        self._box = box
        self._offers = offers
        self._sessions = sessions

    async def call(self, call: ToolCall) -> str:
        """The result of a call. Raises ToolError."""
        names = [spec.name for spec in self.specs]
        if call.name not in names:
            raise ToolError(f"there is no tool `{call.name}`; there are {', '.join(names)}")
        calling = self._sessions.call if call.name in self._offers else self._box.call
        try:
            return _cut(await calling(call))
        except ToolError as error:
            raise ToolError(_cut(str(error))) from None


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}… ({len(text):,} characters in all)"


def _told(tool: Tool) -> str:
    return told_of(tool, tool.body) if isinstance(tool.body, Builtin) else tool.description


def _arguments(tool: Tool) -> RecordType:
    fields: list[Any] = [Field(name, type) for name, type in tool.parameters]
    return RecordType(f"arguments of {tool.name}", tuple(fields))
