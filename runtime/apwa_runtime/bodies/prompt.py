"""``prompt``: ask a model for each sub-problem.

In: calls. Out: answers validated against the task's result type. The HTTP calls of all batches on a worker share one
event loop and one client for each model.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from apwa_compiler.plan import Prompt, Task
from apwa_lang.semantics.types import STR, RecordType
from apwa_runtime.batches import Usage
from apwa_runtime.bodies.agent import Trace, converse, usage_of
from apwa_runtime.bodies.protocol import Begin, Call, Check, Done, Failed, Finish, Held, Outcome
from apwa_runtime.event_loop import EventLoopThread
from apwa_runtime.media import MediaError, Part, ShownPath
from apwa_runtime.models.budget import Budget
from apwa_runtime.models.protocol import Answer, Message, ModelClient, Request, Wire
from apwa_runtime.models.retry import AskFailed, ask
from apwa_runtime.models.retry import Outcome as Answered
from apwa_runtime.models.route import chooser
from apwa_runtime.prompts import compile_prompt
from apwa_runtime.shown_files import ProgramFiles
from apwa_runtime.templates import compile_template
from apwa_runtime.tools.agent import AgentTool
from apwa_runtime.tools.protocol import ToolSetupError
from apwa_runtime.tools.servers.server import Servers
from apwa_runtime.tools.toolbox import Toolbox
from apwa_runtime.values.json_schema import json_schema
from apwa_runtime.values.models import validator


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for one sub-problem: its ``wire``, how it rests between two tries, and what was ``spent`` by model."""

    wire: Wire
    rest: Rest
    spent: dict[str, Usage] = field(default_factory=dict)

    def pays(self, model: str, usage: Usage) -> None:
        """Count what asking a model has cost."""
        self.spent.setdefault(model, Usage()).add(usage)

    @property
    def usage(self) -> tuple[tuple[str, Usage], ...]:
        """What was spent, by model."""
        return tuple(self.spent.items())

    @property
    def attempts(self) -> int:
        """How often a model was asked."""
        return sum(usage.calls for usage in self.spent.values())


# Waits so many seconds before another try.
Rest = Callable[[float], Awaitable[object]]

# Calls that rest at a time, for each place of the clients.
_RESTING = 3


class PromptBody:
    """Renders, asks, validates; a wrong answer is asked for again with the reason. ``clients`` are by model.

    Files that tools read are relative to ``base``, their MCP servers are among ``servers``; ``files`` are those that
    prompts may show, ``agents`` the tools that are tasks. It holds by itself as soon as what was asked here
    has spent the ``budget``.
    """

    def __init__(
        self,
        task: Task,
        body: Prompt,
        clients: Mapping[str, ModelClient],
        loop: EventLoopThread,
        budget: Budget | None = None,
        base: str = "",
        servers: Servers | None = None,
        files: ProgramFiles | None = None,
        agents: Mapping[str, AgentTool] | None = None,
    ) -> None:
        self._task = task
        self._budget = budget
        self._routed = bool(body.route)
        self._choose = chooser(body)
        self._models = body.models
        self._tools = Toolbox(task, body.tools, base, servers, agents) if body.tools else None
        self._steps = body.max_steps
        self._render = compile_prompt(body.template)
        self._files = files or ProgramFiles(base)
        self._system = compile_template(body.system) if body.system else None
        self._clients = clients
        self._loop = loop
        self._accept = _acceptor(task)
        self._schema = _answer_schema(task)
        self._schema_name = task.name.replace(".", "_")
        self._rng = random.Random()
        self._held = False
        self._asking: dict[Wire, asyncio.Task[Any]] = {}

    def run(self, calls: Sequence[Call], check: Check, finish: Finish, begin: Begin) -> None:
        """Run every call that ``begin`` lets begin."""
        self._loop.run(self._all(calls, check, finish, begin))

    def lacks(self) -> str | None:
        """What its tools lack here, before any model is asked; None where that is nothing."""
        if self._tools is None:
            return None
        try:
            self._loop.run(self._tools.offers())
        except ToolSetupError as error:
            return str(error)
        return next(filter(None, (agent.prompt.lacks() for agent in self._tools.agents.values())), None)

    def hold(self) -> None:
        """Send no more requests. What is on the wire ends as ever; every other call is :class:`Held`."""
        self._loop.soon(self._hold)

    def close(self) -> None:
        """End the calls of tools; the clients belong to the worker."""
        if self._tools is not None:
            self._tools.close()

    def _hold(self) -> None:
        self._held = True
        for wire, asking in self._asking.items():
            wire.held = True
            if not wire.sent:
                asking.cancel()

    async def _all(self, calls: Sequence[Call], check: Check, finish: Finish, begin: Begin) -> None:
        waiting: Iterator[Call] = iter(calls)

        async def feed() -> None:
            wire = Wire()
            current = asyncio.current_task()
            assert current is not None
            self._asking[wire] = current
            try:
                for call in waiting:
                    if self._held or not begin((call,)):
                        finish(call, Held())
                        continue
                    outcome = await self._one(call, check, wire, rest)
                    self._count(outcome)
                    finish(call, outcome)
            finally:
                del self._asking[wire]

        # More coroutines than the clients take requests would only wait; one that rests lets another in.
        width = sum(client.concurrency for client in self._clients.values())
        spare = width * _RESTING

        async def rest(seconds: float) -> None:
            nonlocal spare
            if spare:
                spare -= 1
                group.create_task(feed())
            await asyncio.sleep(seconds)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(width, len(calls))):
                group.create_task(feed())

    def _count(self, outcome: Outcome) -> None:
        """Count what a call has cost."""
        if self._budget is not None and not self._held:
            self._budget.add(dict(outcome.usage))
            if self._budget.spent:
                self._held = True
                self.hold()

    async def _one(self, call: Call, check: Check, wire: Wire, rest: Rest) -> Outcome:
        asker = Asker(wire, rest)
        try:
            return await self.answered(call, check, asker)
        except asyncio.CancelledError:
            if not wire.held:
                raise
            # Cancelled by `hold` while nothing was on the wire; the coroutine goes on, to hold the other calls.
            current = asyncio.current_task()
            assert current is not None
            current.uncancel()
            return Held(asker.usage)

    async def answered(self, call: Call, check: Check, asker: Asker) -> Outcome:
        """What one call gives for the sub-problem of ``asker``; on the body's own event loop."""
        try:
            models = (self._choose(call.names),) if self._routed else self._models
            messages = await self._messages(call)
        except MediaError as error:
            return Failed(str(error), attempts=0)
        except Exception as error:
            return Failed(f"the prompt could not be rendered: {error}", attempts=0)
        request = Request(messages, self._schema, self._schema_name, self._task.policy.timeout, asker.wire)
        reasons: dict[str, str] = {}
        trace: Trace = []
        for model in models:
            last = model == models[-1]
            if self._clients[model].is_down and not last:
                reasons[model] = "it cannot be reached"
                continue
            try:
                outcome, outputs = await self._asked(model, request, call, check, asker, trace, last=last)
            except AskFailed as error:
                asker.pays(model, usage_of(error))
                if error.held:
                    return Held(asker.usage)
                reasons[model] = error.reason
            else:
                asker.pays(model, usage_of(outcome))
                return Done(outcome.value, asker.attempts, outputs, asker.usage, _told(trace))
        whose = (why if len(reasons) == 1 else f"`{model}`: {why}" for model, why in reasons.items())
        reason = "; ".join(whose)
        return Failed(reason, asker.attempts, asker.usage, _told(trace))

    async def _asked(
        self, model: str, request: Request, call: Call, check: Check, asker: Asker, trace: Trace, *, last: bool
    ) -> tuple[Answered[Any], dict[str, Path]]:
        """One model's answer, and the files that its tools have left for the task. Raises AskFailed.

        Unless it is the ``last``, a model that is down is not waited for.
        """

        async def put(asked: Request, validate: Callable[[Answer], Any]) -> Answered[Any]:
            return await ask(
                self._clients[model],
                asked,
                retries=self._task.policy.retry,
                backoff=self._task.policy.backoff,
                validate=validate,
                rng=self._rng,
                sleep=asker.rest,
                endures=last,
            )

        def accept(text: str) -> Any:
            return check(call, self._accept(text))

        if self._tools is None:
            return await put(request, lambda answer: accept(answer.text)), {}
        trace.append({"model": model})
        try:
            async with self._tools.opened(call, asker) as tools:
                request = replace(request, tools=tools.specs)

                def accept_with_files(text: str) -> Any:
                    tools.required()
                    return accept(text)

                answer = await converse(put, request, tools, self._steps, accept_with_files, trace)
                return answer, tools.taken()
        except ToolSetupError as error:
            raise AskFailed(str(error), attempts=0, permanent=True) from None

    async def _messages(self, call: Call) -> tuple[Message, ...]:
        pieces = self._render(call.names)
        shown = [piece for piece in pieces if isinstance(piece, ShownPath)]
        files = iter(await asyncio.to_thread(self._contents, shown, call) if shown else ())
        user = Message.of("user", [next(files) if isinstance(piece, ShownPath) else piece for piece in pieces])
        return (Message("system", self._system(call.names)), user) if self._system else (user,)

    def _contents(self, shown: Sequence[ShownPath], call: Call) -> list[Part]:
        """What is sent of the files of a call. Raises MediaError."""
        found = [self._files.content(path, call.files) for path in shown]
        if call.shown and call.shown != tuple(digest for digest, _ in found):
            raise MediaError("a file that the prompt shows was changed while the sub-problem waited for its turn")
        return [part for _, part in found]


def _told(trace: Trace) -> str:
    return json.dumps(trace, ensure_ascii=False) if trace else ""


def _acceptor(task: Task) -> Callable[[str], Any]:
    """From the text of an answer to its value. The function raises ValueError."""
    if task.result == STR:
        return str
    checked = validator(task.result)

    def wrapped(text: str) -> Any:
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"the answer is not JSON: {error}") from None
        if not isinstance(answer, dict) or "value" not in answer:
            raise ValueError("the answer must be an object with the field `value`")
        return checked.python(answer["value"])

    return checked.json if isinstance(task.result, RecordType) else wrapped


def _answer_schema(task: Task) -> dict[str, object] | None:
    """What the answer must look like: servers ask for an object, so other results are the field `value` of one."""
    if task.result == STR:
        return None
    schema = json_schema(task.result)
    if isinstance(task.result, RecordType):
        return schema
    return {"type": "object", "properties": {"value": schema}, "required": ["value"], "additionalProperties": False}
