"""``python``: call the user's function, kept apart from every other call as far as its plan says.

In: calls. Out: its values, validated against the task's result type. Each worker thread that runs a batch borrows a
child process that has the function loaded; each call has a scratch folder of its own, which is its working folder.
"""

from __future__ import annotations

import queue
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from apwa_compiler.plan import Python, Task
from apwa_runtime.bodies.protocol import Call, Check, Done, Failed, Finish, Outcome
from apwa_runtime.isolation.host import FatalError, PythonHost
from apwa_runtime.isolation.level import Reached, level
from apwa_runtime.isolation.messages import Reply, Request, Setup
from apwa_runtime.paths import compile_target
from apwa_runtime.templates import PathComponentError


class PythonBody:
    """A pool of child processes for one function; the paths that its task reads are relative to ``base``."""

    def __init__(self, task: Task, body: Python, base: str) -> None:
        self._task = task
        self._network = bool(task.network)
        self._level = level(body, network=self._network)
        own = body.isolation == "own"
        self._setup = Setup(body.target, body.base, task.parameters, task.result, own, self._network)
        self._reads = [(effect.label, compile_target(effect.template, base)) for effect in task.reads]
        self._idle: queue.SimpleQueue[PythonHost] = queue.SimpleQueue()
        self._hosts: list[PythonHost] = []
        self._scratch = tempfile.mkdtemp(prefix="apwa-scratch-")

    @property
    def reached(self) -> Reached:
        """How far calls are kept apart here, and what the module and the calls did against it."""
        hosts = list(self._hosts)
        threads = max((host.threads for host in hosts), default=0)
        return Reached(self._level, threads, sum(host.left for host in hosts))

    def run(self, calls: Sequence[Call], check: Check, finish: Finish) -> None:
        """Run every call."""
        host = self._borrow()
        waiting = iter(calls)
        try:
            for call in waiting:
                try:
                    outcome = self._one(host, call, check)
                except FatalError as error:
                    for left in (call, *waiting):
                        finish(left, Failed(str(error), attempts=0))
                    return
                finish(call, outcome)
        finally:
            if host.killed:
                host.close()
            else:
                self._idle.put(host)

    def close(self) -> None:
        """End every child process; calls that are running fail."""
        for host in self._hosts:
            host.kill()
        while not self._idle.empty():
            self._idle.get().close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _borrow(self) -> PythonHost:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            host = PythonHost(self._setup, self._scratch)
            self._hosts.append(host)
            return host

    def _one(self, host: PythonHost, call: Call, check: Check) -> Outcome:
        policy = self._task.policy
        reason = ""
        for attempt in range(1, policy.retry + 2):
            if attempt > 1:
                time.sleep(policy.backoff * 2 ** (attempt - 2))
            if host.killed:
                return Failed("the run was stopped", attempt - 1)
            folder = tempfile.mkdtemp(dir=host.home)
            try:
                request, outputs = self._request(call, folder)
                reply: Reply = host.call(request)
                if reply.error is None:
                    missing = [label for label, path in outputs.items() if not path.is_file()]
                    if not missing:
                        done = Done(check(call, reply.value), attempt, outputs)
                        # What the call wrote stays until it is published.
                        folder = "" if outputs else folder
                        return done
                    reason = f"`{self._setup.target}` did not write `{missing[0]}`"
                else:
                    reason = reply.error
            except (ValueError, OSError, PathComponentError) as error:
                reason = str(error)
            finally:
                if folder:
                    shutil.rmtree(folder, ignore_errors=True)
        return Failed(reason, policy.retry + 1)

    def _request(self, call: Call, folder: str) -> tuple[Request, dict[str, Path]]:
        scratch = Path(folder)
        paths: dict[str, str] = {}
        for label, render in self._reads:
            if label is None:
                continue
            source = Path(render(call.names))
            target = scratch / "in" / label / source.name
            target.parent.mkdir(parents=True)
            shutil.copyfile(source, target)
            paths[label] = str(target)
        outputs = {effect.label: scratch / effect.label for effect in self._task.writes if effect.label}
        paths.update((label, str(path)) for label, path in outputs.items())
        return Request(call.arguments, folder, tuple(paths.items()), self._task.policy.timeout), outputs
