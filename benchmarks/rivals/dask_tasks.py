"""One Dask task a record: coroutines on a cluster inside the process, with one aiohttp session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
from distributed import Client, LocalCluster, get_worker

from benchmarks.rivals import task_of
from benchmarks.work import label_from, read_notes, request, write_labels

url, concurrency = task_of()


async def open_session(dask_worker: Any) -> None:
    dask_worker.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency))


async def close_session(dask_worker: Any) -> None:
    await dask_worker.session.close()


async def classify(note: dict[str, str]) -> dict[str, Any]:
    async with get_worker().session.post(f"{url}/chat/completions", json=request(note)) as response:
        response.raise_for_status()
        return label_from(note, await response.read())


with (
    LocalCluster(
        n_workers=1,
        threads_per_worker=concurrency,
        processes=False,
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
    ) as cluster,
    Client(cluster) as client,
):
    client.run(open_session)
    labels = client.gather(client.map(classify, list(read_notes(Path())), pure=False))
    client.run(close_session)
write_labels(Path(), labels)
