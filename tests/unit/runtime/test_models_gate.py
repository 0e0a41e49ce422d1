"""What one call of a client learns of its server, all calls keep to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any

import pytest

from apwa_runtime.models.gate import REFUSALS, STORM
from apwa_runtime.models.openai import OpenAIClient
from apwa_runtime.models.protocol import Message, ModelError, Request
from tests.support.model_server import Running, model_server


def request(prompt: str) -> Request:
    return Request((Message("user", prompt),))


def through(server: Running, work: Any, **settings: Any) -> Any:
    async def run() -> Any:
        client = OpenAIClient("test", server.url, **settings)
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(run())


async def ended(*work: Coroutine[Any, Any, Any]) -> list[Any]:
    return await asyncio.gather(*work, return_exceptions=True)


@pytest.mark.parametrize("fault", ["429", "503", "429-ms"])
def test_a_named_time_is_kept_by_every_call_of_the_client(fault: str) -> None:
    async def work(client: OpenAIClient) -> None:
        refused = await ended(*(client.complete(request(f"[fault {fault}]")) for _ in range(REFUSALS)))
        assert all("answered" in str(error) for error in refused)
        await asyncio.gather(*(client.complete(request(f"other {n}")) for n in range(8)))

    with model_server(retry_after=0.6, latency=0.05) as server:
        through(server, work, concurrency=8)
        times = [seen["at"] for seen in server.requests()]
    assert len(times) == REFUSALS + 8
    assert times[REFUSALS] - times[0] >= 0.6
    # Of eight places three are left, and the others follow as answers come.
    assert times[REFUSALS + 3] - times[REFUSALS] >= 0.04


def test_a_call_sent_away_alone_holds_up_nobody_else() -> None:
    async def work(client: OpenAIClient) -> list[Any]:
        texts = (text for n in range(20) for text in (f"[fault 429] {n}", f"a {n}", f"b {n}"))
        return await ended(*(client.complete(request(text)) for text in texts))

    with model_server(retry_after=60) as server:
        results = through(server, work, concurrency=4)
    assert [isinstance(result, ModelError) for result in results] == [True, False, False] * 20


def test_a_refusal_without_a_time_holds_up_nobody_else() -> None:
    async def work(client: OpenAIClient) -> list[Any]:
        return await ended(*(client.complete(request(text)) for text in ("[fault 500]", "[fault 408]", "a", "b")))

    with model_server() as server:
        results = through(server, work)
    assert [isinstance(result, ModelError) for result in results] == [True, True, False, False]


@pytest.mark.parametrize("fault", ["500", "reset"])
def test_an_endpoint_that_fails_every_call_is_tried_by_one_for_all(fault: str) -> None:
    """400 calls that each try three times would be 1,200 requests."""

    async def patient(client: OpenAIClient, number: int) -> str:
        for _ in range(3):
            try:
                return (await client.complete(request(f"call {number}"))).text
            except ModelError as error:
                said = str(error)
        return said

    async def work(client: OpenAIClient) -> list[str]:
        return await asyncio.gather(*(patient(client, number) for number in range(400)))

    with model_server(faults=[fault]) as server:
        said = through(server, work, concurrency=32)
        stats = server.stats()
    assert all("answered 500" in text or "lost the connection" in text for text in said)
    assert STORM <= stats["requests"] < 120


def test_a_server_that_comes_back_is_found_again() -> None:
    async def work(client: OpenAIClient) -> list[Any]:
        first = await ended(*(client.complete(request(f"[fault 500 once] {n}")) for n in range(40)))
        assert all(isinstance(result, ModelError) for result in first)
        return await ended(*(client.complete(request(f"[echo well {n}]")) for n in range(40)))

    with model_server() as server:
        results = through(server, work, concurrency=8)
    assert [result.text for result in results] == [f"well {n}" for n in range(40)]


def test_a_cancelled_call_that_waits_at_the_gate_takes_no_place() -> None:
    async def work(client: OpenAIClient) -> str:
        with pytest.raises(ModelError):
            await client.complete(request("[fault 429]"))
        waiting = asyncio.create_task(client.complete(request("never sent")))
        await asyncio.sleep(0)
        waiting.cancel()
        assert isinstance((await ended(waiting))[0], asyncio.CancelledError)  # type: ignore[arg-type]
        return (await client.complete(request("[echo sent]"))).text

    with model_server(retry_after=0.2) as server:
        assert through(server, work, concurrency=1) == "sent"
        assert "never sent" not in json.dumps(server.requests())
