"""``prompt``: ask a model for each sub-problem.

In: calls. Out: answers validated against the task's result type. The HTTP calls of all batches on a worker share one
event loop and one client for each model.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from apwa_compiler.plan import Prompt, Task
from apwa_lang.semantics.types import STR, RecordType
from apwa_runtime.batches import Usage
from apwa_runtime.bodies.protocol import Call, Check, Done, Failed, Finish, Outcome
from apwa_runtime.event_loop import EventLoopThread
from apwa_runtime.models.protocol import Message, ModelClient, Request
from apwa_runtime.models.retry import AskFailed, ask
from apwa_runtime.models.retry import Outcome as Answered
from apwa_runtime.templates import compile_template
from apwa_runtime.values.json_schema import json_schema
from apwa_runtime.values.models import InvalidValue, validator

# Coroutines of one batch that wait for the client at a time; the client's own limit decides how many are on the wire.
_FEED = 128


class PromptBody:
    """Renders, asks, validates; a wrong answer is asked for again with the reason."""

    def __init__(self, task: Task, body: Prompt, client: ModelClient, loop: EventLoopThread) -> None:
        self._task = task
        self._model = body.models[0]
        self._render = compile_template(body.template)
        self._system = compile_template(body.system) if body.system else None
        self._client = client
        self._loop = loop
        self._wrapped = task.result != STR and not isinstance(task.result, RecordType)
        self._validator = validator(task.result)
        self._schema = self._answer_schema()
        self._rng = random.Random()

    def run(self, calls: Sequence[Call], check: Check, finish: Finish) -> None:
        """Run every call."""
        self._loop.run(self._all(calls, check, finish))

    def close(self) -> None:
        """Nothing is held; the client belongs to the worker."""

    async def _all(self, calls: Sequence[Call], check: Check, finish: Finish) -> None:
        waiting: Iterator[Call] = iter(calls)

        async def feed() -> None:
            for call in waiting:
                finish(call, await self._one(call, check))

        await asyncio.gather(*(feed() for _ in range(min(_FEED, len(calls)))))

    async def _one(self, call: Call, check: Check) -> Outcome:
        try:
            messages = self._messages(call)
        except Exception as error:
            return Failed(f"the prompt could not be rendered: {error}", attempts=0)
        policy = self._task.policy
        try:
            outcome = await ask(
                self._client,
                Request(messages, self._schema, self._task.name.replace(".", "_"), policy.timeout),
                retries=policy.retry,
                backoff=policy.backoff,
                timeout=policy.timeout,
                validate=lambda text: check(call, self._accept(text)),
                rng=self._rng,
            )
        except AskFailed as error:
            return Failed(error.reason, error.attempts, self._spent(error))
        return Done(outcome.value, outcome.attempts, usage=self._spent(outcome))

    def _spent(self, asked: AskFailed | Answered[Any]) -> tuple[tuple[str, Usage], ...]:
        spent = Usage(asked.attempts, asked.input_tokens, asked.output_tokens, asked.model_seconds)
        return ((self._model, spent),)

    def _messages(self, call: Call) -> tuple[Message, ...]:
        user = Message("user", self._render(call.names))
        return (Message("system", self._system(call.names)), user) if self._system else (user,)

    def _accept(self, text: str) -> Any:
        if self._task.result == STR:
            return text
        try:
            if not self._wrapped:
                return self._validator.json(text)
            answer = json.loads(text)
            if not isinstance(answer, dict) or "value" not in answer:
                raise ValueError("the answer must be an object with the field `value`")
            return self._validator.python(answer["value"])
        except InvalidValue as error:
            raise ValueError(str(error)) from None
        except json.JSONDecodeError as error:
            raise ValueError(f"the answer is not JSON: {error}") from None

    def _answer_schema(self) -> dict[str, object] | None:
        if self._task.result == STR:
            return None
        schema = json_schema(self._task.result)
        if not self._wrapped:
            return schema
        return {"type": "object", "properties": {"value": schema}, "required": ["value"], "additionalProperties": False}
