"""Servers that speak the Anthropic messages API.

A schema is asked for by a tool that the model must use; an agent may use its own tools first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from apwa_runtime.media import Part
from apwa_runtime.models.protocol import (
    Answer,
    CutOffError,
    Message,
    PermanentError,
    Request,
    ToolCall,
    TransientError,
)
from apwa_runtime.models.server import DEFAULT_TIMEOUT, ServerClient, endpoint
from apwa_runtime.models.structured import excerpt, tokens

VERSION = "2023-06-01"
DEFAULT_MAX_TOKENS = 4096
"""The longest answer, where a model does not say; the API wants a number."""
_DONE = "Give the answer."


class AnthropicClient(ServerClient):
    """One model of one server, used from one event loop. ``timeout`` in seconds.

    Raises ModelSetupError where a setting makes no sense.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        api_key: str | None = None,
        concurrency: int = 64,
        timeout: float = DEFAULT_TIMEOUT,
        temperature: float | None = None,
        max_tokens: int | None = None,
        headers: Mapping[str, str] | None = None,
        proxy: str | None = None,
    ) -> None:
        settings: dict[str, object] = {"model": name, "max_tokens": max_tokens or DEFAULT_MAX_TOKENS}
        if temperature is not None:
            settings["temperature"] = temperature
        super().__init__(
            endpoint(base_url, "/messages"),
            Messages(settings),
            {"anthropic-version": VERSION, **({"x-api-key": api_key} if api_key else {})},
            api_key=api_key,
            declared=headers or {},
            concurrency=concurrency,
            timeout=timeout,
            proxy=proxy,
        )


class Messages:
    """Requests and answers of the messages API, for a model with these constant ``settings``."""

    def __init__(self, settings: Mapping[str, object]) -> None:
        self._settings = dict(settings)

    def encode(self, request: Request) -> bytes:
        """The body of a request, as UTF-8 JSON. Raises PermanentError where it shows what cannot be sent."""
        body: dict[str, object] = dict(self._settings)
        system = "\n\n".join(message.content for message in request.messages if message.role == "system")
        if system:
            body["system"] = system
        body["messages"] = _turns(message for message in request.messages if message.role != "system")
        tools = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
            for tool in request.tools
        ]
        if request.schema is not None:
            answer = {"name": request.schema_name, "description": _DONE, "input_schema": request.schema}
            body["tool_choice"] = {"type": "any"} if tools else {"type": "tool", "name": request.schema_name}
            tools.append(answer)
        if tools:
            body["tools"] = tools
        return json.dumps(body).encode()

    def read(self, whole: Any, request: Request, seconds: float) -> Answer:
        """The answer in a decoded message.

        Raises TransientError where there is no answer, PermanentError where the model refused, CutOffError where it was
        cut off.
        """
        try:
            blocks, stopped = whole["content"], whole.get("stop_reason")
            usage = whole.get("usage")
            read, wrote = tokens(usage, "input_tokens"), tokens(usage, "output_tokens")
            text = "".join(block["text"] for block in blocks if block["type"] == "text")
            calls = tuple(
                ToolCall(str(block["id"]), str(block["name"]), json.dumps(block["input"]))
                for block in blocks
                if block["type"] == "tool_use"
            )
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise TransientError("the server's answer holds no message") from error
        if stopped == "refusal":
            raise PermanentError(f"the model refused: {excerpt(text)}")
        if stopped == "max_tokens":
            raise CutOffError(
                f"the answer was cut off after {wrote} tokens: raise `max_tokens`, or ask for a shorter answer"
            )
        others = tuple(call for call in calls if call.name != request.schema_name)
        if request.schema is not None and calls and not others:
            return Answer(calls[-1].arguments, read, wrote, seconds)
        if not others and not text and not blocks:
            raise TransientError("the server's answer holds no text")
        return Answer(text, read, wrote, seconds, others)


def _turns(messages: Iterable[Message]) -> list[dict[str, object]]:
    """Turns in which the sides alternate; results of tools are the user's."""
    turns: list[tuple[str, list[dict[str, object]]]] = []
    for message in messages:
        role = "assistant" if message.role == "assistant" else "user"
        if not turns or turns[-1][0] != role:
            turns.append((role, []))
        blocks = turns[-1][1]
        if message.answers is not None:
            blocks.append({"type": "tool_result", "tool_use_id": message.answers.id, "content": message.content})
        else:
            blocks.extend(map(_block, message.parts or filter(None, (message.content,))))
        for call in message.calls:
            blocks.append({"type": "tool_use", "id": call.id, "name": call.name, "input": _input(call.arguments)})
    return [{"role": role, "content": blocks} for role, blocks in turns]


def _block(part: Part) -> dict[str, object]:
    """A text or a file. Raises PermanentError for a sound."""
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if part.kind == "audio":
        raise PermanentError("models of provider `anthropic` cannot be shown recordings")
    source = {"type": "base64", "media_type": part.type, "data": part.base64}
    return {"type": "image" if part.kind == "image" else "document", "source": source}


def _input(arguments: str) -> object:
    try:
        found = json.loads(arguments)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
