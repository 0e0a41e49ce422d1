"""The body of a chat completion: how a schema is asked for, and how the answer is read.

In: requests; the constant settings of a model. Out: the bytes of the request body, built around parts that are encoded
once; the answer in a response, or a typed error. Manners of asking: ``schema`` (``response_format``), ``tools``
(one forced function), ``text`` (the schema in the system message), and for models in this process ``grammar``, which is
``schema`` where tools are told as with ``text``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from apwa_runtime.models.protocol import Answer, CutOffError, Message, PermanentError, Request, TransientError
from apwa_runtime.models.tool_calls import call_or_answer, content_of, functions, read_calls, told, turn, untold

MANNERS = ("schema", "tools", "text")
KEPT_SCHEMAS = 256
_TOLD = ("text", "grammar")
_DONE = "Give the answer."
INSTRUCTION = "Answer with one JSON value and nothing else. It must satisfy this JSON schema:\n"
_START = json.JSONDecoder()
_MOST_TOKENS = 2**40


class Bodies:
    """Encodes requests for one model. Constant settings are encoded once, schemas once each."""

    def __init__(self, settings: dict[str, object], manner: str) -> None:
        self._open = json.dumps(settings)[:-1] + ', "messages": ['
        self._manner = manner
        self._schemas: dict[int, tuple[dict[str, object], str]] = {}

    def encode(self, request: Request) -> bytes:
        """The request body, as UTF-8 JSON."""
        if request.tools:
            return self._with_tools(request).encode()
        messages, close = request.messages, "]}"
        if request.schema is not None:
            close = self._close(request.schema, request.schema_name)
            if self._manner == "text":
                messages, close = _instructed(messages, close), "]}"
        elif request.grammar is not None and self._manner == "grammar":
            close = f'], "grammar": {json.dumps(request.grammar)}}}'
        turns = [f'{{"role": "{turn.role}", "content": {json.dumps(content_of(turn))}}}' for turn in messages]
        return f"{self._open}{', '.join(turns)}{close}".encode()

    def read(self, whole: Any, request: Request, seconds: float = 0.0) -> Answer:
        """The answer to ``request`` in a decoded chat completion. Raises what :func:`read_answer` does."""
        wants_json = self._manner == "text" and request.schema is not None and not request.tools
        answer = read_answer(whole, wants_json, seconds, calls_tools=bool(request.tools))
        if not request.tools:
            return answer
        if self._manner in _TOLD:
            return untold(answer, request)
        others = tuple(call for call in answer.calls if call.name != request.schema_name)
        if self._manner == "tools" and request.schema is not None and answer.calls and not others:
            return replace(answer, text=answer.calls[-1].arguments, calls=())
        return replace(answer, calls=others)

    def _with_tools(self, request: Request) -> str:
        messages, parts = request.messages, []
        if self._manner in _TOLD:
            messages = told(request)
            if self._manner == "grammar":
                parts.append(_format(call_or_answer(request), request.schema_name))
        else:
            offered = functions(request.tools)
            if request.schema is not None and self._manner == "tools":
                answer = {"name": request.schema_name, "description": _DONE, "parameters": request.schema}
                offered.append({"type": "function", "function": answer})
                parts.append('"tool_choice": "required"')
            elif request.schema is not None:
                parts.append(_format(request.schema, request.schema_name))
            parts.append(f'"tools": {json.dumps(offered)}')
        turns = ", ".join(json.dumps(turn(message)) for message in messages)
        return f"{self._open}{turns}]{''.join(f', {part}' for part in parts)}}}"

    def _close(self, schema: dict[str, object], name: str) -> str:
        """What follows the messages (``text``: what is added to them). The schema is held, so its id stays its own."""
        kept = self._schemas.get(id(schema))
        if kept is None:
            if len(self._schemas) >= KEPT_SCHEMAS:
                self._schemas.clear()
            kept = self._schemas[id(schema)] = (schema, _ask(schema, name, self._manner))
        return kept[1]


def _ask(schema: dict[str, object], name: str, manner: str) -> str:
    if manner == "text":
        return INSTRUCTION + json.dumps(schema)
    if manner == "tools":
        tool = {"type": "function", "function": {"name": name, "strict": True, "parameters": schema}}
        choice = {"type": "function", "function": {"name": name}}
        return f'], "tools": [{json.dumps(tool)}], "tool_choice": {json.dumps(choice)}}}'
    return f"], {_format(schema, name)}}}"


def _format(schema: dict[str, object], name: str) -> str:
    form = {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}
    return f'"response_format": {json.dumps(form)}'


def _instructed(messages: tuple[Message, ...], instruction: str) -> tuple[Message, ...]:
    """The messages with the instruction in the one system message."""
    if messages and messages[0].role == "system":
        return (Message("system", f"{messages[0].content}\n\n{instruction}"), *messages[1:])
    return (Message("system", instruction), *messages)


def read_answer(whole: Any, wants_json: bool, seconds: float = 0.0, *, calls_tools: bool = False) -> Answer:
    """The answer in a decoded chat completion.

    ``wants_json`` takes the JSON value out of prose around it. Where the model may call tools (``calls_tools``) calls
    are taken as such, and otherwise what a call is given is the answer. Raises TransientError where there is no answer,
    and PermanentError where the model refused, CutOffError where it was cut off.
    """
    try:
        choice = whole["choices"][0]
        message = choice["message"]
        finish = choice.get("finish_reason")
        content, refusal, calls = message.get("content"), message.get("refusal"), message.get("tool_calls")
        usage = whole.get("usage")
        input_tokens, output_tokens = tokens(usage, "prompt_tokens"), tokens(usage, "completion_tokens")
        if isinstance(content, list):
            refusal = refusal or "".join(part.get("refusal") or "" for part in content)
            content = "".join(part.get("text") or "" for part in content)
        made = read_calls(calls) if calls and calls_tools else ()
        if made:
            content = content if isinstance(content, str) else ""
        elif calls:
            content = calls[0]["function"]["arguments"]
            if not isinstance(content, str):
                content = json.dumps(content)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise TransientError("the server's answer holds no message") from error
    if refusal:
        raise PermanentError(f"the model refused: {excerpt(refusal)}")
    if finish == "length":
        raise CutOffError(
            f"the answer was cut off after {output_tokens} tokens: raise `max_tokens` (of a local model "
            "also `context`), or ask for a shorter answer"
        )
    if finish == "content_filter":
        raise PermanentError("the server's content filter stopped the answer")
    if not isinstance(content, str):
        raise TransientError("the server's answer holds no text")
    text = json_within(content) if wants_json else content
    return Answer(text, input_tokens, output_tokens, seconds, made)


def tokens(usage: object, name: str) -> int:
    """A count of tokens; 0 where a server gives none, or none that can be."""
    count = usage.get(name) if isinstance(usage, dict) else None
    return int(count) if isinstance(count, int | float) and 0 <= count < _MOST_TOKENS else 0


def json_within(text: str) -> str:
    """The first JSON object or list in ``text``, without the prose or fence around it; ``text`` itself if none."""
    stripped = text.strip()
    for at, character in enumerate(stripped):
        if character in "{[":
            try:
                _, end = _START.raw_decode(stripped, at)
            except ValueError:
                continue
            except RecursionError:
                break
            return stripped[at:end]
    return stripped


def excerpt(text: object, limit: int = 300) -> str:
    """``text`` on one line of printable characters, cut at ``limit``."""
    line = printable(" ".join(str(text)[: limit * 4].split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """``text`` on one line, with every secret taken out before it is cut."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return excerpt(text)


def printable(line: str) -> str:
    """A line with nothing in it that would steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in line)
