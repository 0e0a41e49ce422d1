"""What a model call costs, against a bare aiohttp loop on the same server in the same run.

``python -m benchmarks.calls [--calls 10000] [--latency-ms 20] [--concurrency 256] [--rounds 3]``

The server is a process of its own. ``bare`` posts with aiohttp, reads and decodes the body; ``client`` is our client
alone; ``body`` is all that a worker does for a prompt: render, encode, ask, read, validate. Wall time depends on how
many cores client and server share; microseconds of CPU of this process are the number to watch.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time

import aiohttp

from apwa_compiler.plan import Prompt, Task
from apwa_lang.semantics.types import INT, STR, Choice, Field, RecordType
from apwa_runtime.bodies.prompt import PromptBody
from apwa_runtime.bodies.protocol import Call, Done, Outcome
from apwa_runtime.event_loop import EventLoopThread
from apwa_runtime.models.openai import OpenAIClient
from apwa_runtime.models.protocol import Message, Request
from apwa_runtime.values.json_schema import json_schema
from tests.support.model_server import model_server

NOTE = RecordType("Note", (Field("id", INT), Field("text", STR)))
TRIAGE = RecordType("Triage", (Field("ward", STR), Field("severity", Choice(("low", "high"))), Field("days", INT)))
TEMPLATE = "Classify note {{ note.id }}: {{ note.text }}"
TASK = Task("triage", (("note", NOTE),), TRIAGE, Prompt(TEMPLATE, ("server",)))
SCHEMA = json_schema(TRIAGE)
TEXT = "the patient slept well and ate little. " * 3


def prompt(number: int) -> str:
    return f"Classify note {number}: {TEXT}"


def client_of(url: str, concurrency: int) -> OpenAIClient:
    return OpenAIClient("test", url, api_key="key", concurrency=concurrency, temperature=0, seed=1)


async def bare(url: str, calls: int, concurrency: int) -> None:
    numbers = iter(range(calls))
    headers = {"Authorization": "Bearer key"}
    form = {"type": "json_schema", "json_schema": {"name": "triage", "strict": True, "schema": SCHEMA}}
    connector = aiohttp.TCPConnector(limit=concurrency)

    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def feed() -> None:
            for number in numbers:
                messages = [{"role": "user", "content": prompt(number)}]
                body = {"model": "test", "temperature": 0, "seed": 1, "messages": messages, "response_format": form}
                async with session.post(f"{url}/chat/completions", json=body) as response:
                    whole = json.loads(await response.read())
                assert "severity" in json.loads(whole["choices"][0]["message"]["content"])

        await asyncio.gather(*(feed() for _ in range(concurrency)))


async def client(url: str, calls: int, concurrency: int) -> None:
    asked = client_of(url, concurrency)
    numbers = iter(range(calls))

    async def feed() -> None:
        for number in numbers:
            answer = await asked.complete(Request((Message("user", prompt(number)),), SCHEMA))
            assert "severity" in json.loads(answer.text)

    await asyncio.gather(*(feed() for _ in range(concurrency)))
    await asked.close()


def body(url: str, calls: int, concurrency: int) -> None:
    loop = EventLoopThread()
    asked = client_of(url, concurrency)
    prompts = PromptBody(TASK, TASK.body, {"server": asked}, loop)
    done = 0

    def finish(call: Call, outcome: Outcome) -> None:
        nonlocal done
        assert isinstance(outcome, Done), outcome
        done += 1

    arguments = ({"note": {"id": number, "text": TEXT}} for number in range(calls))
    prompts.run([Call(n, given, given) for n, given in enumerate(arguments)], lambda _, value: value, finish)
    loop.run(asked.close())
    loop.close()
    assert done == calls


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of a model call.")
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--latency-ms", type=float, default=20)
    parser.add_argument("--concurrency", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    size = (given.calls, given.concurrency)
    best: dict[str, tuple[float, float]] = {}
    with model_server(latency=given.latency_ms / 1000, record=0) as server:
        for _ in range(given.rounds):
            for name in ("bare", "client", "body"):
                wall, cpu = time.perf_counter(), time.process_time()
                match name:
                    case "bare":
                        asyncio.run(bare(server.url, *size))
                    case "client":
                        asyncio.run(client(server.url, *size))
                    case _:
                        body(server.url, *size)
                wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
                before = best.get(name, (wall, cpu))
                best[name] = (min(wall, before[0]), min(cpu, before[1]))
    print(f"{given.calls} calls, {given.latency_ms:g} ms, {given.concurrency} at a time")
    for name, (wall, cpu) in best.items():
        each, share = cpu / given.calls * 1e6, cpu / best["bare"][1]
        print(f"{name:7}{given.calls / wall:7.0f} calls/s wall {each:7.1f} µs of CPU a call, {share:5.2f} of bare")


if __name__ == "__main__":
    main()
