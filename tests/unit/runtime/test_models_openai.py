"""The OpenAI client against a real server, with every fault."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest

from apwa_runtime.models.openai import OpenAIClient
from apwa_runtime.models.protocol import (
    Answer,
    CutOffError,
    Message,
    ModelSetupError,
    PermanentError,
    Request,
    TransientError,
)
from apwa_runtime.models.server import retry_after
from tests.support.model_server import Running, model_server

T = TypeVar("T")
KEY = "sk-very-secret-9731"
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 18, "maximum": 99}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with model_server(retry_after=7) as running:
        yield running


@pytest.fixture(autouse=True)
def fresh(server: Running) -> None:
    server.reset()


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def request(prompt: str, schema: dict[str, object] | None = SCHEMA, timeout: float | None = None) -> Request:
    return Request((Message("user", prompt),), schema, "person", timeout)


async def complete(url: str, asked: Request, **settings: Any) -> Answer:
    client = OpenAIClient("test", url, **{"api_key": KEY, **settings})
    try:
        return await client.complete(asked)
    finally:
        await client.close()


def ask(server: Running, prompt: str, **settings: Any) -> Answer:
    return run(complete(server.url, request(prompt), **settings))


def test_the_answer_satisfies_the_schema_and_counts_tokens(server: Running) -> None:
    answer = ask(server, "[echo Ada]")
    value = json.loads(answer.text)
    assert value["name"] == "Ada"
    assert 18 <= value["age"] <= 99
    assert answer.input_tokens > 0
    assert answer.output_tokens > 0
    assert answer.seconds > 0


def test_the_request_carries_the_settings_the_schema_and_the_key(server: Running) -> None:
    ask(server, "hello", temperature=0.5, max_tokens=9, seed=3, headers={"X-Team": "blue"})
    [seen] = server.requests()
    assert seen["body"] == {
        "model": "test",
        "temperature": 0.5,
        "max_tokens": 9,
        "seed": 3,
        "messages": [{"role": "user", "content": "hello"}],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "person", "strict": True, "schema": SCHEMA},
        },
    }
    assert f"Authorization: Bearer {KEY}\r\n" in seen["head"]
    assert "X-Team: blue\r\n" in seen["head"]


def test_settings_that_are_not_given_are_not_sent(server: Running) -> None:
    run(complete(server.url, request("hello", None), api_key=None))
    [seen] = server.requests()
    assert set(seen["body"]) == {"model", "messages"}
    assert "uthorization" not in seen["head"]


@pytest.mark.parametrize(
    "text", ['quotes " and \\ back', "line\nbreak", "ünï ☃ 𝄞", "nul \0", "[echo fine] lone \ud800 surrogate"]
)
def test_any_text_arrives_as_it_was(server: Running, text: str) -> None:
    run(complete(server.url, request(text, None)))
    assert server.requests()[0]["body"]["messages"][0]["content"] == text


def test_two_schemas_are_not_mixed_up(server: Running) -> None:
    other: dict[str, object] = {"type": "object", "properties": {"city": {"type": "string"}}}

    async def work() -> list[Answer]:
        client = OpenAIClient("test", server.url)
        answers = [await client.complete(request("x", schema)) for schema in (SCHEMA, other, SCHEMA, None)]
        await client.close()
        return answers

    first, second, third, plain = run(work())
    assert set(json.loads(first.text)) == set(json.loads(third.text)) == {"name", "age"}
    assert set(json.loads(second.text)) == {"city"}
    assert plain.text == "x"


def test_tools_mode_forces_one_function(server: Running) -> None:
    assert json.loads(ask(server, "[echo Ada]", structured="tools").text)["name"] == "Ada"
    [seen] = server.requests()
    assert seen["body"]["tool_choice"] == {"type": "function", "function": {"name": "person"}}
    assert "response_format" not in seen["body"]


@pytest.mark.parametrize("prompt", ["[echo Ada]", "[echo Ada] [fault fenced]"])
def test_text_mode_finds_the_json_in_the_prose(server: Running, prompt: str) -> None:
    assert json.loads(ask(server, prompt, structured="text").text)["name"] == "Ada"
    [seen] = server.requests()
    assert set(seen["body"]) == {"model", "messages"}


def test_text_mode_keeps_one_system_message(server: Running) -> None:
    asked = Request((Message("system", "Be brief."), Message("user", "hello")), SCHEMA)
    run(complete(server.url, asked, structured="text"))
    messages = server.requests()[0]["body"]["messages"]
    assert [message["role"] for message in messages] == ["system", "user"]
    assert messages[0]["content"].startswith("Be brief.")


@pytest.mark.parametrize("oddity", ["chunked", "parts", "drip"])
def test_lawful_oddities_of_servers_are_understood(server: Running, oddity: str) -> None:
    assert json.loads(ask(server, f"[echo Ada] [fault {oddity}]").text)["name"] == "Ada"


def test_a_large_answer_is_read_whole(server: Running) -> None:
    assert len(json.loads(ask(server, "[fault huge]").text)["name"]) == 5_000_000


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("500", "answered 500: status 500"),
        ("503", "answered 503"),
        ("429", "answered 429"),
        ("408", "answered 408"),
        ("reset", "lost the connection"),
        ("truncated", "broke off in the middle"),
        ("malformed", "did not answer in JSON"),
        ("html", "did not answer in JSON"),
        ("empty", "holds no message"),
        ("null", "holds no text"),
    ],
)
def test_what_may_pass_is_transient(server: Running, fault: str, said: str) -> None:
    with pytest.raises(TransientError, match=said):
        ask(server, f"[fault {fault}]")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("400", "answered 400: status 400"),
        ("401", "answered 401"),
        ("403", "answered 403"),
        ("404", "answered 404"),
        ("422", "answered 422"),
        ("302", "a redirect: set `base_url`"),
        ("quota", "exceeded your current quota"),
        ("oversize", "more than 8 MiB"),
        ("refusal", "the model refused: I would rather not"),
        ("filtered", "content filter"),
    ],
)
def test_what_will_not_change_is_permanent(server: Running, fault: str, said: str) -> None:
    with pytest.raises(PermanentError, match=said):
        ask(server, f"[fault {fault}]")


def test_a_cut_answer_says_what_to_raise(server: Running) -> None:
    with pytest.raises(CutOffError, match="raise `max_tokens`"):
        ask(server, "[fault length]")


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_the_time_limit_of_a_request_counts(server: Running, fault: str) -> None:
    asked = request(f"[fault {fault}]", timeout=0.2)
    with pytest.raises(TransientError, match=r"no answer within 0\.2 s"):
        run(complete(server.url, asked))


@pytest.mark.parametrize(("form", "low", "high"), [("429", 7, 7), ("429-ms", 7, 7), ("429-date", 4, 8)])
def test_the_time_that_a_server_names_is_kept(server: Running, form: str, low: float, high: float) -> None:
    with pytest.raises(TransientError) as caught:
        ask(server, f"[fault {form}]")
    assert caught.value.retry_after is not None
    assert low <= caught.value.retry_after <= high


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "2.5"}, 2.5),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-4"}, None),
        ({"Retry-After": "9" * 400}, None),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"Retry-After": "9", "retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "nan"}, None),
    ],
)
def test_odd_times_are_read_or_ignored(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("fault", ["401", "429", "500", "reset", "malformed", "html", "refusal"])
def test_no_message_holds_the_key_or_a_header(server: Running, fault: str) -> None:
    with pytest.raises((TransientError, PermanentError)) as caught:
        ask(server, f"[fault {fault}]", headers={"X-Token": "token-5512"})
    error: BaseException | None = caught.value
    while error is not None:
        assert KEY not in str(error)
        assert "token-5512" not in str(error)
        error = error.__cause__


def test_the_excerpt_of_the_server_is_short_and_scrubbed(server: Running) -> None:
    with pytest.raises(PermanentError) as caught:
        ask(server, "[fault 401]")
    said = str(caught.value).partition("401: ")[2]
    assert said.startswith("status 401 for key *** and more")
    assert len(said) == 300


def test_a_server_that_wants_a_key_gets_it() -> None:
    with model_server(rules=[(".", "x")], api_key=KEY) as server:
        assert ask(server, "hello").text == "x"
        with pytest.raises(PermanentError, match="answered 401"):
            ask(server, "hello", api_key="wrong")


def test_a_user_and_password_in_the_address_stay_out_of_messages() -> None:
    with pytest.raises(TransientError) as caught:
        run(complete(f"http://bob:hunter22@127.0.0.1:{unused_port()}/v1", request("x"), api_key=None))
    assert "hunter22" not in str(caught.value)
    assert "bob" not in str(caught.value)


def test_no_server_is_transient_and_says_where() -> None:
    port = unused_port()
    with pytest.raises(TransientError, match=rf"cannot connect to http://127\.0\.0\.1:{port}"):
        run(complete(f"http://127.0.0.1:{port}/v1", request("x")))


def unused_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def test_concurrency_is_reached_and_never_passed() -> None:
    with model_server(latency=0.05) as server:

        async def work() -> None:
            client = OpenAIClient("test", server.url, concurrency=5)
            await asyncio.gather(*(client.complete(request(f"{n}")) for n in range(40)))
            await client.close()

        run(work())
        stats = server.stats()
    assert stats["outcomes"] == {"200": 40}
    assert stats["max_concurrent"] == 5
    assert stats["connections"] <= 6


def test_waiting_for_a_slot_does_not_use_up_the_time_limit() -> None:
    with model_server(latency=0.2) as server:

        async def work() -> list[Answer]:
            client = OpenAIClient("test", server.url, concurrency=1, timeout=2)
            answers = await asyncio.gather(*(client.complete(request(f"{n}")) for n in range(12)))
            await client.close()
            return answers

        assert len(run(work())) == 12


def test_a_cancelled_call_gives_its_slot_back(server: Running) -> None:
    async def work() -> Answer:
        client = OpenAIClient("test", server.url, concurrency=1)
        hanging = asyncio.create_task(client.complete(request("[fault hang]")))
        while not (await asyncio.to_thread(server.stats))["running"]:
            await asyncio.sleep(0.01)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        answer = await client.complete(request("[echo Ada]"))
        await client.close()
        return answer

    assert "Ada" in run(work()).text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"base_url": "localhost:8000/v1"}, "`base_url` must look like"),
        ({"base_url": "http://[broken"}, "`base_url` must look like"),
        ({"structured": "xml"}, "schema, tools, text"),
        ({"concurrency": 0}, "at least 1"),
        ({"api_key": "two\nlines"}, "`api_key` holds characters"),
        ({"headers": {"X-A": "ü"}}, "header `X-A` holds characters"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelSetupError, match=said):
        OpenAIClient(**{"name": "test", "base_url": "http://localhost/v1", **settings})


@pytest.mark.parametrize("ending", ["", "/", "/chat/completions", "?api-version=3"])
def test_the_address_may_end_in_many_ways(server: Running, ending: str) -> None:
    run(complete(server.url + ending, request("[echo Ada]")))
    assert server.requests()[0]["head"].startswith("POST /v1/chat/completions")
