"""Where the work runs: a cluster inside this process, or one that exists already.

In: the options of a run. Out: a Dask client, and the answer to whether each demanded resource can be had. Everything an
embedded cluster opens listens on the loopback interface only.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dask
from distributed import Client, LocalCluster, SchedulerPlugin

from apwa_compiler.plan import Plan
from apwa_runtime.errors import RunError

# Batches in flight on each core: the long tail of one batch is filled by the next.
_THREADS_PER_CORE = 2

# An embedded cluster shares its interpreter lock with the work: what it measures of itself costs more than it tells.
_QUIET = {
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "60s",
    "distributed.scheduler.work-stealing": False,
}


@dataclass(frozen=True)
class Cluster:
    """A client, how many workers it has, and how many batches they run at a time."""

    client: Any
    workers: int
    slots: int
    embedded: bool

    def addresses(self) -> list[str]:
        """The workers there are now."""
        return list(self.client.nthreads())


class LostOnce(SchedulerPlugin):
    """Lets a task of a run fail as soon as its worker dies.

    Dask would run it again, whole, up to ``allowed-failures`` times; the driver knows what of it has finished.
    """

    def __init__(self, run_id: str) -> None:
        self.name = f"apwa-lost-once-{run_id}"
        self._prefix = f"{run_id}/"

    def update_graph(self, scheduler: Any, *, tasks: list[Any], **more: Any) -> None:
        """Count new tasks of the run as suspicious already."""
        for key in tasks:
            if isinstance(key, str) and key.startswith(self._prefix):
                scheduler.tasks[key].suspicious = scheduler.allowed_failures


@contextmanager
def open_cluster(scheduler: str | None, workers: int | None) -> Iterator[Cluster]:
    """Connect to ``scheduler``, or start a cluster in this process of ``workers`` threads.

    Raises RunError when the scheduler does not answer.
    """
    if scheduler:
        with _connect(scheduler) as client:
            yield Cluster(client, *_size(client), embedded=False)
        return
    cores = os.cpu_count() or 1
    with (
        dask.config.set(_QUIET),
        LocalCluster(
            n_workers=1,
            threads_per_worker=workers or cores * _THREADS_PER_CORE,
            processes=False,
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            memory_limit=0,
            resources={"CPU": cores, "MEMORY": _memory()},
            silence_logs="error",
        ) as cluster,
        Client(cluster) as client,
    ):
        yield Cluster(client, *_size(client), embedded=True)


def within(seconds: float, work: Callable[[], object]) -> None:
    """Do ``work`` in a thread of its own and wait so long at most: a cluster that is gone must not hold up the end."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)


def check_feasible(plan: Plan, client: Any) -> None:
    """Raises RunError naming task, demand and best worker when no worker offers what a task needs."""
    workers = client.scheduler_info(n_workers=-1)["workers"]
    if not workers:
        raise RunError("the cluster has no workers; start one with `dask worker SCHEDULER`")
    for task in plan.tasks:
        for name, amount in task.resources:
            offers = {address: info.get("resources", {}).get(name, 0) for address, info in workers.items()}
            best, offered = max(offers.items(), key=lambda offer: offer[1])
            if offered < amount:
                raise RunError(
                    f"task `{task.name}` needs {amount:g} {name}, but no worker offers it: "
                    + (f"the best, {best}, offers {offered:g}" if offered else "none declares any")
                    + f"; start a worker with `dask worker SCHEDULER --resources {name}={amount:g}`",
                    exit_code=1,
                )


def _connect(scheduler: str) -> Any:
    try:
        return Client(scheduler, timeout="10s")
    except (OSError, TimeoutError, ValueError) as error:
        raise RunError(
            f"no Dask scheduler answers at {scheduler} ({error}); is `dask scheduler` running there?"
        ) from None


def _size(client: Any) -> tuple[int, int]:
    """Workers and their threads in all."""
    threads: dict[str, int] = client.nthreads()
    return max(1, len(threads)), max(1, sum(threads.values()))


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
