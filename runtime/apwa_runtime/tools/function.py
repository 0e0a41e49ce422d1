"""A tool that is a function, the user's or a built-in one: each call in a process of its own, confined to its scratch
folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from typing import Any

from apwa_compiler.plan import Builtin, Python, Tool
from apwa_runtime.bodies.pool import Pool
from apwa_runtime.bodies.scratch import Scratch
from apwa_runtime.evaluation import EvaluationError
from apwa_runtime.isolation.host import FatalError
from apwa_runtime.isolation.messages import Request, Setup
from apwa_runtime.isolation.readable import readable
from apwa_runtime.tools.builtin import given_of, setup_of
from apwa_runtime.tools.protocol import ToolError
from apwa_runtime.tools.workplace import Workplace

TIMEOUT = 60.0
"""Seconds that a call may take, where the task does not say."""

AT_ONCE = 32
"""Calls of tools that run at a time on a worker, for each task."""


class FunctionTool:
    """The function of ``tool``; paths that it reads are relative to ``base``, sub-problems work below ``root``."""

    def __init__(self, tool: Tool, base: str, timeout: float | None, root: str | None) -> None:
        assert isinstance(tool.body, Python | Builtin)
        self._name = tool.name
        self._scratch = Scratch(tool.reads, (), base)
        self._timeout = timeout or TIMEOUT
        self._given: dict[str, Any] = {}
        match tool.body:
            case Python() as body:
                setup = _setup(tool, body)
            case Builtin() as builtin:
                setup = setup_of(tool, builtin, base, root)
                self._given = given_of(builtin)
        self._works = setup.root is not None
        self._pool = Pool(setup)
        # What asks nobody keeps a core busy, and a process for each call that waits would cost more than the call.
        self._places = threading.BoundedSemaphore(AT_ONCE if tool.network else os.cpu_count() or 1)

    def run(self, arguments: dict[str, Any], workplace: Workplace | None) -> Any:
        """The result of one call. Raises ToolError."""
        with self._places, self._pool.borrowed() as host:
            own = workplace.folder if self._works and workplace else None
            folder = own or tempfile.mkdtemp(dir=host.home)
            try:
                named = {"files": dict(workplace.files)} if own and workplace else {}
                paths = self._scratch.prepared(arguments, folder)
                given = {**paths, **self._given, **named}
                reply = host.call(Request(arguments, folder, tuple(given.items()), self._timeout))
            except (EvaluationError, OSError, FatalError) as error:
                raise ToolError(f"`{self._name}` could not be run: {error}") from None
            finally:
                if own is None:
                    shutil.rmtree(folder, ignore_errors=True)
        if reply.error is not None:
            raise ToolError(f"`{self._name}` failed: {reply.error}")
        return reply.value

    def close(self) -> None:
        """End every child process."""
        self._pool.close()


def _setup(tool: Tool, body: Python) -> Setup:
    own = dict.fromkeys(path.split("/")[0] for path, _ in body.sources)
    return Setup(
        body.target,
        body.base,
        tool.parameters,
        tool.result,
        own=True,
        network=bool(tool.network),
        readable=readable(body.base, own),
        secrets=tool.secrets,
    )
