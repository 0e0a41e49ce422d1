"""Python processes that have their imports behind them: forked from one in which everything was imported once.

In: the arguments of ``python``, such as ``-m apwa_lang.cli run main.apwa``. Out: a process of its own, which starts in
a fiftieth of the time; all that it does from its first line on is what it always does.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Protocol

import dask

ROOT = Path(__file__).resolve().parents[2]
OURS = ("apwa_lang", "apwa_compiler", "apwa_runtime")
BESIDES = ("distributed.cli.dask_scheduler", "distributed.cli.dask_worker", "tests.support.model_server")
# What Python and Dask read from the environment before the first line runs.
READ_AT_START = ("PYTHON", "DASK_", "OMP_", "LD_")
LONGEST = 2**18
# A Dask worker that has nothing to do looks at itself fifty times a second.
QUIET = {"distributed.admin.tick.interval": "1s", "distributed.worker.profile.enabled": False}


class Process(Protocol):
    """As of ``subprocess.Popen``."""

    pid: int

    def wait(self, timeout: float | None = None) -> int: ...
    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def terminate(self) -> None: ...


def start(
    *arguments: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
    stderr: int = subprocess.DEVNULL,
    new_session: bool = False,
) -> Process:
    """Start ``python`` with these arguments, with ``env`` besides the variables of this process."""
    whole = {**os.environ, **(env or {})}
    if hasattr(os, "pidfd_open") and _read_at_start(whole) == _read_at_start(os.environ):
        asked = Asked(arguments, str(cwd or Path.cwd()), whole, new_session)
        return _template().start(asked, (stdin, stdout, stderr))
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=cwd,
        env=whole,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=new_session,
        preexec_fn=heed_interrupts,
    )


def heed_interrupts() -> None:
    """Let Ctrl-C reach this process: a job in the background of a shell has SIGINT ignored, and hands that on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(READ_AT_START)}


@dataclass(frozen=True)
class Asked:
    arguments: tuple[str, ...]
    cwd: str
    env: dict[str, str]
    new_session: bool


class Forked:
    """A process whose end the template tells by a pipe: its exit code, or nothing when the template has died."""

    def __init__(self, pid: int, status: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._status = status

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            with selectors.DefaultSelector() as ended:
                ended.register(self._status, selectors.EVENT_READ)
                if not ended.select(timeout):
                    raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self.returncode = int(os.read(self._status, 10))
            os.close(self._status)
        return self.returncode

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


class Template:
    """The process that has imported everything, as this one sees it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.forked", str(other.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
                start_new_session=True,
            )

    def start(self, asked: Asked, streams: tuple[int, int, int]) -> Forked:
        reader, writer = os.pipe()
        nowhere = os.open(os.devnull, os.O_RDWR)
        given = [nowhere if stream == subprocess.DEVNULL else stream for stream in streams]
        try:
            with self._lock:
                socket.send_fds(self._control, [json.dumps(asdict(asked)).encode()], [*given, writer])
                return Forked(int(self._control.recv(10)), reader)
        finally:
            os.close(nowhere)
            os.close(writer)

    def end(self) -> None:
        self._control.close()
        self._process.wait()


@cache
def _template() -> Template:
    template = Template()
    atexit.register(template.end)
    return template


def serve(control: socket.socket) -> Asked:
    """Fork for whoever asks at ``control``, until it is closed. Returns in each child, with what is to be run."""
    running: dict[int, tuple[int, int]] = {}
    waiting = selectors.DefaultSelector()
    waiting.register(control, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fd in running:
                pid, status = running.pop(key.fd)
                waiting.unregister(key.fd)
                os.write(status, b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                os.close(status)
                os.close(key.fd)
                continue
            data, fds, *_ = socket.recv_fds(control, LONGEST, 4)
            if not data:
                os._exit(0)
            *streams, status = fds
            pid = os.fork()
            if pid == 0:
                waiting.close()
                control.close()
                for place, stream in enumerate(streams):
                    os.dup2(stream, place)
                for left in (*streams, status, *running, *(other for _, other in running.values())):
                    os.close(left)
                asked = json.loads(data)
                return Asked(**{**asked, "arguments": tuple(asked["arguments"])})
            control.send(b"%d" % pid)
            for stream in streams:
                os.close(stream)
            ended = os.pidfd_open(pid)
            running[ended] = pid, status
            waiting.register(ended, selectors.EVENT_READ)


def main() -> None:
    """The template, and in each child what was asked for."""
    for package in OURS:
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            # What needs an extra that is not here is left to those that start it.
            if module.name.rpartition(".")[2] not in ("__main__", "torch_class"):
                with suppress(ImportError):
                    import_module(module.name)
    for name in BESIDES:
        import_module(name)
    dask.config.set(QUIET)
    gc.collect()
    gc.freeze()
    asked = serve(socket.socket(fileno=int(sys.argv[1])))
    heed_interrupts()
    if asked.new_session:
        os.setsid()
    # The streams of the template knew other files, and whether these can be sought in.
    sys.stdin, sys.stdout, sys.stderr = (
        open(place, mode, encoding="utf-8", errors=errors, buffering=buffering, closefd=False)  # noqa: SIM115
        for place, mode, errors, buffering in (
            (0, "r", "strict", -1),
            (1, "w", "strict", -1),
            (2, "w", "backslashreplace", 1),
        )
    )
    os.chdir(asked.cwd)
    os.environ.clear()
    os.environ.update(asked.env)
    first, *rest = asked.arguments
    if first == "-m":
        sys.modules.pop(rest[0], None)
        sys.path[0] = asked.cwd
        sys.argv[1:] = rest[1:]
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = str(Path(first).resolve().parent)
        sys.argv[:] = [first, *rest]
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    main()
