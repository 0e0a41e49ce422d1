"""What a model that means harm says, as whole replies of a chat server, by name: ``[fault deep]`` in a prompt."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.support.model_answers import Json, schema_answer

DEEP = 100_000
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe"
HALF = "\ud83d"


def _said(content: object = None, *, usage: object = None, **message: object) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": content, **message}, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], "usage": usage or {}}).encode()


def _calls(*calls: tuple[object, object]) -> bytes:
    made = [{"id": "same", "type": "function", "function": {"name": name, "arguments": given}} for name, given in calls]
    return _said(tool_calls=made)


def _answer(text: str, **usage: object) -> Callable[[Json], bytes]:
    """The right answer with ``text`` for each of its texts."""

    def answer(body: Json) -> bytes:
        whole = schema_answer({**body, "messages": [{"role": "user", "content": "[echo TEXT]"}]})
        text_there = json.dumps(text)[1:-1] if whole.startswith("{") else text
        return _said(whole.replace("TEXT", text_there), usage=usage)

    return answer


def _first(reply: bytes) -> Callable[[Json], bytes]:
    """The reply in the first turn; afterwards the right answer."""
    return lambda body: reply if len(body["messages"]) < 3 else _answer("done")(body)


def _raw(text: str) -> Callable[[Json], bytes]:
    return lambda body: text.encode("utf-8", "surrogatepass")


HOSTILE: dict[str, Callable[[Json], bytes]] = {
    "deep": lambda body: _said("[" * DEEP + "]" * DEEP),
    "deep-object": lambda body: _said('{"said":' * DEEP),
    "deep-reply": _raw('{"choices":' + "[" * DEEP),
    "deep-call": _first(_calls(("add", '{"a":' + "[" * DEEP))),
    "nested-call": _raw(
        '{"choices": [{"message": {"content": null, "tool_calls": [{"function": {"name": "add", "arguments": '
        + "[" * 980
        + "]" * 980
        + "}}]}}]}"
    ),
    "many-calls": _first(_calls(*[("add", '{"a": 1, "b": 1}')] * 10_000)),
    "long-name": _first(_calls(("x" * 1_000_000, "{}"))),
    "long-arguments": _first(_calls(("lookup", json.dumps({"word": "x" * 7_000_000})))),
    "no-names": _first(_calls((None, None), (7, 7), (["a"], {"a": 1}), ("add", []))),
    "odd-names": _first(_calls((ESCAPES, "{}"), ("../add", "{}"), ("__class__", "{}"), ("add\0", "{}"))),
    "half-name": _first(_calls((HALF, "{}"))),
    "half-arguments": _first(_calls(("lookup", '{"word": "\\ud83d"}'))),
    "raw-half-arguments": _first(_calls(("lookup", json.dumps({"word": HALF}, ensure_ascii=False)))),
    "nul-arguments": _first(_calls(("lookup", '{"word": "a\\u0000b"}'))),
    "not-numbers": _first(_calls(("add", '{"a": NaN, "b": 1e999}'), ("add", f'{{"a": 1{"0" * 5000}, "b": 1}}'))),
    "half": _answer(HALF),
    "told-half-tool": lambda body: _said(json.dumps({"tool": HALF, "arguments": {}})),
    "told-half-answer": lambda body: _said(json.dumps({"answer": HALF})),
    "told-deep": lambda body: _said('{"tool": "add", "arguments": ' + "[" * DEEP),
    "nul": _answer("a\0b"),
    "escapes": _answer(ESCAPES),
    "escaped-wrong": lambda body: _said(json.dumps({"said": ESCAPES, "score": ESCAPES, ESCAPES: 1})),
    "escaped-refusal": lambda body: _said(None, refusal=ESCAPES),
    "half-wrong": lambda body: _said(json.dumps({"said": HALF, "score": HALF})),
    "half-refusal": lambda body: _said(None, refusal=HALF),
    "latin": lambda body: _said("x").replace(b'"x"', b'"\xff\xfe\xe9"'),
    "utf16": lambda body: _said("x").decode().encode("utf-16"),
    "endless-usage": lambda body: _answer("done", prompt_tokens=707070)(body).replace(b"707070", b"1e999"),
    "huge-usage": _answer("done", prompt_tokens=10**30, completion_tokens=10**30),
    "negative-usage": _answer("done", prompt_tokens=-(10**6), completion_tokens=-5),
    "odd-usage": _answer("done", prompt_tokens=[1], completion_tokens="many"),
    "long-number": lambda body: _said(f'{{"said": "x", "score": {"9" * 5000}}}'),
    "odd-parts": lambda body: _said([1, None, {"text": 7}, {"refusal": ["x"]}]),
    "no-object": _raw("[[]]"),
    "just-text": _raw('"choices"'),
    "nothing": _raw("null"),
    "no-bytes": _raw(""),
}
