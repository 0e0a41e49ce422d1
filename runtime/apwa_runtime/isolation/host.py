"""A child process kept warm for one Python function, started anew when it dies or is late.

In: one call at a time. Out: its reply. A function that crashes its process, calls ``os._exit`` or never ends costs
that one call; the next gets a fresh process.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from typing import IO, BinaryIO

from apwa_runtime.isolation.messages import Reply, Request, Setup, receive, send

_LOG_TAIL = 400


class FatalError(Exception):
    """The function cannot be run at all: its module does not import, or has no such name."""


class PythonHost:
    """Owns one child process. One caller at a time; only ``kill`` may be called from another thread."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._process: subprocess.Popen[bytes] | None = None
        self.killed = False
        self._requests: BinaryIO
        self._replies: BinaryIO
        self._log: IO[bytes]
        self._home: str

    def call(self, request: Request, timeout: float | None) -> Reply:
        """Run one call; ``timeout`` in seconds. Raises FatalError if the function cannot be loaded."""
        if self.killed:
            return Reply(error="the run was stopped")
        if self._process is None:
            self._start()
        try:
            send(self._requests, request)
            if not self._ready(timeout):
                self.close()
                return Reply(error=f"timed out after {timeout:g} s")
            reply: Reply = receive(self._replies)
            return reply
        except (EOFError, BrokenPipeError):
            return Reply(error=self._obituary())

    def kill(self) -> None:
        """End the child in the middle of its call, for good."""
        self.killed = True
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the child and everything that it started."""
        if self._process is None:
            return
        for stream in (self._requests, self._replies):
            with contextlib.suppress(OSError):
                stream.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        self._log.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def _start(self) -> None:
        request_read, request_write = os.pipe()
        reply_read, reply_write = os.pipe()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self._home = tempfile.mkdtemp(prefix="apwa-home-")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "apwa_runtime.isolation.child", str(request_read), str(reply_write)],
            pass_fds=(request_read, reply_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            start_new_session=True,
            cwd=self._home,
        )
        os.close(request_read)
        os.close(reply_write)
        self._requests = os.fdopen(request_write, "wb")
        self._replies = os.fdopen(reply_read, "rb", buffering=0)
        try:
            send(self._requests, self._setup)
            reply: Reply = receive(self._replies)
        except (EOFError, BrokenPipeError):
            raise FatalError(f"`{self._setup.target}` could not be started: {self._obituary()}") from None
        if reply.error:
            self.close()
            raise FatalError(reply.error)

    def _ready(self, timeout: float | None) -> bool:
        return bool(select.select([self._replies], [], [], timeout)[0])

    def _obituary(self) -> str:
        """Why the child died, with the end of what it printed; the child is gone afterwards."""
        assert self._process is not None
        code = self._process.wait()
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")[:_LOG_TAIL]
        self.close()
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"its process {how}" + (f": {said}" if said else "")
