"""One call in a process of its own, forked from one that has the user's code loaded.

In: a request. Out: its reply. What the call changes in memory is gone with its process, what it wrote lies in its
scratch folder, and every process that it started has ended when the reply is given.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Container
from dataclasses import dataclass
from typing import NoReturn, Protocol

from apwa_runtime.isolation import landlock, processes, seccomp
from apwa_runtime.isolation.attribution import Watch
from apwa_runtime.isolation.messages import Reply, Request, pack, unpack
from apwa_runtime.isolation.obituary import obituary

_PIECE = 1 << 20
_LOOK_EVERY = 0.02
_LOG_TAIL = 4096


class Loaded(Protocol):
    """What serves calls: a function, a class, a shell."""

    def call(self, request: Request) -> Reply:
        """Run one call in its scratch folder. Never raises."""
        ...


class ParentGone(Exception):  # noqa: N818
    """Whoever asked for the call has ended."""


@dataclass
class Forks:
    """Runs calls of ``loaded``, one at a time. ``parent`` is the descriptor on which requests come."""

    loaded: Loaded
    watch: Watch
    parent: int
    closed_in_calls: tuple[int, ...]
    network: bool
    readable: tuple[str, ...] | None = None
    sealed: bool = False

    def __post_init__(self) -> None:
        processes.adopt_orphans()
        self._kept = frozenset(processes.children(os.getpid()))

    def call(self, request: Request) -> Reply:
        """Run one call. Raises ParentGone."""
        reader, writer = os.pipe()
        starter = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            self._run(request, writer, starter)
        os.close(writer)
        os.set_blocking(reader, False)
        late, left = False, 0
        with Process(pid) as process:
            try:
                reply = self._await(process, reader, request.timeout)
            except TimeoutError:
                reply, late = None, True
            finally:
                os.close(reader)
                code = process.end()
                left = processes.end_below(but=self._kept)
        if late:
            reply = Reply(error=f"timed out after {request.timeout:g} s")
        elif reply is None:
            reply = Reply(error=obituary(code, _said()))
        _forget()
        return Reply(reply.value, reply.error, left)

    def _run(self, request: Request, writer: int, starter: int) -> NoReturn:
        """The whole life of the call's process."""
        own = os.getpid()
        code = 1
        try:
            os.setsid()
            processes.end_with_parent()
            for descriptor in self.closed_in_calls:
                os.close(descriptor)
            if os.getppid() == starter:
                self.watch.scratch = request.folder
                if landlock.version():
                    landlock.confine(request.folder, network=self.network, readable=self.readable)
                if self.sealed and seccomp.works():
                    seccomp.seal()
                data = memoryview(pack(self.loaded.call(request)))
                # The function may have forked: only the process that was asked answers.
                while data and os.getpid() == own:
                    data = data[os.write(writer, data) :]
                code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stderr.flush()
            os._exit(code)

    def _await(self, process: Process, reader: int, timeout: float | None) -> Reply | None:
        """The reply, or None if the process ended without one. Raises TimeoutError and ParentGone."""
        deadline = None if timeout is None else time.monotonic() + timeout
        data = bytearray()
        poller = select.poll()
        poller.register(reader, select.POLLIN)
        poller.register(self.parent, 0)
        if process.descriptor is not None:
            poller.register(process.descriptor, select.POLLIN)
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready = dict(poller.poll(process.pause(left)))
            if self.parent in ready:
                raise ParentGone
            # Asked before the pipe is read: what was written before the end is then seen.
            is_over = process.is_over(ready)
            if not _read(reader, data) and reader in ready:
                poller.unregister(reader)
            reply: Reply | None = unpack(data)
            if reply is not None or is_over:
                return reply
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError


class Process:
    """A call's process. Its end is told by a descriptor where the system has those, else seen by looking at times."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._code: int | None = None
        self.descriptor: int | None = None
        with contextlib.suppress(AttributeError, OSError):
            self.descriptor = os.pidfd_open(pid)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)

    def pause(self, left: float | None) -> float | None:
        """Milliseconds to wait for events when ``left`` seconds are left."""
        if self.descriptor is None:
            left = _LOOK_EVERY if left is None else min(left, _LOOK_EVERY)
        return None if left is None else left * 1000

    def is_over(self, ready: Container[int]) -> bool:
        """Whether the process has ended, when these descriptors are ready."""
        if self.descriptor is not None:
            return self.descriptor in ready
        if self._code is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code is not None

    def end(self) -> int:
        """Kill it if it has not ended. Returns its exit code, a signal's number negated."""
        if self._code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._code = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        return self._code


def _read(reader: int, data: bytearray) -> bool:
    """Take in what is there. Returns whether anything was."""
    count = len(data)
    with contextlib.suppress(BlockingIOError):
        while piece := os.read(reader, _PIECE):
            data += piece
    return len(data) > count


def _said() -> str:
    """The end of what the call wrote to standard error, which is a file."""
    with contextlib.suppress(OSError):
        size = os.fstat(2).st_size
        return os.pread(2, _LOG_TAIL, max(0, size - _LOG_TAIL)).decode(errors="replace")
    return ""


def _forget() -> None:
    """Empty standard error for the next call."""
    with contextlib.suppress(OSError):
        os.ftruncate(2, 0)
        os.lseek(2, 0, os.SEEK_SET)
