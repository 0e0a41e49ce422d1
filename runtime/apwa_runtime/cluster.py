"""Where the work runs: inside this process, on a scheduler that exists, or on a cluster that is started for the run.

In: the options of a run and the folder of its program, for `apwa.toml`. Out: a Dask client, how much work to have in
flight, and what the workers offer. Dask's configuration files and environment variables hold; `apwa.toml` wins over
them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
from dask._task_spec import Task as DaskTask
from dask.utils import parse_timedelta
from distributed import Client, SchedulerPlugin, WorkerPlugin
from distributed.protocol.pickle import dumps

from apwa_runtime.batches import nothing_left
from apwa_runtime.clusters.embedded import embedded
from apwa_runtime.clusters.named import named
from apwa_runtime.clusters.settings import ClusterSettings, cluster_settings
from apwa_runtime.errors import RunError
from apwa_runtime.patience import within
from apwa_runtime.resources import Offers
from apwa_runtime.versions import shown

__all__ = ["Cluster", "LostOnce", "open_cluster", "within"]

# Seconds for a scheduler to answer; Dask's configuration may say less.
_PATIENCE = 10.0
_EXISTING = 'start a worker with `dask worker SCHEDULER --resources "{resources}"`'


# Dask keeps the last thousand messages of every connection, which here hold whole batches, and thinks them large.
_OF_DASK = {"distributed.admin.low-level-log-length": 0, "distributed.admin.large-graph-warning-threshold": "1TiB"}


@dataclass(frozen=True)
class Cluster:
    """A client, how many workers it has or may get, and how many batches they run at a time.

    ``remedy`` says how to have a worker that offers ``{resources}``. ``adapt`` is to be called when work is there:
    from then on workers may come and go.
    """

    client: Any
    workers: int
    slots: int
    embedded: bool
    remedy: str = _EXISTING
    adapt: Callable[[], None] = lambda: None

    def offers(self) -> Offers:
        """What each worker offers now. Raises RunError where there is none."""
        workers = self.client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            raise RunError("the cluster has no workers; start one with `dask worker SCHEDULER`")
        offered = {shown(info.get("name"), address): info.get("resources", {}) for address, info in workers.items()}
        return Offers(offered, self.remedy)

    @property
    def is_reachable(self) -> bool:
        """Whether there is a scheduler to talk to."""
        return bool(self.client.status == "running")

    def addresses(self) -> list[str]:
        """The workers there are now."""
        return list(self.client.nthreads())


class _Ended(WorkerPlugin):
    """Stands for the plugin of a run that has no driver any more."""

    def __init__(self, name: str) -> None:
        self.name = name


class LostOnce(SchedulerPlugin):
    """Keeps Dask from running a task of a run again, whole, once its worker has died: the driver knows what is left.

    A task that was running fails at once, and not after ``allowed-failures`` workers. One whose result went with the
    worker before the driver had it gives an empty report in its place. Once the driver, which is ``client``, has gone,
    workers that join have no part in its run: its ``plugin`` is not for them.
    """

    _scheduler: Any

    def __init__(self, run_id: str, client: str, plugin: str) -> None:
        self.name = self.name_of(run_id)
        self._prefix = f"{run_id}/"
        self._client = client
        self._plugin = plugin

    @staticmethod
    def name_of(run_id: str) -> str:
        """What the plugin of a run is called."""
        return f"apwa-lost-once-{run_id}"

    async def start(self, scheduler: Any) -> None:
        """Begin on a scheduler."""
        self._scheduler = scheduler

    def transition(self, key: Any, start: str, finish: str, *args: Any, **more: Any) -> None:
        """Replace what is to be run in order to have a lost result again."""
        if start == "memory" and finish == "released" and isinstance(key, str) and key.startswith(self._prefix):
            self._scheduler.tasks[key].run_spec = DaskTask(key, nothing_left)

    def remove_client(self, scheduler: Any, client: str) -> None:
        """Keep the plugin of a driver that has died from workers that join."""
        if client == self._client and self._plugin in scheduler.worker_plugins:
            scheduler.worker_plugins[self._plugin] = dumps(_Ended(self._plugin))

    def update_graph(self, scheduler: Any, *, tasks: list[Any], **more: Any) -> None:
        """Count new tasks of the run as suspicious already."""
        for key in tasks:
            if isinstance(key, str) and key.startswith(self._prefix):
                scheduler.tasks[key].suspicious = scheduler.allowed_failures


@contextmanager
def open_cluster(scheduler: str | None, workers: int | None, name: str | None, folder: Path) -> Iterator[Cluster]:
    """Connect to ``scheduler``, start the cluster ``name``, or one in this process of ``workers`` threads.

    Without any of them the scheduler of Dask's configuration is taken (``DASK_SCHEDULER_ADDRESS``), if it has one.
    Raises RunError when that cannot be done.
    """
    settings = cluster_settings(folder)
    with dask.config.set({**_OF_DASK, **settings.dask}):
        configured = dask.config.get("scheduler-address", None)
        if name:
            yield from _on_named(name, settings)
        elif scheduler or (configured and not workers):
            if not scheduler:
                print(f"on the scheduler at {configured}, which Dask's configuration names", file=sys.stderr)
            yield from _on_existing(scheduler or str(configured))
        else:
            with embedded(workers) as cluster, Client(cluster) as client:
                yield Cluster(client, *_size(client), embedded=True, remedy="this computer has no more")


def _on_named(name: str, settings: ClusterSettings) -> Iterator[Cluster]:
    with named(name, settings) as started, Client(started.cluster) as client:
        workers, threads = _size(client)
        most = max(workers, started.workers)
        remedy = f"have its workers offer {{resources}}, under {settings.place(name)}"
        yield Cluster(client, most, most * threads // workers, False, remedy, started.adapt)


def _on_existing(scheduler: str) -> Iterator[Cluster]:
    with _connect(scheduler) as client:
        yield Cluster(client, *_size(client), embedded=False)


def _connect(scheduler: str) -> Any:
    patience = min(_PATIENCE, parse_timedelta(dask.config.get("distributed.comm.timeouts.connect")))
    try:
        return Client(scheduler, timeout=patience)
    except (OSError, TimeoutError, ValueError) as error:
        reason = f"({error}); is `dask scheduler` running there?"
    except (TypeError, RuntimeError) as error:
        # How Dask says that certificates are missing, or that it is told to encrypt and the address does not.
        reason = f"({error}); for tls:// set `tls_ca_file`, `tls_client_cert` and `tls_client_key` under `[cluster]`"
    raise RunError(f"no Dask scheduler answers at {scheduler} {reason}")


def _size(client: Any) -> tuple[int, int]:
    """Workers and their threads in all."""
    threads: dict[str, int] = client.nthreads()
    return max(1, len(threads)), max(1, sum(threads.values()))
