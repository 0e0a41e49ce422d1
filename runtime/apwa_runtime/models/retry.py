"""Ask until there is a valid answer, or no attempt left.

In: a client, a request, and how often and how patiently to ask. Out: the validated value with what it cost, or
:class:`AskFailed`. A transient error is waited out; an invalid answer is sent back with the reason, for the model to
correct, and one that was cut off is asked for again, shorter. Both use up attempts.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from apwa_runtime.models.protocol import (
    Answer,
    CutOffError,
    EndpointFailure,
    Message,
    ModelClient,
    ModelError,
    Request,
    TransientError,
)
from apwa_runtime.models.structured import excerpt

T = TypeVar("T")

MAX_BACKOFF = 60.0
"""Longest jittered pause between two attempts, seconds."""
MAX_RETRY_AFTER = 300.0
"""Longest pause that a server can ask for, seconds; a longer one is cut to this."""
MAX_QUOTED = 20_000
"""How many characters of an invalid answer are shown to the model again."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """A valid answer. Tokens and model seconds are summed over all answers, invalid ones too."""

    value: T
    attempts: int
    input_tokens: int = 0
    output_tokens: int = 0
    model_seconds: float = 0.0


class AskFailed(ModelError):  # noqa: N818 - it is the outcome of asking, named as the other outcome is
    """No valid answer. ``permanent`` where asking again later cannot help; costs as in :class:`Outcome`.

    ``held`` where attempts were left, but no more requests are to go out.
    """

    def __init__(
        self,
        reason: str,
        attempts: int = 1,
        last_answer: str | None = None,
        permanent: bool = False,
        input_tokens: int = 0,
        output_tokens: int = 0,
        model_seconds: float = 0.0,
        held: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.attempts = attempts
        self.last_answer = last_answer
        self.permanent = permanent
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens
        self.model_seconds = model_seconds
        self.held = held


async def ask(
    client: ModelClient,
    request: Request,
    *,
    retries: int,
    backoff: float,
    validate: Callable[[Answer], T],
    rng: random.Random,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    endures: bool = True,
) -> Outcome[T]:
    """The first answer that ``validate`` takes, of at most ``retries + 1``.

    ``validate`` returns the value or raises ValueError with a plain reason. After the n-th transient error the pause is
    drawn from 0 to ``backoff * 2**(n-1)`` seconds (full jitter, at most MAX_BACKOFF), on top of what the server named.
    With ``endures`` off the first failure of the endpoint itself is the last. Raises AskFailed.
    """
    asked, wire = request, request.wire
    answer: Answer | None = None
    input_tokens = output_tokens = faults = 0
    seconds = 0.0
    held = False
    cause: BaseException
    for attempt in range(1, retries + 2):
        try:
            answer = await client.complete(asked)
        except CutOffError as error:
            reason, cause, permanent = str(error), error, False
            asked = replace(asked, messages=(*request.messages, *correction("", f"{reason}. Be brief.")))
        except ModelError as error:
            reason, cause = str(error), error
            permanent = not isinstance(error, TransientError)
            if permanent or (isinstance(error, EndpointFailure) and not endures):
                break
            if attempt <= retries and not (wire and wire.held):
                await sleep(pause(error, faults, backoff, rng))
            faults += 1
        else:
            input_tokens += answer.input_tokens
            output_tokens += answer.output_tokens
            seconds += answer.seconds
            try:
                value = validate(answer)
            except ValueError as error:
                reason, cause, permanent = str(error), error, False
                asked = replace(asked, messages=(*request.messages, *correction(answer.text, reason)))
            else:
                return Outcome(value, attempt, input_tokens, output_tokens, seconds)
        if wire is not None and wire.held and attempt <= retries:
            held = True
            break
    last_answer = None if answer is None else excerpt(answer.text)
    raise AskFailed(reason, attempt, last_answer, permanent, input_tokens, output_tokens, seconds, held) from cause


def pause(error: ModelError, faults: int, backoff: float, rng: random.Random) -> float:
    """Seconds to wait after ``error``, the one that follows ``faults`` others."""
    jitter = rng.uniform(0.0, min(MAX_BACKOFF, backoff * 2.0 ** min(faults, 64)))
    named = error.retry_after if isinstance(error, TransientError) else None
    return min(named or 0.0, MAX_RETRY_AFTER) + jitter


def correction(answer: str, reason: str) -> tuple[Message, ...]:
    """What follows the request when it is asked again: the answer, where there was any, and what is wrong with it."""
    again = Message("user", f"That answer is not valid: {reason}\nGive the whole answer again, corrected.")
    return (Message("assistant", answer[:MAX_QUOTED]), again) if answer.strip() else (again,)
