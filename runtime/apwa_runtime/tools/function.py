"""A tool that is a Python function: each call in a process of its own, confined to its scratch folder."""

from __future__ import annotations

import shutil
import tempfile
from typing import Any

from apwa_compiler.plan import Python, Tool
from apwa_runtime.bodies.pool import Pool
from apwa_runtime.bodies.scratch import Scratch
from apwa_runtime.evaluation import EvaluationError
from apwa_runtime.isolation.host import FatalError
from apwa_runtime.isolation.level import Reached, level
from apwa_runtime.isolation.messages import Request, Setup
from apwa_runtime.isolation.readable import readable
from apwa_runtime.tools.protocol import ToolError

TIMEOUT = 60.0
"""Seconds that a call may take, where the task does not say."""


class FunctionTool:
    """The function of ``tool``; paths that it reads are relative to ``base``."""

    def __init__(self, tool: Tool, base: str, timeout: float | None) -> None:
        assert isinstance(tool.body, Python)
        network = bool(tool.network)
        self._name = tool.name
        self._scratch = Scratch(tool.reads, (), base)
        self._timeout = timeout or TIMEOUT
        self._level = level(tool.body, network=network)
        own = dict.fromkeys(path.split("/")[0] for path, _ in tool.body.sources)
        setup = Setup(
            tool.body.target,
            tool.body.base,
            tool.parameters,
            tool.result,
            True,
            network,
            readable=readable(tool.body.base, own),
            secrets=tool.secrets,
        )
        self._pool = Pool(setup)

    @property
    def reached(self) -> Reached:
        """How far calls are kept apart here."""
        return self._pool.reached(self._level)

    def run(self, arguments: dict[str, Any]) -> Any:
        """The result of one call. Raises ToolError."""
        with self._pool.borrowed() as host:
            folder = tempfile.mkdtemp(dir=host.home)
            try:
                paths = self._scratch.prepared(arguments, folder)
                reply = host.call(Request(arguments, folder, tuple(paths.items()), self._timeout))
            except (EvaluationError, OSError, FatalError) as error:
                raise ToolError(f"`{self._name}` could not be run: {error}") from None
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        if reply.error is not None:
            raise ToolError(f"`{self._name}` failed: {reply.error}")
        return reply.value

    def close(self) -> None:
        """End every child process."""
        self._pool.close()
