"""``torch``: call a class that holds a model, several sub-problems at a time.

In: calls. Out: its results, validated against the task's result type. The class is loaded once on each worker, on its
GPU where it has one, in a child process that all threads share: one call follows the other.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence

from apwa_compiler.plan import Task, Torch
from apwa_runtime.bodies.hosted import Hosted
from apwa_runtime.bodies.protocol import Begin, Call, Check, Finish
from apwa_runtime.isolation.host import PythonHost
from apwa_runtime.isolation.level import Reached, level
from apwa_runtime.isolation.messages import Setup

# How many sub-problems one call takes where the author does not say.
USUAL = 32


class TorchBody:
    """One child process for one class; the paths that its task reads are relative to ``base``."""

    def __init__(self, task: Task, body: Torch, base: str) -> None:
        self._level = level(body, network=bool(task.network))
        self._scratch = tempfile.mkdtemp(prefix="apwa-scratch-")
        setup = Setup(
            body.target,
            body.base,
            task.parameters,
            task.result,
            False,
            bool(task.network),
            "torch",
            secrets=task.secrets,
        )
        self._host = PythonHost(setup, self._scratch)
        self._hosted = Hosted(task, base, f"`{body.target}`", task.batch or USUAL)

    @property
    def reached(self) -> Reached:
        """How far calls are kept apart here, on which device, and what the class and its calls did against it."""
        host = self._host
        return Reached(f"{self._level}{f' on {host.device}' if host.device else ''}", host.threads, host.left)

    def run(self, calls: Sequence[Call], check: Check, finish: Finish, begin: Begin) -> None:
        """Run every call that ``begin`` lets begin."""
        self._hosted.run(self._host, calls, check, finish, begin)

    def close(self) -> None:
        """End the child process; calls that are running fail."""
        self._host.kill()
        self._host.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
