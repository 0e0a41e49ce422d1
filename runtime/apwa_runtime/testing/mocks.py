"""A model that gives the answer which a test has for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apwa_runtime.models.admission import Admission
from apwa_runtime.models.protocol import Answer, PermanentError, Request, ToolCall
from apwa_runtime.values.text import json_text


class Mock:
    """Stands for the model ``name``: each request gets the value of ``answers``, and fails where there is none.

    ``wrapped``: the answer is the field `value` of an object. To an agent a list is its turns, of which those with a
    `tool` and its `arguments` are calls.
    """

    concurrency = 1
    admission: Admission | None = None
    is_down = False

    def __init__(self, name: str, answers: Mapping[str, Any], *, wrapped: bool) -> None:
        self._name = name
        self._answers = answers
        self._wrapped = wrapped

    async def complete(self, request: Request) -> Answer:
        """The mocked answer, as the model would write it. Raises PermanentError."""
        if self._name not in self._answers:
            raise PermanentError(f"model `{self._name}` is not mocked in this test: write `mock {self._name} = …`")
        value = self._answers[self._name]
        if request.tools and isinstance(value, list):
            turn = sum(message.role == "assistant" for message in request.messages)
            if turn >= len(value):
                raise PermanentError(f"the mock of `{self._name}` has {len(value)} turns, and is asked for one more")
            value = value[turn]
            if isinstance(value, dict) and isinstance(value.get("tool"), str):
                call = ToolCall(f"call_{turn}", value["tool"], json_text(value.get("arguments", {})))
                return Answer("", calls=(call,))
        if request.schema is None:
            return Answer(value if isinstance(value, str) else json_text(value))
        return Answer(json_text({"value": value} if self._wrapped else value))

    async def close(self) -> None:
        """Nothing is held."""
