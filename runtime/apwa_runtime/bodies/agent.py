"""An agent's sub-problem: model and tools by turns, until the model answers.

In: the first request, the tools, and a way to ask. Out: the answer with what it cost, and the trace of every step.
What a tool refuses or fails at is told to the model, which may do better; each turn of the model is a step.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from apwa_runtime.batches import Usage
from apwa_runtime.models.protocol import Answer, Message, Request, ToolCall
from apwa_runtime.models.retry import AskFailed, Outcome
from apwa_runtime.models.structured import excerpt
from apwa_runtime.tools.protocol import ToolError
from apwa_runtime.tools.toolbox import Opened, cut

# Calls in one turn of the model; what is beyond them is refused.
_MOST_CALLS = 16

Ask = Callable[[Request, Callable[[Answer], Any]], Awaitable[Outcome[Any]]]
Trace = list[dict[str, object]]


async def converse(
    ask: Ask, request: Request, tools: Opened, steps: int, accept: Callable[[str], Any], trace: Trace
) -> Outcome[Any]:
    """The answer, which ``accept`` has taken, after ``steps`` turns of the model at most; each is added to ``trace``.

    Raises AskFailed, also where an agent among the tools is held.
    """
    spent = Usage()

    def taken(answer: Answer) -> Any:
        return answer if answer.calls else accept(answer.text)

    for step in range(1, steps + 1):
        try:
            asked = await ask(request, taken)
        except AskFailed as failed:
            spent.add(usage_of(failed))
            trace.append({"step": step, "error": failed.reason})
            raise _failed(failed.reason, spent, held=failed.held, permanent=failed.permanent) from failed
        spent.add(usage_of(asked))
        answer = asked.value
        tokens = {"input_tokens": asked.input_tokens, "output_tokens": asked.output_tokens}
        if not isinstance(answer, Answer):
            trace.append({"step": step, **tokens, "answered": True})
            return Outcome(answer, spent.calls, spent.input_tokens, spent.output_tokens, spent.model_seconds)
        made: Trace = []
        trace.append({"step": step, **tokens, "calls": made})
        # A turn of thousands of calls would grow the conversation by as many refusals; one speaks for all.
        calls = answer.calls[: _MOST_CALLS + 1]
        try:
            results = [await _result(tools, call, number, made) for number, call in enumerate(calls)]
        except AskFailed as failed:
            raise _failed(failed.reason, spent, held=True) from failed
        turns = (Message("assistant", answer.text, calls), *results)
        request = replace(request, messages=(*request.messages, *turns))
    called = ", ".join(f"`{excerpt(call.name, 100)}`" for call in calls[:3])
    raise _failed(f"no answer after {steps} steps (`max_steps`); the last one called {called}", spent)


def usage_of(asked: AskFailed | Outcome[Any]) -> Usage:
    """What asking has cost."""
    return Usage(asked.attempts, asked.input_tokens, asked.output_tokens, asked.model_seconds)


async def _result(tools: Opened, call: ToolCall, number: int, made: Trace) -> Message:
    begun = time.monotonic()
    own: Sequence[dict[str, object]] = ()
    try:
        if number >= _MOST_CALLS:
            raise ToolError(f"more than {_MOST_CALLS} calls in one turn; make the others in the next")
        text, own = await tools.call(call)
        told = "result"
    except ToolError as error:
        text, told, own = f"error: {error}", "error", error.steps
    seconds = round(time.monotonic() - begun, 3)
    trace = {"tool": cut(call.name), "arguments": cut(call.arguments), told: text, "seconds": seconds}
    made.append({**trace, "steps": own} if own else trace)
    return Message("tool", text, answers=call)


def _failed(reason: str, spent: Usage, *, held: bool = False, permanent: bool = False) -> AskFailed:
    return AskFailed(
        reason,
        spent.calls,
        None,
        permanent,
        spent.input_tokens,
        spent.output_tokens,
        spent.model_seconds,
        held,
    )
