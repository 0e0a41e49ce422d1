"""The process around a server that a user names: ``python -m apwa_runtime.isolation.supervisor LIMITS COMMAND…``.

In: what the server may touch (JSON), and its command; its input is this process' own. Out: what it writes, as long as
no line is endless; at its end one line that says why. When it ends, or whoever asked for it does, so does all that it
started.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import NoReturn

from apwa_runtime.isolation import landlock, processes
from apwa_runtime.isolation.fork import Process
from apwa_runtime.isolation.obituary import obituary

MOST_MESSAGE = 4 * 2**20
"""Bytes of one message of a server."""

# Seconds that a server has to end by itself when nobody asks it any more.
GRACE = 1.0

_PIECE = 1 << 16
_MOST_LEFT = 1 << 20
_LOG_TAIL = 4096
_NOT_STARTED = 127
_ERROR = re.compile(r"\s*[\w.]*(Error|Exception)\b")


@dataclass(frozen=True)
class Limits:
    """What a server may touch: it writes to a scratch folder only, and reads that and what is ``readable``."""

    network: bool
    readable: tuple[str, ...]


def command(limits: Limits | None, words: Sequence[str]) -> list[str]:
    """The command line of the process around the command that ``words`` are; without limits that is not confined."""
    # Its folder is the user's, whose modules must not take the place of ours (`-P`).
    return [sys.executable, "-P", "-m", __name__, json.dumps(asdict(limits) if limits else None), *words]


def main(limits: Limits | None, words: Sequence[str]) -> int:
    """Start the server and pass on what it writes. Returns its exit code."""
    processes.adopt_orphans()
    output, errors = os.pipe(), os.pipe()
    starter = os.getpid()
    with tempfile.TemporaryDirectory(prefix="apwa-server-", ignore_cleanup_errors=True) as scratch:
        pid = os.fork()
        if pid == 0:
            _become(limits, scratch, words, output[1], errors[1], starter)
        signal.signal(signal.SIGTERM, _terminated)
        os.close(output[1])
        os.close(errors[1])
        with Process(pid) as process:
            try:
                said, problem = _Relay(process, output[0], errors[0]).run()
            except (BrokenPipeError, _Terminated):
                said, problem = b"", "it was ended"
            code = process.end()
            processes.end_below()
    print(problem or obituary(code, _telling(said.decode(errors="replace"))), file=sys.stderr, flush=True)
    return code & 0xFF


def _telling(said: str) -> str:
    """The last line that names an error, which not every language writes last; else all that was said."""
    return next((line for line in reversed(said.splitlines()) if _ERROR.match(line)), said)


class _Terminated(BaseException):
    """This process was asked to end."""


def _terminated(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Terminated


def _become(
    limits: Limits | None, scratch: str, words: Sequence[str], output: int, errors: int, starter: int
) -> NoReturn:
    """Turn this process into the server."""
    try:
        processes.end_with_parent()
        os.dup2(output, 1)
        os.dup2(errors, 2)
        if os.getppid() == starter:
            if limits is not None:
                os.environ["TMPDIR"] = scratch
                if landlock.version():
                    landlock.confine(scratch, network=limits.network, readable=limits.readable)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            os.execvp(words[0], list(words))
    except OSError as error:
        os.write(2, f"cannot run {words[0]}: {error.strerror}".encode())
    finally:
        os._exit(_NOT_STARTED)


class _Relay:
    """Passes on the ``output`` of a process, and keeps the end of its ``errors``."""

    def __init__(self, process: Process, output: int, errors: int) -> None:
        self._process = process
        self._output = output
        self._errors = errors
        self._said = bytearray()
        self._line = 0
        self._until: float | None = None

    def run(self) -> tuple[bytes, str | None]:
        """Run until the process ends, or has to be ended. Returns what it said last, and the problem with it."""
        poller = select.poll()
        for stream in (self._output, self._errors):
            os.set_blocking(stream, False)
            poller.register(stream, select.POLLIN)
        # Nobody reads what is sent to the server here: only that its end is closed is looked for.
        poller.register(0, 0)
        if self._process.descriptor is not None:
            poller.register(self._process.descriptor, select.POLLIN)
        while True:
            left = None if self._until is None else max(0.0, self._until - time.monotonic())
            ready = dict(poller.poll(self._process.pause(left)))
            # Asked before the pipes are read: what was written before the end is then seen.
            is_over = self._process.is_over(ready)
            for stream, take in ((self._output, self._pass_on), (self._errors, self._keep)):
                if stream in ready and not self._read(stream, take):
                    poller.unregister(stream)
            if self._line > MOST_MESSAGE:
                return b"", f"it sent a message of more than {MOST_MESSAGE >> 20} MiB"
            if is_over:
                self._read_rest()
                return bytes(self._said), None
            if 0 in ready and self._until is None:
                poller.unregister(0)
                self._until = time.monotonic() + GRACE
            if self._until is not None and time.monotonic() >= self._until:
                return b"", "it was ended"

    def _read(self, stream: int, take: Callable[[bytes], None]) -> bool:
        """Take in a piece of what is there. Returns whether there may be more later."""
        with contextlib.suppress(BlockingIOError):
            piece = os.read(stream, _PIECE)
            take(piece)
            return bool(piece)
        return True

    def _read_rest(self) -> None:
        """Take in what the process has left in its pipes; others may hold them open and go on."""
        for stream, take in ((self._output, self._pass_on), (self._errors, self._keep)):
            for _ in range(_MOST_LEFT // _PIECE):
                self._read(stream, take)

    def _pass_on(self, piece: bytes) -> None:
        end = piece.rfind(b"\n")
        self._line = self._line + len(piece) if end < 0 else len(piece) - end - 1
        left = memoryview(piece)
        while left:
            left = left[os.write(1, left) :]

    def _keep(self, piece: bytes) -> None:
        self._said += piece
        del self._said[:-_LOG_TAIL]


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    sys.exit(main(given and Limits(given["network"], tuple(given["readable"])), sys.argv[2:]))
