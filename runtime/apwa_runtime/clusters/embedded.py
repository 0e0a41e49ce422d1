"""A scheduler and one worker inside this process, with no socket that anyone could connect to.

In: a number of threads. Out: a running cluster. What its parts say to each other stays in this process' memory, and
Dask's HTTP servers, which always listen somewhere, are not started.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dask
from distributed import Scheduler, SpecCluster, Worker

# Batches in flight on each core: the long tail of one batch is filled by the next.
_THREADS_PER_CORE = 2
_ADDRESS = "inproc://"


# An embedded cluster shares its interpreter lock with the work: what it measures of itself costs more than it tells.
_QUIET = {
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "60s",
    "distributed.scheduler.work-stealing": False,
}


class _Unserved:
    def start_http_server(self, *arguments: object, **options: object) -> None:
        """Serve nothing."""


class _Scheduler(_Unserved, Scheduler):
    pass


class _Worker(_Unserved, Worker):
    pass


@contextmanager
def embedded(threads: int | None) -> Iterator[Any]:
    """A cluster in this process, by default with two threads a core."""
    cores = os.cpu_count() or 1
    worker = {
        "protocol": _ADDRESS,
        "nthreads": threads or cores * _THREADS_PER_CORE,
        "resources": {"CPU": cores, "MEMORY": _memory()},
        "memory_limit": 0,
        "dashboard": False,
    }
    with (
        dask.config.set(_QUIET),
        SpecCluster(
            scheduler={"cls": _Scheduler, "options": {"protocol": _ADDRESS, "dashboard": False}},
            workers={"embedded": {"cls": _Worker, "options": worker}},
            silence_logs="error",
        ) as cluster,
    ):
        yield cluster


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
