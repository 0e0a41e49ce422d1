"""The tools of one agent task on a worker.

In: a call as the model has written it. Out: the text of its result; or a ToolError, whose text is for the model. An
agent has the tools that its task declares, and no others; arguments and results are those of the tools' types.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apwa_compiler.plan import Builtin, Mcp, Task, Tool
from apwa_lang.semantics.program import WORKING
from apwa_lang.semantics.types import Field, RecordType
from apwa_runtime.bodies.protocol import Call, Done, Failed
from apwa_runtime.bodies.scratch import Scratch
from apwa_runtime.models.protocol import ToolCall, ToolSpec
from apwa_runtime.models.retry import AskFailed
from apwa_runtime.models.structured import excerpt
from apwa_runtime.tools.agent import AgentTool
from apwa_runtime.tools.builtin import told_of
from apwa_runtime.tools.function import AT_ONCE, TIMEOUT, FunctionTool
from apwa_runtime.tools.protocol import Implementation, ToolError, ToolSetupError, name_for_models
from apwa_runtime.tools.servers.server import Offer, Servers
from apwa_runtime.tools.servers.sessions import Sessions
from apwa_runtime.tools.workplace import Workplace, Workplaces
from apwa_runtime.values.json_schema import json_schema
from apwa_runtime.values.models import InvalidValue, validator
from apwa_runtime.values.text import json_text

if TYPE_CHECKING:
    from apwa_runtime.bodies.prompt import Asker

Steps = Sequence[dict[str, object]]

MOST_TEXT = 40_000
"""Characters of a result that the model is told."""


class Toolbox:
    """Runs calls of the tools of ``task``; paths that they read are relative to ``base``.

    Those that are MCP servers are among ``servers``, and ``agents`` are those that are tasks.
    """

    def __init__(
        self,
        task: Task,
        tools: Sequence[Tool],
        base: str,
        servers: Servers | None = None,
        agents: Mapping[str, AgentTool] | None = None,
    ) -> None:
        timeout = task.policy.timeout
        working = any(isinstance(tool.body, Builtin) and tool.body.kind in WORKING for tool in tools)
        self._workplaces = Workplaces(Scratch(task.reads, task.writes, base)) if working else None
        root = self._workplaces.root if self._workplaces else None
        names = [[effect.label for effect in effects if effect.label] for effects in (task.reads, task.writes)]
        functions = [tool for tool in tools if not isinstance(tool.body, Mcp)]
        called = {tool.name: name_for_models(tool.name) for tool in functions}
        records = {called[tool.name]: _arguments(tool) for tool in functions}
        self.specs = tuple(
            ToolSpec(name, _told(tool, *names), json_schema(records[name]))
            for tool in functions
            for name in (called[tool.name],)
        )
        self._read = {name: validator(record, extra="forbid") for name, record in records.items()}
        self._made: dict[str, Implementation] = {
            called[tool.name]: FunctionTool(tool, base, timeout, root)
            for tool in functions
            if not isinstance(tool.body, Task)
        }
        self.agents = dict(agents or {})
        self._servers = [servers.of(tool) for tool in tools if servers and isinstance(tool.body, Mcp)]
        self._timeout = timeout or TIMEOUT
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="apwa-tool")

    async def offers(self) -> dict[str, Offer]:
        """What its servers offer, by the names that models have for it. Raises ToolSetupError."""
        if len(self._read) < len(self.specs):
            raise ToolSetupError("models would have two tools of one name, since they know no dots; rename one of them")
        found: dict[str, Offer] = {}
        for server in self._servers:
            for offer in await server.offers():
                if offer.spec.name in found or offer.spec.name in self._read:
                    raise ToolSetupError(
                        f"tool `{server.name}`: models would have two tools called `{offer.spec.name}`; "
                        "give one of them another name, or leave it out with `only`"
                    )
                found[offer.spec.name] = offer
        return found

    @asynccontextmanager
    async def opened(self, call: Call, asker: Asker) -> AsyncIterator[Opened]:
        """The tools for one sub-problem, that of ``asker``. Raises ToolSetupError."""
        offers = await self.offers()
        workplace = await asyncio.to_thread(self._workplaces.open, call) if self._workplaces else None
        sessions = Sessions(offers, self._timeout)
        opened = Opened(self, offers, sessions, workplace, asker)
        try:
            yield opened
        finally:
            await sessions.close()
            if workplace and not opened.outputs:
                workplace.close()

    async def call(self, call: ToolCall, workplace: Workplace | None, asker: Asker) -> tuple[str, Steps]:
        """The result of a call, and the steps of an agent that was called. Raises ToolError; AskFailed if held."""
        try:
            arguments = self._read[call.name].json(call.arguments or "{}")
        except InvalidValue as error:
            raise ToolError(f"these are no arguments of `{call.name}`: {error}") from None
        if call.name in self.agents:
            return await self._asked(call.name, arguments, asker)
        made = self._made[call.name]
        value = await asyncio.get_running_loop().run_in_executor(self._threads, made.run, arguments, workplace)
        return _text(value), ()

    async def _asked(self, name: str, arguments: dict[str, Any], asker: Asker) -> tuple[str, Steps]:
        match await self.agents[name].ask(arguments, asker):
            case Done(value, trace=trace):
                return _text(value), json.loads(trace or "[]")
            case Failed(reason, trace=trace):
                raise ToolError(f"`{name}` gave no answer: {reason}", json.loads(trace or "[]"))
            case _:
                raise AskFailed("no more requests are to be sent", held=True)

    def close(self) -> None:
        """End what runs."""
        for made in self._made.values():
            made.close()
        for agent in self.agents.values():
            agent.prompt.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._workplaces:
            self._workplaces.close()


class Opened:
    """The tools that one sub-problem has, and ``specs`` of them for its models.

    ``outputs`` are files that its task writes, once they are :meth:`taken`.
    """

    def __init__(
        self,
        box: Toolbox,
        offers: Mapping[str, Offer],
        sessions: Sessions,
        workplace: Workplace | None,
        asker: Asker,
    ) -> None:
        self.outputs: dict[str, Path] = {}
        self._workplace = workplace
        self._asker = asker
        self.specs = (*box.specs, *(offer.spec for offer in offers.values()))
        self._box = box
        self._offers = offers
        self._sessions = sessions

    async def call(self, call: ToolCall) -> tuple[str, Steps]:
        """The result of a call, and the steps of an agent that was called. Raises ToolError; AskFailed if held."""
        names = [spec.name for spec in self.specs]
        if call.name not in names:
            raise ToolError(f"there is no tool `{excerpt(call.name, 100)}`; there are {', '.join(names)}")
        try:
            if call.name in self._offers:
                return cut(await self._sessions.call(call)), ()
            text, steps = await self._box.call(call, self._workplace, self._asker)
        except ToolError as error:
            raise ToolError(cut(str(error)), error.steps) from None
        return cut(text), steps

    def required(self) -> None:
        """Raise ValueError, for the model, where a file that the task writes is not there."""
        missing = self._workplace.missing() if self._workplace else None
        if missing is not None:
            raise ValueError(f"there is no file `{missing}` yet: write it, then answer")

    def taken(self) -> dict[str, Path]:
        """The files that the task writes; they stay where they are when the tools are closed."""
        self.outputs = dict(self._workplace.outputs) if self._workplace else {}
        return self.outputs


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)


def cut(text: str) -> str:
    """What of a text is told and traced."""
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}… ({len(text):,} characters in all)"


def _told(tool: Tool, reads: Sequence[str], writes: Sequence[str]) -> str:
    return told_of(tool, tool.body, reads, writes) if isinstance(tool.body, Builtin) else tool.description


def _arguments(tool: Tool) -> RecordType:
    fields: list[Any] = [Field(name, type) for name, type in tool.parameters]
    return RecordType(f"arguments of {tool.name}", tuple(fields))
