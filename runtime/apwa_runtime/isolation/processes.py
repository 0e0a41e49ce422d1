"""Ending every process that something has started, daemons too.

In: a process that adopts its orphans (``adopt_orphans``). Out: those below it, and their end. Where there is no
``/proc``, process groups are all that is known.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import IO, BinaryIO

_SET_CHILD_SUBREAPER = 36
_SET_PARENT_DEATH_SIGNAL = 1
# A process that starts others faster than they are ended gets so many rounds.
_ROUNDS = 100


def adopt_orphans() -> None:
    """Make this process the parent of all below it whose own parent ends, so that none gets away."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def end_with_parent() -> None:
    """Let this process be killed when the one that started it ends."""
    _prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def spawn(
    module: str, *arguments: str, log: IO[bytes], cwd: str | None = None, without: Collection[str] = ()
) -> tuple[subprocess.Popen[bytes], BinaryIO, BinaryIO]:
    """A child in a session of its own that runs ``module``, with the pipes to ask it and to hear it.

    Its arguments are the numbers of its ends of the pipes, then ``arguments``; what it says otherwise goes to ``log``.
    Its environment is this process' own, ``without`` some variables.
    """
    request_read, request_write = os.pipe()
    reply_read, reply_write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(request_read), str(reply_write), *arguments],
        pass_fds=(request_read, reply_write),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log,
        start_new_session=True,
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if name not in without},
    )
    os.close(request_read)
    os.close(reply_write)
    return process, os.fdopen(request_write, "wb"), os.fdopen(reply_read, "rb", buffering=0)


def children(pid: int) -> set[int]:
    """The children of a process, whichever of its threads started them; empty where that cannot be told."""
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found.update(map(int, (thread / "children").read_text().split()))
    return found


def descendants(pid: int, but: Collection[int] = ()) -> set[int]:
    """All processes below one; what is below those in ``but`` is left out with them."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        new = children(waiting.pop()) - found - set(but)
        found |= new
        waiting += new
    return found


def end_group(pid: int) -> None:
    """Kill the process group that ``pid`` leads."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def end_below(but: Collection[int] = ()) -> int:
    """Kill and reap everything below this process, ``but`` some children. Returns how many were still running."""
    ended: set[int] = set()
    for _ in range(_ROUNDS):
        reap()
        left = descendants(os.getpid(), but)
        if not left:
            break
        for pid in left:
            _kill(pid)
        ended |= left
        for pid in children(os.getpid()) & left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
    return len(ended)


def end_tree(pid: int) -> None:
    """Kill a process and everything below it. The process itself is not waited for."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGSTOP)
    for _ in range(_ROUNDS):
        left = {other for other in descendants(pid) if _is_running(other)}
        if not left:
            break
        for other in left:
            _kill(other)
    end_group(pid)
    _kill(pid)


def reap() -> None:
    """Take note of the children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _is_running(pid: int) -> bool:
    """Whether a process has not ended; one that waits to be reaped has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0)))
