"""The official ``openai`` client: one ``AsyncOpenAI``, a bounded feed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI

from benchmarks.rivals import task_of
from benchmarks.work import MODEL, RESPONSE_FORMAT, label, messages, read_notes, write_labels


async def main() -> None:
    url, concurrency = task_of()
    notes = list(read_notes(Path()))
    labels: list[Any] = [None] * len(notes)
    waiting = iter(enumerate(notes))
    async with AsyncOpenAI(base_url=url, api_key="none", timeout=30) as client:

        async def feed() -> None:
            for place, note in waiting:
                answer = await client.chat.completions.create(
                    model=MODEL, messages=messages(note), response_format=RESPONSE_FORMAT
                )
                labels[place] = label(note, answer.choices[0].message.content)

        await asyncio.gather(*(feed() for _ in range(concurrency)))
    write_labels(Path(), labels)


asyncio.run(main())
