"""How much a model call costs: our client against a bare aiohttp loop, on the same server in the same run.

``python -m benchmarks.calls [--calls 10000] [--latency-ms 20] [--concurrency 256] [--rounds 3]``

The server is a process of its own. Both clients send the same bytes. The bare loop reads the body and parses nothing;
ours returns the answer, which is parsed once more, and has twice as many callers as slots, so that half of them queue
at its semaphore. Wall time depends on how many cores client and server share, CPU time of this process does not: calls
per CPU second is the number to watch.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import aiohttp

from apwa_runtime.models.openai import OpenAIClient
from apwa_runtime.models.protocol import Message, Request
from apwa_runtime.models.structured import Bodies
from tests.support.model_server import model_server

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"ward": {"type": "string"}, "severity": {"enum": ["low", "high"]}, "days": {"type": "integer"}},
    "required": ["ward", "severity", "days"],
    "additionalProperties": False,
}


def request(number: int) -> Request:
    return Request((Message("user", f"Classify note {number}: the patient slept well and ate little. " * 3),), SCHEMA)


async def ours(url: str, calls: int, concurrency: int) -> None:
    client = OpenAIClient("test", url, api_key="key", concurrency=concurrency, temperature=0, seed=1)

    numbers = iter(range(calls))

    async def feed() -> None:
        for number in numbers:
            answer = await client.complete(request(number))
            assert "severity" in json.loads(answer.text)

    await asyncio.gather(*(feed() for _ in range(2 * concurrency)))
    await client.close()


async def bare(url: str, calls: int, concurrency: int) -> None:
    bodies = Bodies({"model": "test", "temperature": 0, "seed": 1}, "schema")
    numbers = iter(range(calls))
    headers = {"Content-Type": "application/json", "Authorization": "Bearer key"}
    connector = aiohttp.TCPConnector(limit=concurrency)

    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def feed() -> None:
            for number in numbers:
                async with session.post(f"{url}/chat/completions", data=bodies.encode(request(number))) as response:
                    assert await response.read()

        await asyncio.gather(*(feed() for _ in range(concurrency)))


async def timed(
    run: Callable[[str, int, int], Awaitable[None]], url: str, calls: int, slots: int
) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    await run(url, calls, slots)
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of a model call.")
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--latency-ms", type=float, default=20)
    parser.add_argument("--concurrency", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    best: dict[str, tuple[float, float]] = {}
    with model_server(latency=given.latency_ms / 1000, record=0) as server:
        for _ in range(given.rounds):
            for run in (bare, ours):
                wall, cpu = asyncio.run(timed(run, server.url, given.calls, given.concurrency))
                before = best.get(run.__name__, (wall, cpu))
                best[run.__name__] = (min(wall, before[0]), min(cpu, before[1]))
        stats = server.stats()
    print(
        f"{given.calls} calls, {given.latency_ms:g} ms, {given.concurrency} at a time (saw {stats['max_concurrent']})"
    )
    for name, (wall, cpu) in best.items():
        print(f"{name:5} {given.calls / wall:7.0f} calls/s wall   {given.calls / cpu:7.0f} calls/s CPU")
    print(f"ours : bare = {best['bare'][0] / best['ours'][0]:.2f} wall, {best['bare'][1] / best['ours'][1]:.2f} CPU")


if __name__ == "__main__":
    main()
