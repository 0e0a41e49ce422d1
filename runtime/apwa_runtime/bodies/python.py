"""``python``: call the user's function, kept apart from every other call as far as its plan says.

In: calls. Out: its values, validated against the task's result type. Each worker thread that runs a batch borrows a
child process that has the function loaded; each call has a scratch folder of its own, which is its working folder. With
``batch`` the function takes several sub-problems in one call, which only calls that share a process may.
"""

from __future__ import annotations

from apwa_compiler.plan import Python, Task
from apwa_runtime.bodies.hosted import Hosted
from apwa_runtime.bodies.pool import PooledBody
from apwa_runtime.isolation.level import level
from apwa_runtime.isolation.messages import Setup


class PythonBody(PooledBody):
    """A pool of child processes for one function; the paths that its task reads are relative to ``base``."""

    def __init__(self, task: Task, body: Python, base: str) -> None:
        network, own = bool(task.network), body.isolation == "own"
        form, limit = "one", None
        if task.batch is not None:
            form, limit = "many", 1 if own else task.batch
        setup = Setup(body.target, body.base, task.parameters, task.result, own, network, form, secrets=task.secrets)
        super().__init__(level(body, network=network), setup, Hosted(task, base, f"`{body.target}`", limit))
