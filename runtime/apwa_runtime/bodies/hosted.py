"""Calls in a child process: one by one, or several sub-problems in one call.

In: calls and a host. Out: outcomes. A call for several that fails, runs short of memory, never ends or kills its
process is cut in halves, down to the sub-problem that is to blame; that one alone is tried again and fails.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from apwa_compiler.plan import Task
from apwa_runtime.bodies.protocol import Begin, Call, Check, Done, Failed, Finish, Held, Outcome
from apwa_runtime.bodies.scratch import Scratch
from apwa_runtime.evaluation import EvaluationError
from apwa_runtime.isolation.host import FatalError, PythonHost
from apwa_runtime.isolation.messages import Reply, Request

Arguments = Callable[[Call], Mapping[str, Any]]

_STOPPED = "the run was stopped"


class Hosted:
    """Runs the calls of one task, which people know by ``name``.

    ``limit`` is how many sub-problems one call takes, None for a body that takes one and is given no lists.
    ``arguments`` makes what the child is sent for a call.
    """

    def __init__(self, task: Task, base: str, name: str, limit: int | None, arguments: Arguments | None = None) -> None:
        self._policy = task.policy
        self._name = name
        self._scratch = Scratch(task.reads, task.writes, base)
        self._many = limit is not None
        self._limit = limit or 1
        self._arguments = arguments or (lambda call: call.arguments)

    def run(self, host: PythonHost, calls: Sequence[Call], check: Check, finish: Finish, begin: Begin) -> None:
        """Run every call that ``begin`` lets begin."""
        left = dict.fromkeys(calls)

        def tell(call: Call, outcome: Outcome) -> None:
            del left[call]
            finish(call, outcome)

        try:
            while (group := list(islice(left, self._limit))) and begin(group):
                self._group(host, group, check, tell)
            for call in list(left):
                tell(call, Held())
        except FatalError as error:
            for call in list(left):
                tell(call, Failed(_STOPPED if host.killed else str(error), attempts=0))

    def _group(self, host: PythonHost, group: Sequence[Call], check: Check, finish: Finish) -> None:
        """Run calls together, halves of them where that fails."""
        waiting = [group]
        while waiting:
            group = waiting.pop()
            if len(group) == 1:
                finish(group[0], self._alone(host, group[0], check))
                continue
            try:
                reply, found = self._tried(host, group, check)
            except EvaluationError as error:
                reply, found = Reply(error=str(error)), []
            if reply.error is None:
                for call, one in zip(group, found, strict=True):
                    finish(call, self._alone(host, call, check, 2, one) if isinstance(one, str) else one)
                continue
            half = len(group) // 2
            if reply.memory:
                self._limit = max(1, min(self._limit, half))
            waiting += [group[half:], group[:half]]

    def _alone(self, host: PythonHost, call: Call, check: Check, first: int = 1, reason: str = "") -> Outcome:
        """One call by itself, from attempt ``first`` on; ``reason`` is why there was no value before."""
        last = self._policy.retry + 1
        for attempt in range(first, last + 1):
            if attempt > 1:
                time.sleep(self._policy.backoff * 2 ** (attempt - 2))
            if host.killed:
                return Failed(_STOPPED, attempt - 1)
            try:
                reply, found = self._tried(host, [call], check, attempt)
            except EvaluationError as error:
                # A template gives the same every time.
                return Failed(str(error), attempt - 1)
            outcome = found[0] if found else reply.error or ""
            if not isinstance(outcome, str):
                return outcome
            reason = outcome
        return Failed(reason, last)

    def _tried(
        self, host: PythonHost, group: Sequence[Call], check: Check, attempt: int = 1
    ) -> tuple[Reply, list[Done | str]]:
        """The reply to one call, and for each sub-problem its value or why there is none. Raises EvaluationError."""
        count = len(group) if self._scratch.is_used else 1
        folders = [tempfile.mkdtemp(dir=host.home) for _ in range(count)]
        kept: set[str] = set()
        try:
            reply = host.call(self._request(group, folders))
            if reply.error is not None:
                return reply, []
            found: list[Done | str] = []
            for place, (call, one) in enumerate(zip(group, reply.value if self._many else [reply], strict=True)):
                folder = folders[min(place, count - 1)]
                outcome = self._accepted(call, one, folder, check, attempt)
                found.append(outcome)
                if isinstance(outcome, Done) and outcome.outputs:
                    # What a call wrote stays until it is published.
                    kept.add(folder)
            return reply, found
        except (ValueError, OSError) as error:
            return Reply(error=str(error)), []
        finally:
            for folder in folders:
                if folder not in kept:
                    shutil.rmtree(folder, ignore_errors=True)

    def _request(self, group: Sequence[Call], folders: Sequence[str]) -> Request:
        timeout = self._policy.timeout
        if not self._many:
            call = group[0]
            paths = self._scratch.prepared(call.names, folders[0], call.files)
            return Request(dict(self._arguments(call)), folders[0], tuple(paths.items()), timeout)
        arguments = _columns([self._arguments(call) for call in group])
        columns = (
            _columns(
                [
                    self._scratch.prepared(call.names, folder, call.files)
                    for call, folder in zip(group, folders, strict=True)
                ]
            )
            if self._scratch.is_used
            else {}
        )
        limit = None if timeout is None else timeout * len(group)
        return Request(arguments, folders[0], tuple(columns.items()), limit, len(group))

    def _accepted(self, call: Call, reply: Reply, folder: str, check: Check, attempt: int) -> Done | str:
        if reply.error is not None:
            return reply.error
        outputs = self._scratch.outputs(folder)
        missing = next((label for label, path in outputs.items() if not path.is_file()), None)
        if missing is not None:
            return f"{self._name} did not write `{missing}`"
        try:
            return Done(check(call, reply.value), attempt, outputs)
        except ValueError as error:
            return str(error)


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Rows of equal names as a list for each name."""
    return {name: [row[name] for row in rows] for name in rows[0]}
