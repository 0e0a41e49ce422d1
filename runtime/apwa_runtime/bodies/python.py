"""``python``: call the user's function, kept apart from every other call as far as its plan says.

In: calls. Out: its values, validated against the task's result type. Each worker thread that runs a batch borrows a
child process that has the function loaded; each call has a scratch folder of its own, which is its working folder. With
``batch`` the function takes several sub-problems in one call, which only calls that share a process may.
"""

from __future__ import annotations

from collections.abc import Sequence

from apwa_compiler.plan import Python, Task
from apwa_runtime.bodies.hosted import Hosted
from apwa_runtime.bodies.pool import Pool
from apwa_runtime.bodies.protocol import Call, Check, Finish
from apwa_runtime.isolation.level import Reached, level
from apwa_runtime.isolation.messages import Setup


class PythonBody:
    """A pool of child processes for one function; the paths that its task reads are relative to ``base``."""

    def __init__(self, task: Task, body: Python, base: str) -> None:
        network, own = bool(task.network), body.isolation == "own"
        form, limit = "one", None
        if task.batch is not None:
            form, limit = "many", 1 if own else task.batch
        self._level = level(body, network=network)
        self._pool = Pool(Setup(body.target, body.base, task.parameters, task.result, own, network, form))
        self._hosted = Hosted(task, base, f"`{body.target}`", limit)

    @property
    def reached(self) -> Reached:
        """How far calls are kept apart here, and what the module and the calls did against it."""
        return self._pool.reached(self._level)

    def run(self, calls: Sequence[Call], check: Check, finish: Finish) -> None:
        """Run every call."""
        with self._pool.borrowed() as host:
            self._hosted.run(host, calls, check, finish)

    def close(self) -> None:
        """End every child process; calls that are running fail."""
        self._pool.close()
