"""A bare aiohttp loop: one session, a bounded feed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.rivals import task_of
from benchmarks.work import label_from, read_notes, request, write_labels


async def main() -> None:
    url, concurrency = task_of()
    notes = list(read_notes(Path()))
    labels: list[Any] = [None] * len(notes)
    waiting = iter(enumerate(notes))
    timeout = aiohttp.ClientTimeout(total=30)
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def feed() -> None:
            for place, note in waiting:
                async with session.post(f"{url}/chat/completions", json=request(note)) as response:
                    response.raise_for_status()
                    labels[place] = label_from(note, await response.read())

        await asyncio.gather(*(feed() for _ in range(concurrency)))
    write_labels(Path(), labels)


asyncio.run(main())
