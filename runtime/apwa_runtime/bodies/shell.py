"""``shell``: run a script for each sub-problem, in a process and a scratch folder of its own.

In: calls. Out: what the scripts print, validated against the task's result type. The values of a template's holes never
become part of the script that the shell reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apwa_compiler.plan import Shell, Task
from apwa_runtime.bodies.hosted import Hosted
from apwa_runtime.bodies.pool import Pool
from apwa_runtime.bodies.protocol import Call, Check, Finish
from apwa_runtime.isolation.level import Reached, level
from apwa_runtime.isolation.messages import Setup
from apwa_runtime.isolation.script import SCRIPT, VALUES
from apwa_runtime.shell_templates import compile_script


class ShellBody:
    """A pool of child processes that start scripts; the paths that its task reads are relative to ``base``."""

    def __init__(self, task: Task, body: Shell, base: str) -> None:
        network = bool(task.network)
        self._level = level(body, network=network)
        self._render = compile_script(body.template)
        self._pool = Pool(Setup("shell", base, (), task.result, True, network, "shell"))
        self._hosted = Hosted(task, base, "the script", None, self._arguments)

    @property
    def reached(self) -> Reached:
        """How far calls are kept apart here, and what the calls did against it."""
        return self._pool.reached(self._level)

    def run(self, calls: Sequence[Call], check: Check, finish: Finish) -> None:
        """Run every call."""
        with self._pool.borrowed() as host:
            self._hosted.run(host, calls, check, finish)

    def close(self) -> None:
        """End every child process; calls that are running fail."""
        self._pool.close()

    def _arguments(self, call: Call) -> Mapping[str, Any]:
        script = self._render(call.names)
        return {SCRIPT: script.text, VALUES: script.values}
