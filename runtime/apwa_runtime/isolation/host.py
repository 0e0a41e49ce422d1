"""A child process that has one Python function loaded, started anew when it dies.

In: one call at a time. Out: its reply. A function that crashes its process, calls ``os._exit`` or never ends costs
that one call.
"""

from __future__ import annotations

import contextlib
import select
import shutil
import subprocess
import tempfile
import threading
from typing import IO, BinaryIO

from apwa_runtime.isolation import processes
from apwa_runtime.isolation.messages import Reply, Request, Setup, receive, send
from apwa_runtime.isolation.obituary import obituary
from apwa_runtime.isolation.secrets import hidden, unneeded

# Seconds that a child has to end a late call by itself before it is ended with the call.
_GRACE = 10.0


class FatalError(Exception):
    """The function cannot be run at all: its module does not import, or has no such name."""


class PythonHost:
    """Owns one child process and its ``home``, a folder below ``scratch`` in which each call's scratch folder must lie.

    Callers from several threads wait for each other; ``kill`` does not wait. ``left`` counts processes that calls left
    behind, ``threads`` those that the module started when it was imported, ``device`` is where a torch class lies.
    """

    def __init__(self, setup: Setup, scratch: str) -> None:
        self._setup = setup
        self._process: subprocess.Popen[bytes] | None = None
        self.home = tempfile.mkdtemp(dir=scratch)
        self.killed = False
        self.left = 0
        self.threads = 0
        self.device = ""
        self._lock = threading.Lock()
        self._fatal: str | None = None
        self._requests: BinaryIO
        self._replies: BinaryIO
        self._log: IO[bytes]

    def call(self, request: Request) -> Reply:
        """Run one call. Raises FatalError if the function cannot be loaded."""
        with self._lock:
            return self._call(request)

    def _call(self, request: Request) -> Reply:
        if self._fatal is not None:
            raise FatalError(self._fatal)
        if self.killed:
            return Reply(error="the run was stopped")
        if self._process is None:
            self._start()
        try:
            send(self._requests, request)
            if not self._ready(request.timeout):
                self._end()
                return Reply(error=f"timed out after {request.timeout:g} s")
            reply: Reply = receive(self._replies)
        except (EOFError, BrokenPipeError):
            return Reply(error=self._obituary())
        self.left += reply.left
        return reply

    def kill(self) -> None:
        """End the child in the middle of its call, for good."""
        self.killed = True
        process = self._process
        if process is not None:
            processes.end_tree(process.pid)

    def close(self) -> None:
        """End the child and everything that it started."""
        with self._lock:
            self._end()
        shutil.rmtree(self.home, ignore_errors=True)

    def _end(self) -> None:
        if self._process is None:
            return
        processes.end_tree(self._process.pid)
        self._process.wait()
        self._release()

    def _start(self) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        without = unneeded() if self._setup.sealed else hidden(self._setup.secrets)
        self._process, self._requests, self._replies = processes.spawn(
            "apwa_runtime.isolation.child", log=self._log, cwd=self.home, without=without
        )
        if self.killed:
            # It was asked for before there was a process to kill.
            processes.end_tree(self._process.pid)
        try:
            send(self._requests, self._setup)
            reply: Reply = receive(self._replies)
        except (EOFError, BrokenPipeError):
            raise FatalError(f"`{self._setup.target}` could not be started: {self._obituary()}") from None
        if reply.error:
            self._end()
            self._fatal = reply.error
            raise FatalError(reply.error)
        self.threads, self.device = reply.threads, reply.device

    def _ready(self, timeout: float | None) -> bool:
        grace = _GRACE if self._setup.own else 0.0
        return bool(select.select([self._replies], [], [], None if timeout is None else timeout + grace)[0])

    def _obituary(self) -> str:
        """Why the child died, with the end of what it printed; the child is gone afterwards."""
        assert self._process is not None
        # Its number is its own until it is reaped; after that the group could be another's.
        processes.end_group(self._process.pid)
        code = self._process.wait()
        self._log.seek(0)
        log = self._log.read().decode(errors="replace")
        self._release()
        return obituary(code, log)

    def _release(self) -> None:
        for stream in (self._requests, self._replies, self._log):
            with contextlib.suppress(OSError):
                stream.close()
        self._process = None
