"""The MCP servers that a run's agents have, on one worker.

In: the tools of a plan that are servers. Out: what each offers to models, and sessions with it. What cannot be used is
told in one line.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import os
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from apwa_compiler.plan import Mcp, Plan, Secret, Tool
from apwa_runtime.evaluation import EvaluationError
from apwa_runtime.failures import hidden
from apwa_runtime.isolation.supervisor import Limits
from apwa_runtime.models.protocol import ToolSpec
from apwa_runtime.models.structured import excerpt
from apwa_runtime.parameters import parameter_names
from apwa_runtime.paths import compile_target
from apwa_runtime.tools.protocol import ToolError, ToolSetupError
from apwa_runtime.tools.servers.connection import Opening
from apwa_runtime.tools.servers.remote import Remote
from apwa_runtime.tools.servers.schemas import Schema, TooLarge, without_references
from apwa_runtime.tools.servers.session import MOST_TOOLS, Session
from apwa_runtime.tools.servers.started import Command, Started, executable, made_of

if TYPE_CHECKING:
    from mcp.types import Tool as Listed

MOST_NAME = 64
"""Characters of a tool's name that servers of models accept."""

_MOST_DESCRIPTION = 8_000
_MOST_SCHEMA = 40_000
_MOST_SAID = 600
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool of a server: as models are told of it, and its ``name`` there."""

    spec: ToolSpec
    name: str
    server: Server


class Servers:
    """The servers of a plan, each made when it is first asked for."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._made: dict[str, Server] = {}

    def of(self, tool: Tool) -> Server:
        """The server that a tool is."""
        return self._made.setdefault(tool.name, Server(tool, self._plan))

    async def close(self) -> None:
        """End the sessions that are shared; the others end with their sub-problems."""
        await asyncio.gather(*(server.close() for server in self._made.values()))


class Server:
    """One server."""

    def __init__(self, tool: Tool, plan: Plan) -> None:
        assert isinstance(tool.body, Mcp)
        self.name = tool.name
        self.timeout = tool.body.timeout
        self.is_shared = tool.body.shared
        self._tool = tool
        self._body = tool.body
        self._plan = plan
        self._listing = asyncio.Lock()
        self._offers: tuple[Offer, ...] | None = None
        self._shared: Session | None = None

    async def offers(self) -> tuple[Offer, ...]:
        """What it offers, as it said when it was first asked. Raises ToolSetupError."""
        async with self._listing:
            if self._offers is None:
                session = self.session()
                try:
                    listed = await session.tools()
                except ToolError as error:
                    raise self._wrong(f"its server cannot be used: {error}") from None
                finally:
                    if not self.is_shared:
                        await session.close()
                self._offers = tuple(self._chosen(listed))
            return self._offers

    def session(self) -> Session:
        """A session for one sub-problem. Raises ToolSetupError."""
        if self._shared is not None:
            return self._shared
        session = Session(self._opening, self._secrets, shared=self.is_shared)
        if self.is_shared:
            self._shared = session
        return session

    async def close(self) -> None:
        """End what is shared."""
        if self._shared is not None:
            await self._shared.close()

    @cached_property
    def _opening(self) -> Callable[[], Opening]:
        if find_spec("mcp") is None:
            raise self._wrong('MCP servers need a package that is not installed here: pip install "apwa-lang[mcp]"')
        if self._body.is_remote:
            headers = dict(self._headers)
            return lambda: Remote(self._body.address, headers)
        command = self._command
        return lambda: Started(command)

    @property
    def _command(self) -> Command:
        body, tool = self._body, self._tool
        if not Path(body.base).is_dir():
            raise self._wrong(f"there is no folder {body.base} here, in which its server runs")
        words = shlex.split(body.address)
        if executable(words, body.base) is None:
            where = f"in {body.base}" if "/" in words[0] else "on PATH"
            raise self._wrong(f"there is no command `{words[0]}` {where} to start its server")
        limits = None if body.trust else Limits(bool(tool.network), (*made_of(words, body.base), *self._reads()))
        return Command(words, body.base, tool.secrets, limits)

    def _reads(self) -> list[str]:
        names = parameter_names(self._plan.parameters)
        try:
            return [compile_target(effect.template, self._plan.base)(names) for effect in self._tool.reads]
        except (EvaluationError, ValueError) as error:
            raise self._wrong(f"what it reads cannot be told: {error}") from None

    @property
    def _headers(self) -> Iterator[tuple[str, str]]:
        for name, value in self._body.headers:
            yield name, self._value(value, f"headers.{name}")
        if self._body.api_key is not None:
            yield "Authorization", f"Bearer {self._value(self._body.api_key, 'api_key')}"

    @property
    def _secrets(self) -> list[str]:
        """What it is sent and nobody is to be told."""
        given = (*(value for _, value in self._body.headers), self._body.api_key)
        names = (value.name for value in given if isinstance(value, Secret) and value.hidden)
        return [value for name in names if (value := os.environ.get(name, "").strip())]

    def _value(self, value: object, setting: str) -> str:
        if not isinstance(value, Secret):
            return str(value)
        text = os.environ.get(value.name)
        if text is None:
            raise self._wrong(f"`{setting}` needs the environment variable `{value.name}`, and it is not set")
        if not text.strip().isprintable():
            raise self._wrong(f"`{setting}`: what `{value.name}` holds cannot be sent in a header")
        return text.strip()

    def _chosen(self, listed: list[Listed]) -> Iterator[Offer]:
        """The tools that are wanted of those that the server has."""
        there = {one.name: one for one in listed}
        for name in self._body.only:
            if name not in there:
                near = difflib.get_close_matches(name, there, 1)
                hint = f"did you mean `{near[0]}`?" if near else f"it has {', '.join(sorted(there)[:20]) or 'none'}"
                raise self._wrong(f"its server has no tool `{name}`; {hint}")
        wanted = [there[name] for name in self._body.only] or listed
        if not wanted:
            raise self._wrong("its server has no tools")
        if len(wanted) > MOST_TOOLS:
            raise self._wrong(f"its server has more than {MOST_TOOLS} tools; name those that are wanted with `only`")
        return map(self._offer, wanted)

    def _offer(self, listed: Listed) -> Offer:
        name = _FORBIDDEN.sub("_", f"{self.name}_{listed.name}")
        if len(name) > MOST_NAME:
            raise self._wrong(
                f"`{listed.name}` would be called `{name}` by models, which is longer than {MOST_NAME} characters; "
                "give this tool a shorter name, or leave that one out with `only`"
            )
        description = hidden(listed.description or "", self._secrets)[:_MOST_DESCRIPTION]
        return Offer(ToolSpec(name, description, self._schema(listed)), listed.name, self)

    def _schema(self, listed: Listed) -> Schema:
        try:
            schema = without_references(listed.input_schema)
        except TooLarge:
            schema = None
        if schema is None or len(json.dumps(schema)) > _MOST_SCHEMA:
            raise self._wrong(f"the arguments of `{listed.name}` take too long to tell; leave it out with `only`")
        return {**schema, "type": "object"}

    def _wrong(self, why: str) -> ToolSetupError:
        return ToolSetupError(f"tool `{self.name}`: {excerpt(hidden(why, self._secrets), _MOST_SAID)}")
