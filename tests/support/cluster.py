"""A real Dask cluster on loopback: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.forked import Process, start


@dataclass
class RealCluster:
    address: str
    scheduler: Process
    folder: Path
    security: Any = None
    nanny: bool = False
    workers: list[Process] = field(default_factory=list)

    def start_worker(
        self, resources: Mapping[str, float], env: Mapping[str, str] | None = None, hidden: Path | None = None
    ) -> None:
        """A worker process in the folder of the cluster; worker ``n`` has ``WORKER_NAME=worker-n`` and that name.

        It does not see what is in the folder ``hidden``.
        """
        name = f"worker-{len(self.workers)}"
        offered = [f"{name}={amount:.15g}" for name, amount in resources.items()]
        self.workers.append(
            _start(
                *("worker", self.address, "--host", "127.0.0.1", "--nworkers", "1", "--nthreads", "2", "--name", name),
                *("--nanny" if self.nanny else "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder)),
                *(("--resources", " ".join(offered)) if offered else ()),
                env={**(env or {}), "WORKER_NAME": name},
                cwd=self.folder,
                hidden=hidden,
            )
        )

    def wait_for_workers(self) -> None:
        """Until all that were started have joined."""
        from distributed import Client

        with Client(self.address, timeout="30s", security=self.security) as client:
            client.wait_for_workers(len(self.workers), timeout=60)


@contextmanager
def real_cluster(
    folder: Path,
    workers: Sequence[Mapping[str, float]],
    env: Mapping[str, str] | None = None,
    security: Any = None,
    nanny: bool = False,
) -> Iterator[RealCluster]:
    """One worker process for each mapping of resources; all of them, and the scheduler, with ``env``.

    With a ``nanny`` a worker that dies is started again.
    """
    file = folder / "scheduler.json"
    scheduler = _start(
        *("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)), env=env
    )
    cluster = RealCluster("", scheduler, folder, security, nanny)
    try:
        cluster.address = str(_when_written(file, scheduler)["address"])
        for resources in workers:
            cluster.start_worker(resources, env)
        cluster.wait_for_workers()
        yield cluster
    finally:
        if nanny:
            for process in cluster.workers:
                process.terminate()
            for process in cluster.workers:
                process.wait()
        for process in (*cluster.workers, scheduler):
            process.kill()
        for process in (*cluster.workers, scheduler):
            process.wait()


def can_hide() -> bool:
    """Whether a process may be started that does not see some folder."""
    command = ("unshare", "--mount", "--map-root-user", "mount", "-t", "tmpfs", "none", "/mnt")
    return bool(shutil.which("unshare")) and subprocess.run(command, capture_output=True, check=False).returncode == 0


def _start(
    *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None, hidden: Path | None = None
) -> Process:
    if hidden is None:
        return start("-m", "dask", *arguments, cwd=cwd, env=env)
    hide = ("unshare", "--mount", "--map-root-user", "sh", "-c", 'mount -t tmpfs none "$1" && shift && exec "$@"', "sh")
    return subprocess.Popen(
        [*hide, str(hidden), sys.executable, "-m", "dask", *arguments],
        env={**os.environ, **(env or {})},
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _when_written(file: Path, process: Process, seconds: float = 60) -> dict[str, object]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            content: dict[str, object] = json.loads(file.read_text())
            return content
        except (FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.05)
    raise TimeoutError("the scheduler did not start")
