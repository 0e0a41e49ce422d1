"""The child processes of one body on a worker: each thread that runs a batch borrows one.

In: what the children run. Out: hosts, warm where one is idle; and what all bodies of this kind do with them.
"""

from __future__ import annotations

import queue
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from apwa_runtime.bodies.hosted import Hosted
from apwa_runtime.bodies.protocol import Begin, Call, Check, Finish
from apwa_runtime.isolation.host import PythonHost
from apwa_runtime.isolation.level import Reached
from apwa_runtime.isolation.messages import Setup


class Pool:
    """Hosts for one ``setup``, with scratch folders below a folder of their own."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._idle: queue.SimpleQueue[PythonHost] = queue.SimpleQueue()
        self._hosts: list[PythonHost] = []
        self._scratch = tempfile.mkdtemp(prefix="apwa-scratch-", dir=setup.root)

    def reached(self, level: str) -> Reached:
        """``level``, with what the module and the calls did against it."""
        hosts = list(self._hosts)
        threads = max((host.threads for host in hosts), default=0)
        return Reached(level, threads, sum(host.left for host in hosts))

    @contextmanager
    def borrowed(self) -> Iterator[PythonHost]:
        """A host that nobody else uses meanwhile."""
        host = self._borrow()
        try:
            yield host
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


class PooledBody:
    """A body whose batches each borrow a host of one pool; ``level`` is how far that keeps calls apart."""

    def __init__(self, level: str, setup: Setup, hosted: Hosted) -> None:
        self._level = level
        self._pool = Pool(setup)
        self._hosted = hosted

    @property
    def reached(self) -> Reached:
        """How far calls are kept apart here, and what the module and the calls did against it."""
        return self._pool.reached(self._level)

    def run(self, calls: Sequence[Call], check: Check, finish: Finish, begin: Begin) -> None:
        """Run every call that ``begin`` lets begin."""
        with self._pool.borrowed() as host:
            self._hosted.run(host, calls, check, finish, begin)

    def close(self) -> None:
        """End every child process; calls that are running fail."""
        self._pool.close()
