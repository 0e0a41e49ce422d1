"""Deterministic answers to chat completion requests.

In: a request body of the OpenAI chat API. Out: the text a well-behaved model would answer. A JSON schema is filled:
strings repeat the prompt, numbers and booleans hash it, enums give their first member. A file in the prompt is a text
there, ``<image/png 67 bytes 1f2e3d4c>``, with the start of its sha256. The prompt steers with
directives: ``[echo TEXT]`` is what strings say, ``[set FIELD=JSON]`` is the value of every field of that name. An agent
first makes each ``[call TOOL {ARGUMENTS}]``, one a turn, and ``[loop TOOL {ARGUMENTS}]`` for ever; with ``[told]``
strings say what the last tool has told it.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from zlib import crc32

from tests.support.anthropic_form import from_chat

ECHO = re.compile(r"\[echo ([^\]]*)\]")
SET = re.compile(r"\[set (\w+)=([^\]]*)\]")
CALL = re.compile(r"\[(call|loop) (\S+) ?(\{.*?\}|)\]")
TOLD = "Result of `"
EXCERPT = 80

Json = dict[str, Any]


def content_text(content: Any) -> str:
    """The text of a message's content, which may be a list of parts."""
    if isinstance(content, list):
        return "".join(map(part_text, content))
    return str(content or "")


def part_text(part: Json) -> str:
    """The text of a part of a message; of a file, what it is."""
    file = file_of(part)
    if file is None:
        return str(part.get("text", ""))
    kind, data = file
    return f"<{kind} {len(data)} bytes {sha256(data).hexdigest()[:8]}>"


def file_of(part: Json) -> tuple[str, bytes] | None:
    """The media type and the bytes of a part that shows a file."""
    match part["type"]:
        case "image_url":
            said = part["image_url"]["url"]
        case "file":
            said = part["file"]["file_data"]
        case "input_audio":
            sound = part["input_audio"]
            said = f"data:audio/{sound['format']};base64,{sound['data']}"
        case _:
            return None
    kind, _, data = said.removeprefix("data:").partition(";base64,")
    return kind, b64decode(data, validate=True)


def prompt_of(body: Json) -> str:
    """The first user message: what stays the same when a conversation grows."""
    return next((content_text(m["content"]) for m in body.get("messages", ()) if m["role"] == "user"), "")


def schema_of(body: Json) -> Json | None:
    """The schema of the answer, from ``response_format``, the first tool, or a line of the system message."""
    form = body.get("response_format")
    if form and form.get("type") == "json_schema":
        return dict(form["json_schema"]["schema"])
    if body.get("tools") and body.get("tool_choice"):
        return dict(forced(body)["parameters"])
    for message in body.get("messages", ()):
        if message["role"] == "system":
            *_, last = content_text(message["content"]).splitlines()
            if last.startswith("{") and last.endswith("}"):
                return dict(json.loads(last))
    return None


def forced(body: Json) -> Json:
    """The function that gives the answer: the one that is asked for, or the last."""
    return dict(body["tools"][-1 if body["tool_choice"] == "required" else 0]["function"])


def knows_tools_by_text(body: Json) -> bool:
    """Whether the request explains tools in words."""
    return any(m["role"] == "system" and "You have tools." in content_text(m["content"]) for m in body["messages"])


def call_of(body: Json) -> tuple[str, str] | None:
    """The tool that is to be called now, with its arguments."""
    if not body.get("tools") and not knows_tools_by_text(body):
        return None
    script = CALL.findall(prompt_of(body))
    turns = sum(message["role"] == "assistant" for message in body["messages"])
    wanted = script[turns] if turns < len(script) else script[-1] if script and script[-1][0] == "loop" else None
    return (wanted[1], wanted[2] or "{}") if wanted else None


def schema_answer(body: Json) -> str:
    """The answer that fills the request's schema, or the echo where it has none."""
    prompt = prompt_of(body)
    filler = Filler.of(prompt)
    if "[told]" in prompt:
        results = (content_text(m["content"]) for m in body["messages"] if is_result(m))
        filler = replace(filler, echo=[filler.echo, *results][-1].removeprefix(TOLD))
    schema = schema_of(body)
    answer = filler.echo if schema is None else filler.fill(schema, schema, "")
    if knows_tools_by_text(body):
        return json.dumps({"answer": answer}, ensure_ascii=False)
    return answer if schema is None else json.dumps(answer, ensure_ascii=False)


def is_result(message: Json) -> bool:
    """Whether a message tells what a tool has given."""
    return message["role"] == "tool" or content_text(message["content"]).startswith(TOLD)


@dataclass(frozen=True)
class Filler:
    """Fills a schema from one prompt."""

    prompt: str
    echo: str
    values: Json

    @classmethod
    def of(cls, prompt: str) -> Filler:
        echo = ECHO.search(prompt)
        values: Json = {}
        for name, text in SET.findall(prompt):
            try:
                values[name] = json.loads(text)
            except ValueError:
                values[name] = text
        return cls(prompt, echo[1] if echo else prompt.strip()[:EXCERPT], values)

    def fill(self, schema: Json, root: Json, path: str) -> Any:
        """A value that satisfies ``schema``; ``$ref`` is looked up in ``root``."""
        if "$ref" in schema:
            found: Any = root
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            return self.fill(found, root, path)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return self.fill(next(m for m in schema[union] if m.get("type") != "null"), root, path)
        if "allOf" in schema:
            return self.fill(schema["allOf"][0], root, path)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = next(k for k in kind if k != "null")
        return getattr(self, f"_{kind}")(schema, root, path)

    def _object(self, schema: Json, root: Json, path: str) -> Json:
        members = {
            name: self.values[name] if name in self.values else self.fill(member, root, f"{path}.{name}")
            for name, member in schema.get("properties", {}).items()
        }
        rest = schema.get("additionalProperties")
        if not members and isinstance(rest, dict):
            members["key"] = self.fill(rest, root, f"{path}.key")
        return members

    def _array(self, schema: Json, root: Json, path: str) -> list[Any]:
        count = max(schema.get("minItems", 0), min(2, schema.get("maxItems", 2)))
        return [self.fill(schema.get("items", {}), root, f"{path}[{n}]") for n in range(count)]

    def _string(self, schema: Json, root: Json, path: str) -> str:
        seed = self._hash(path)
        formats = {
            "date": f"20{seed % 30:02d}-{seed % 12 + 1:02d}-{seed % 28 + 1:02d}",
            "date-time": f"20{seed % 30:02d}-{seed % 12 + 1:02d}-{seed % 28 + 1:02d}T{seed % 24:02d}:00:00Z",
            "duration": f"PT{seed % 60}S",
            "uuid": f"00000000-0000-4000-8000-{seed:012x}",
        }
        text = formats.get(schema.get("format", ""), self.echo)
        return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", len(text) + 1_000_000)]

    def _integer(self, schema: Json, root: Json, path: str) -> int:
        low = int(schema["minimum"] if "minimum" in schema else schema.get("exclusiveMinimum", -1) + 1)
        high = int(schema["maximum"] if "maximum" in schema else schema.get("exclusiveMaximum", low + 100))
        return low + self._hash(path) % max(1, high - low + ("maximum" in schema))

    def _number(self, schema: Json, root: Json, path: str) -> float:
        low, high = float(schema.get("minimum", 0.0)), float(schema.get("maximum", 1.0))
        return low + (high - low) * (self._hash(path) % 1000) / 1000

    def _boolean(self, schema: Json, root: Json, path: str) -> bool:
        return self._hash(path) % 2 == 0

    def _null(self, schema: Json, root: Json, path: str) -> None:
        return None

    def _hash(self, path: str) -> int:
        return crc32(f"{path}\0{self.prompt}".encode())


def envelope(body: Json, content: Any, finish: str = "stop", refusal: str | None = None) -> bytes:
    """A chat completion around ``content``, as a forced tool call where the request forces one."""
    message: Json = {"role": "assistant", "content": content}
    if refusal:
        message["refusal"] = refusal
    call = call_of(body)
    if call is not None and body.get("tools"):
        made = {"id": f"id{len(body['messages'])}", "type": "function"}
        made["function"] = {"name": call[0], "arguments": call[1]}
        message = {"role": "assistant", "content": None, "tool_calls": [made]}
    elif call is not None:
        message["content"] = f'{{"tool": "{call[0]}", "arguments": {call[1]}}}'
    elif body.get("tools") and body.get("tool_choice") and isinstance(content, str):
        function = {"name": forced(body)["name"], "arguments": content}
        message = {"role": "assistant", "content": None, "tool_calls": [{"type": "function", "function": function}]}
    said = sum(len(content_text(m["content"])) for m in body["messages"])
    usage = {"prompt_tokens": said // 4 + 1, "completion_tokens": len(content or "") // 4 + 1}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    whole = {"id": "chatcmpl-test", "object": "chat.completion", "model": body.get("model"), "choices": [choice]}
    data = json.dumps({**whole, "usage": usage}).encode()
    return from_chat(data) if body.get("form") == "messages" else data
