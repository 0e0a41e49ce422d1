"""``shell``: run a script for each sub-problem, in a process and a scratch folder of its own.

In: calls. Out: what the scripts print, validated against the task's result type. The values of a template's holes never
become part of the script that the shell reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apwa_compiler.plan import Shell, Task
from apwa_runtime.bodies.hosted import Hosted
from apwa_runtime.bodies.pool import PooledBody
from apwa_runtime.bodies.protocol import Call
from apwa_runtime.isolation.level import level
from apwa_runtime.isolation.messages import Setup
from apwa_runtime.isolation.script import SCRIPT, VALUES
from apwa_runtime.shell_templates import compile_script


class ShellBody(PooledBody):
    """A pool of child processes that start scripts; the paths that its task reads are relative to ``base``."""

    def __init__(self, task: Task, body: Shell, base: str) -> None:
        network = bool(task.network)
        self._render = compile_script(body.template)
        setup = Setup("shell", base, (), task.result, True, network, "shell", secrets=task.secrets)
        hosted = Hosted(task, base, "the script", None, self._arguments)
        super().__init__(level(body, network=network), setup, hosted)

    def _arguments(self, call: Call) -> Mapping[str, Any]:
        script = self._render(call.names)
        return {SCRIPT: script.text, VALUES: script.values}
