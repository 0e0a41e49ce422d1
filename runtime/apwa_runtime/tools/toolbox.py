"""The tools of one agent task on a worker.

In: a call as the model has written it. Out: the text of its result; or a ToolError, whose text is for the model. An
agent has the tools that its task declares, and no others; arguments and results are those of the tools' types.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from apwa_compiler.plan import Builtin, Tool
from apwa_lang.semantics.types import Field, RecordType
from apwa_runtime.models.protocol import ToolCall, ToolSpec
from apwa_runtime.tools.builtin import told_of
from apwa_runtime.tools.function import AT_ONCE, FunctionTool
from apwa_runtime.tools.protocol import Implementation, ToolError
from apwa_runtime.values.json_schema import json_schema
from apwa_runtime.values.models import InvalidValue, validator
from apwa_runtime.values.text import json_text

MOST_TEXT = 40_000
"""Characters of a result that the model is told."""


class Toolbox:
    """Runs calls of ``tools``; paths that they read are relative to ``base``, and ``timeout`` is that of one call."""

    def __init__(self, tools: Sequence[Tool], base: str, timeout: float | None) -> None:
        records = {tool.name: _arguments(tool) for tool in tools}
        self.specs = tuple(ToolSpec(tool.name, _told(tool), json_schema(records[tool.name])) for tool in tools)
        self._read = {name: validator(record, extra="forbid") for name, record in records.items()}
        self._made: dict[str, Implementation] = {tool.name: FunctionTool(tool, base, timeout) for tool in tools}
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="apwa-tool")

    async def call(self, call: ToolCall) -> str:
        """The result of a call. Raises ToolError."""
        made = self._made.get(call.name)
        if made is None:
            raise ToolError(f"there is no tool `{call.name}`; there are {', '.join(self._made)}")
        try:
            arguments = self._read[call.name].json(call.arguments or "{}")
        except InvalidValue as error:
            raise ToolError(f"these are no arguments of `{call.name}`: {error}") from None
        value = await asyncio.get_running_loop().run_in_executor(self._threads, made.run, arguments)
        text = value if isinstance(value, str) else json_text(value)
        return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}… ({len(text):,} characters in all)"

    def close(self) -> None:
        """End what runs."""
        for made in self._made.values():
            made.close()
        self._threads.shutdown(wait=False, cancel_futures=True)


def _told(tool: Tool) -> str:
    return told_of(tool, tool.body) if isinstance(tool.body, Builtin) else tool.description


def _arguments(tool: Tool) -> RecordType:
    fields: list[Any] = [Field(name, type) for name, type in tool.parameters]
    return RecordType(f"arguments of {tool.name}", tuple(fields))
