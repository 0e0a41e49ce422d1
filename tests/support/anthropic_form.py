"""The messages API on top of answers in the chat API's form.

In: the body of a request to ``/v1/messages``. Out: the chat body that means the same; and back, the message for a chat
completion.
"""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

_STOPS = {"stop": "end_turn", "length": "max_tokens"}


def to_chat(body: Json) -> Json:
    """The request in the chat API's form."""
    messages: list[Json] = [{"role": "system", "content": body["system"]}] if "system" in body else []
    for message in body["messages"]:
        content = message["content"]
        if not isinstance(content, str) and any(block["type"] in ("image", "document") for block in content):
            messages.append({"role": message["role"], "content": [part_of(block) for block in content]})
            continue
        for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
            match block["type"]:
                case "text":
                    messages.append({"role": message["role"], "content": block["text"]})
                case "tool_result":
                    messages.append({"role": "tool", "tool_call_id": block["tool_use_id"], "content": block["content"]})
                case "tool_use":
                    function = {"name": block["name"], "arguments": json.dumps(block["input"])}
                    call = {"id": block["id"], "type": "function", "function": function}
                    messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
    chat: Json = {"model": body["model"], "messages": messages}
    if "tools" in body:
        chat["tools"] = [
            {"type": "function", "function": {"name": tool["name"], "parameters": tool["input_schema"]}}
            for tool in body["tools"]
        ]
    choice = body.get("tool_choice", {}).get("type")
    if choice:
        chat["tool_choice"] = "required" if choice == "any" else body["tool_choice"]
    return chat


def part_of(block: Json) -> Json:
    """A part of a chat message for a text, an image or a document."""
    if block["type"] == "text":
        return block
    source = block["source"]
    data = f"data:{source['media_type']};base64,{source['data']}"
    if block["type"] == "image":
        return {"type": "image_url", "image_url": {"url": data}}
    return {"type": "file", "file": {"file_data": data}}


def from_chat(data: bytes) -> bytes:
    """The message in place of a chat completion."""
    whole = json.loads(data)
    choice = whole["choices"][0]
    message = choice["message"]
    blocks: list[Json] = [{"type": "text", "text": message["content"]}] if message.get("content") else []
    for call in message.get("tool_calls", ()):
        function = call["function"]
        name, given = function["name"], json.loads(function["arguments"])
        blocks.append({"type": "tool_use", "id": call.get("id", "toolu_1"), "name": name, "input": given})
    if message.get("refusal"):
        blocks = [{"type": "text", "text": message["refusal"]}]
    stopped = "refusal" if message.get("refusal") else _STOPS.get(choice["finish_reason"], "end_turn")
    usage = whole["usage"]
    tokens = {"input_tokens": usage["prompt_tokens"], "output_tokens": usage["completion_tokens"]}
    made = {"id": "msg_test", "type": "message", "role": "assistant", "model": whole["model"], "content": blocks}
    return json.dumps({**made, "stop_reason": stopped, "usage": tokens}).encode()
