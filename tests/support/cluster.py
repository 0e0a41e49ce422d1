"""A real Dask cluster on loopback: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class RealCluster:
    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)


@contextmanager
def real_cluster(
    folder: Path, workers: Sequence[Mapping[str, float]], env: Mapping[str, str] | None = None
) -> Iterator[RealCluster]:
    """One worker process for each mapping of resources; worker ``n`` has ``WORKER_NAME=worker-n`` set."""
    file = folder / "scheduler.json"
    scheduler = _start(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
    )
    cluster = RealCluster("", scheduler)
    try:
        cluster.address = str(_when_written(file, scheduler)["address"])
        for number, resources in enumerate(workers):
            offered = [f"{name}={amount:g}" for name, amount in resources.items()]
            cluster.workers.append(
                _start(
                    *("worker", cluster.address, "--host", "127.0.0.1", "--nworkers", "1", "--nthreads", "2"),
                    *("--no-nanny", "--no-dashboard", "--local-directory", str(folder)),
                    *(("--resources", " ".join(offered)) if offered else ()),
                    env={**(env or {}), "WORKER_NAME": f"worker-{number}"},
                )
            )
        _wait_for_workers(cluster.address, len(workers))
        yield cluster
    finally:
        for process in (*cluster.workers, scheduler):
            process.kill()
        for process in (*cluster.workers, scheduler):
            process.wait()


def _start(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _when_written(file: Path, process: subprocess.Popen[bytes], seconds: float = 60) -> dict[str, object]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            content: dict[str, object] = json.loads(file.read_text())
            return content
        except (FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.05)
    raise TimeoutError("the scheduler did not start")


def _wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, timeout="30s") as client:
        client.wait_for_workers(count, timeout=60)
