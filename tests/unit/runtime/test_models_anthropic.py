"""The Anthropic messages API: what is sent, and how answers and refusals are read."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from apwa_runtime.models.anthropic import AnthropicClient, Messages
from apwa_runtime.models.protocol import (
    Answer,
    CutOffError,
    Message,
    PermanentError,
    Request,
    ToolCall,
    ToolSpec,
    TransientError,
)
from tests.support.model_server import model_server

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"topic": {"type": "string"}},
    "required": ["topic"],
    "additionalProperties": False,
}
TOOL = ToolSpec("look", "Looks.", {"type": "object", "properties": {"at": {"type": "string"}}})


def asked(request: Request, **settings: Any) -> tuple[Answer, dict[str, Any]]:
    """The answer, and the request as the server saw it."""
    with model_server() as server:
        client = AnthropicClient("claude", server.url, "key-123456", **settings)

        async def work() -> Answer:
            answer = await client.complete(request)
            await client.close()
            return answer

        answer = asyncio.run(work())
        (seen,) = server.requests()
    return answer, seen


def test_text_and_system_message() -> None:
    answer, seen = asked(Request((Message("system", "be kind"), Message("user", "[echo hi]"))), temperature=0.5)
    assert answer.text == "hi"
    assert answer.input_tokens > 0 and answer.output_tokens > 0
    assert seen["body"] == {
        "model": "claude",
        "max_tokens": 4096,
        "temperature": 0.5,
        "system": "be kind",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "[echo hi]"}]}],
    }
    assert "x-api-key: key-123456" in seen["head"]
    assert "anthropic-version: 2023-06-01" in seen["head"]


def test_a_schema_is_a_tool_that_must_be_used() -> None:
    answer, seen = asked(Request((Message("user", "[echo news]"),), SCHEMA, "label"))
    assert json.loads(answer.text) == {"topic": "news"}
    assert answer.calls == ()
    assert seen["body"]["tool_choice"] == {"type": "tool", "name": "label"}


def test_a_conversation_with_tools_alternates() -> None:
    call = ToolCall("toolu_7", "look", '{"at": "x"}')
    messages = (
        Message("user", "[call look {}] [told]"),
        Message("assistant", "", (call,)),
        Message("tool", "found", answers=call),
        Message("user", "go on"),
    )
    answer, seen = asked(Request(messages, SCHEMA, "label", tools=(TOOL,)))
    assert json.loads(answer.text) == {"topic": "found"}
    body = seen["body"]
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert [block["type"] for block in body["messages"][2]["content"]] == ["tool_result", "text"]
    assert body["tool_choice"] == {"type": "any"}
    first, _ = asked(Request(messages[:1], SCHEMA, "label", tools=(TOOL,)))
    assert [one.name for one in first.calls] == ["look"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("refusal", PermanentError),
        ("length", CutOffError),
        ("429", TransientError),
        ("529", TransientError),
        ("401", PermanentError),
        ("malformed", TransientError),
    ],
)
def test_what_goes_wrong_is_an_error_without_the_key(fault: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        asked(Request((Message("user", f"[fault {fault}] some text that is long enough"),)))
    assert "key-123456" not in str(raised.value)


@pytest.mark.parametrize("whole", [{}, [], {"content": None}, {"content": [{"type": "text"}]}, {"content": []}])
def test_a_message_without_an_answer_is_worth_another_try(whole: Any) -> None:
    with pytest.raises(TransientError):
        Messages({}).read(whole, Request(()), 0.0)
