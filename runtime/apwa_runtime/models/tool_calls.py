"""What messages say to servers; how tools are offered to a model, and how its calls of them are read.

In: a request with tools. Out: parts of the body of a chat completion; the calls in an answer. A server that knows tools
is given them as they are. To any other model a call is a JSON object, which it may give in place of its answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apwa_runtime.media import Part
from apwa_runtime.models.protocol import Answer, Message, Request, ToolCall, ToolSpec

_HOW = (
    "You have tools. Answer with one JSON object and nothing else: "
    '{"tool": NAME, "arguments": {…}} to use a tool, whose result you are then told, '
    'or {"answer": …} when you are done.\nTools:\n'
)
_START = json.JSONDecoder()

Schema = dict[str, object]


def functions(tools: Sequence[ToolSpec]) -> list[dict[str, object]]:
    """Tools as servers take them."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
        }
        for tool in tools
    ]


def content_of(message: Message) -> object:
    """What a message says: a text, or texts and files."""
    return [_part(part) for part in message.parts] if message.parts else message.content


def turn(message: Message) -> dict[str, object]:
    """A message for a server that knows tools."""
    if message.answers is not None:
        return {"role": "tool", "tool_call_id": message.answers.id, "content": message.content}
    made: dict[str, object] = {"role": message.role, "content": content_of(message)}
    if message.calls:
        made["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.calls
        ]
    return made


def read_calls(calls: Sequence[Any]) -> tuple[ToolCall, ...]:
    """The calls in the message of a server. Raises LookupError, TypeError or AttributeError."""
    return tuple(
        ToolCall(
            str(call.get("id") or f"call_{number}"),
            str(call["function"]["name"]),
            given if isinstance(given := call["function"]["arguments"], str) else json.dumps(given),
        )
        for number, call in enumerate(calls)
    )


def told(request: Request) -> tuple[Message, ...]:
    """The messages for a model that knows no tools: they are explained to it, and so is the schema of its answer."""
    listed = "\n".join(
        json.dumps({"name": tool.name, "description": tool.description, "parameters": tool.parameters})
        for tool in request.tools
    )
    wanted = "The answer is a text." if request.schema is None else _must(request.schema)
    how = f"{_HOW}{listed}\n{wanted}"
    messages = [_plain(message) for message in request.messages]
    if messages and messages[0].role == "system":
        return (Message("system", f"{messages[0].content}\n\n{how}"), *messages[1:])
    return (Message("system", how), *messages)


def call_or_answer(request: Request) -> Schema:
    """The schema of what such a model may say."""
    calls: list[Schema] = [
        _object(tool={"type": "string", "const": tool.name}, arguments=tool.parameters) for tool in request.tools
    ]
    return {"anyOf": [*calls, _object(answer=request.schema or {"type": "string"})]}


def untold(answer: Answer, request: Request) -> Answer:
    """What such a model has said: a call, or its answer. Text that is neither stays as it is."""
    said = _first_object(answer.text)
    if said is not None and isinstance(said.get("tool"), str):
        call = ToolCall("call", said["tool"], json.dumps(said.get("arguments", {})))
        return replace(answer, text="", calls=(call,))
    if said is not None and "answer" in said:
        value = said["answer"]
        plain = request.schema is None and isinstance(value, str)
        return replace(answer, text=value if plain else json.dumps(value))
    return answer


def _part(part: Part) -> dict[str, object]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    data = f"data:{part.type};base64,{part.base64}"
    match part.kind:
        case "image":
            return {"type": "image_url", "image_url": {"url": data}}
        case "audio":
            format = "wav" if part.type == "audio/wav" else "mp3"
            return {"type": "input_audio", "input_audio": {"data": part.base64, "format": format}}
        case _:
            return {"type": "file", "file": {"filename": "file.pdf", "file_data": data}}


def _must(schema: Schema) -> str:
    return f"The answer must satisfy this JSON schema:\n{json.dumps(schema)}"


def _plain(message: Message) -> Message:
    if message.answers is not None:
        return Message("user", f"Result of `{message.answers.name}`:\n{message.content}")
    if message.calls:
        (call, *_) = message.calls
        return Message("assistant", f'{{"tool": {json.dumps(call.name)}, "arguments": {call.arguments}}}')
    return message


def _object(**properties: object) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _first_object(text: str) -> dict[str, Any] | None:
    start = text.find("{")
    if start < 0:
        return None
    try:
        found, _ = _START.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
