"""Asking again: the schedule of pauses, the repair of answers, what is counted."""

from __future__ import annotations

import asyncio
import json
import pickle
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from apwa_runtime.models.openai import OpenAIClient
from apwa_runtime.models.protocol import Answer, Message, PermanentError, Request, TransientError
from apwa_runtime.models.retry import MAX_BACKOFF, MAX_RETRY_AFTER, AskFailed, Outcome, ask
from tests.support.model_server import model_server

QUESTION = Request((Message("system", "Count."), Message("user", "How many?")))


class Script:
    """A client that gives its lines in turn: an answer's text, or an error to raise."""

    def __init__(self, *lines: str | Exception) -> None:
        self.lines = list(lines)
        self.seen: list[Request] = []

    async def complete(self, request: Request) -> Answer:
        self.seen.append(request)
        line = self.lines.pop(0)
        if isinstance(line, Exception):
            raise line
        return Answer(line, input_tokens=10, output_tokens=2, seconds=0.5)

    async def close(self) -> None:
        pass


class HighestDraw(random.Random):
    """Always draws the upper end, so that a pause shows its bound."""

    def uniform(self, a: float, b: float) -> float:
        return b


class Slept(list[float]):
    """Takes the place of sleeping, and remembers."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def number(text: str) -> int:
    if not text.isdigit():
        raise ValueError(f"`{text}` is no number")
    return int(text)


def tried(
    client: Any, retries: int = 2, backoff: float = 0.5, rng: random.Random | None = None, asked: Request = QUESTION
) -> tuple[Outcome[int], Slept]:
    slept = Slept()
    work = ask(
        client,
        asked,
        retries=retries,
        backoff=backoff,
        validate=lambda answer: number(answer.text),
        rng=rng or HighestDraw(),
        sleep=slept,
    )
    return asyncio.run(work), slept


def failed(client: Any, retries: int = 2) -> tuple[AskFailed, Slept]:
    slept = Slept()
    work = ask(
        client,
        QUESTION,
        retries=retries,
        backoff=1,
        validate=lambda answer: number(answer.text),
        rng=HighestDraw(),
        sleep=slept,
    )
    with pytest.raises(AskFailed) as caught:
        asyncio.run(work)
    return caught.value, slept


def test_a_valid_answer_is_taken_at_once() -> None:
    outcome, slept = tried(Script("7"))
    assert outcome == Outcome(7, attempts=1, input_tokens=10, output_tokens=2, model_seconds=0.5)
    assert slept == []


def test_pauses_double_up_to_a_minute() -> None:
    faults = [TransientError("busy") for _ in range(9)]
    outcome, slept = tried(Script(*faults, "7"), retries=9)
    assert slept == [0.5, 1, 2, 4, 8, 16, 32, MAX_BACKOFF, MAX_BACKOFF]
    assert outcome.attempts == 10


def test_pauses_are_drawn_from_the_whole_interval() -> None:
    drawn = [tried(Script(TransientError("busy"), "7"), rng=random.Random(seed))[1][0] for seed in range(200)]
    assert min(drawn) < 0.05
    assert max(drawn) > 0.45
    assert max(drawn) <= 0.5


@pytest.mark.parametrize(("named", "waited"), [(3.0, 3.5), (9999.0, MAX_RETRY_AFTER + 0.5), (0.0, 0.5)])
def test_the_time_that_a_server_names_is_waited_out(named: float, waited: float) -> None:
    _, slept = tried(Script(TransientError("busy", named), "7"))
    assert slept == [waited]


def test_an_invalid_answer_is_sent_back_with_the_reason() -> None:
    client = Script("seven", "7")
    outcome, slept = tried(client)
    assert (outcome.value, outcome.attempts, outcome.input_tokens) == (7, 2, 20)
    assert slept == []
    again = client.seen[1].messages
    assert again[:2] == QUESTION.messages
    assert again[2] == Message("assistant", "seven")
    assert again[3].role == "user"
    assert "`seven` is no number" in again[3].content


def test_only_the_last_invalid_answer_is_sent_back() -> None:
    client = Script("six", "seven", "7")
    tried(client)
    assert [message.content for message in client.seen[2].messages if message.role == "assistant"] == ["seven"]


def test_an_empty_answer_is_not_repeated_to_the_model() -> None:
    client = Script(" ", "7")
    tried(client)
    assert [message.role for message in client.seen[1].messages] == ["system", "user", "user"]


def test_a_transient_error_keeps_the_conversation() -> None:
    client = Script("seven", TransientError("busy"), "7")
    tried(client)
    assert client.seen[2] == client.seen[1]


def test_both_kinds_count_against_the_same_attempts() -> None:
    error, slept = failed(Script(TransientError("busy"), "seven", TransientError("down")))
    assert (error.reason, error.attempts, error.permanent) == ("down", 3, False)
    assert error.last_answer == "seven"
    assert error.input_tokens == 10
    assert len(slept) == 1


@pytest.mark.parametrize(("retries", "attempts"), [(0, 1), (1, 2)])
def test_no_pause_follows_the_last_attempt(retries: int, attempts: int) -> None:
    error, slept = failed(Script(*[TransientError("busy")] * attempts), retries)
    assert error.attempts == attempts
    assert len(slept) == retries


def test_a_permanent_error_ends_it() -> None:
    error, slept = failed(Script(PermanentError("bad key"), "7"))
    assert (error.reason, error.attempts, error.permanent, slept) == ("bad key", 1, True, [])


def test_a_long_answer_is_quoted_short() -> None:
    error, _ = failed(Script("x" * 100_000), retries=0)
    assert error.last_answer is not None
    assert len(error.last_answer) == 300


def test_the_time_limit_is_for_each_attempt() -> None:
    client = Script(TransientError("busy"), "7")
    tried(client, asked=replace(QUESTION, timeout=4))
    assert [request.timeout for request in client.seen] == [4, 4]


def test_a_failure_travels_between_processes() -> None:
    error, _ = failed(Script("seven"), retries=0)
    copy = pickle.loads(pickle.dumps(error))
    assert vars(copy) == vars(error)
    assert str(copy) == "`seven` is no number"


def test_cancelling_ends_the_pause() -> None:
    async def work() -> None:
        paused = asyncio.Event()

        async def forever(_: float) -> None:
            paused.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(
            ask(
                Script(TransientError("busy")),
                QUESTION,
                retries=5,
                backoff=1,
                validate=lambda answer: number(answer.text),
                rng=random.Random(0),
                sleep=forever,
            )
        )
        await paused.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(work())


def through_a_server(prompts: Sequence[str], faults: Sequence[str], validate: Callable[[str], Any]) -> tuple[Any, Any]:
    schema: dict[str, object] = {"type": "object", "properties": {"said": {"type": "string"}}, "required": ["said"]}
    with model_server(faults=faults, retry_after=0.001, seed=5) as server:

        async def work() -> list[Outcome[Any]]:
            client = OpenAIClient("test", server.url, timeout=0.5)
            asked = [
                ask(
                    client,
                    Request((Message("user", prompt),), schema),
                    retries=12,
                    backoff=0.001,
                    validate=lambda answer: validate(answer.text),
                    rng=random.Random(1),
                )
                for prompt in prompts
            ]
            outcomes = await asyncio.gather(*asked)
            await client.close()
            return outcomes

        return asyncio.run(work()), server.stats()


def said(text: str) -> str:
    value: str = json.loads(text)["said"]
    return value


def checked(text: str) -> str:
    try:
        return said(text)
    except LookupError as error:
        raise ValueError("`said` is missing") from error


def test_every_answer_arrives_through_a_bad_server() -> None:
    prompts = [f"[echo answer {n}]" for n in range(60)]
    faults = ["429:0.1", "500:0.1", "reset:0.1", "truncated:0.1", "malformed:0.1", "wrong:0.1", "hang:0.03"]
    outcomes, stats = through_a_server(prompts, faults, checked)
    assert [outcome.value for outcome in outcomes] == [f"answer {n}" for n in range(60)]
    assert stats["outcomes"]["200"] == 60
    assert {fault.partition(":")[0] for fault in faults} <= set(stats["outcomes"])
    assert sum(outcome.attempts for outcome in outcomes) == stats["requests"]


def test_a_wrong_shape_is_repaired_once() -> None:
    [outcome], stats = through_a_server(["[echo yes] [fault wrong once]"], [], checked)
    assert (outcome.value, outcome.attempts) == ("yes", 2)
    assert stats["outcomes"] == {"wrong": 1, "200": 1}
