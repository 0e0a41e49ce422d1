"""What is killed: the model server, a Dask scheduler and its workers, and the client that runs the program.

Each is a process of its own with a port that it keeps when it is started again.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil
from distributed import Client

from benchmarks.work import ROOT

LATENCY_MS = 50.0
_STARTED = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(*arguments: str, cwd: Path = ROOT, errors: int | IO[bytes] = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """A Python module in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """``kill -9`` of a process and of what it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()


class ModelServer:
    """Answers, and writes its log, until it is killed."""

    def __init__(self, port: int, log: Path) -> None:
        self._arguments = ("--port", str(port), "--log", str(log), "--latency-ms", str(LATENCY_MS))
        self.start()

    def start(self) -> None:
        self._process = start("benchmarks.faults.server", *self._arguments)
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise RuntimeError("the model server did not start")

    def kill(self) -> None:
        kill(self._process)


class DaskCluster:
    """A scheduler and two workers with nannies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._nannies: list[subprocess.Popen[bytes]] = []

    def ready(self) -> None:
        """Start what is not there, and wait for the workers."""
        self.restore()
        try:
            self._wait(_STARTED / 3)
        except TimeoutError:
            # A nanny whose worker is killed while it starts may give up.
            self.kill_all()
            self.restore()
            self._wait(_STARTED)

    def _wait(self, seconds: float) -> None:
        with Client(self.address, timeout=_STARTED) as client:
            client.wait_for_workers(2, timeout=seconds)

    def restore(self) -> None:
        """Start what is not there. Workers whose scheduler has gone are started anew."""
        if self._scheduler is None:
            for nanny in self._nannies:
                kill(nanny)
            self._nannies = []
            self._scheduler = start(
                *("dask", "scheduler", "--host", "127.0.0.1", "--port", str(self._port), "--no-dashboard"),
                cwd=self._folder,
            )
        while len(self._nannies) < 2:
            self._nannies.append(
                start(
                    *("dask", "worker", self.address, "--host", "127.0.0.1", "--nworkers", "1", "--nthreads", "2"),
                    *("--no-dashboard", "--local-directory", str(self._folder)),
                    cwd=self._folder,
                )
            )

    def kill_worker(self, rng: random.Random) -> None:
        """Kill one worker; its nanny starts another, or dies with it."""
        nanny = rng.choice(self._nannies)
        if rng.random() < 0.3:
            self._nannies.remove(nanny)
            kill(nanny)
            return
        for child in psutil.Process(nanny.pid).children():
            if "spawn_main" in " ".join(child.cmdline()):
                child.kill()

    def kill_scheduler(self) -> None:
        if self._scheduler is not None:
            kill(self._scheduler)
            self._scheduler = None

    def kill_all(self) -> None:
        self.kill_scheduler()
        for nanny in self._nannies:
            kill(nanny)
        self._nannies = []
