"""Prompts on one worker: which model is asked, what stopping leaves, and what a budget counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from apwa_compiler.build import build_plan
from apwa_compiler.plan import Plan, Prompt
from apwa_compiler.plan_json import from_json, to_json
from apwa_compiler.show import print_plan
from apwa_lang.check import check
from apwa_lang.syntax.source import Source
from apwa_runtime.batches import Usage
from apwa_runtime.bodies.prompt import PromptBody
from apwa_runtime.bodies.protocol import Call, Done, Failed, Held, Outcome, always
from apwa_runtime.event_loop import EventLoopThread
from apwa_runtime.models.budget import budgets
from apwa_runtime.models.registry import make_client
from tests.support.model_server import Running, model_server

PROGRAM = """
param longest: int = 12
record Note {{ id: str @key  text: str }}
record Label {{ topic: str }}
table notes: Note = [{{ id: "a", text: "x" }}]
model small {{ provider: "openai" name: "small" base_url: "{url}" {settings} }}
model large {{ provider: "openai" name: "large" base_url: "{url}" price: {{ input: 2, output: 10 }} }}
task classify(note: Note) -> Label {{
  prompt: "{{{{ note.text }}}}"
  {task}
}}
split per_note = notes by row
flow main {{ labels = map classify over per_note keep id  save labels to "labels.jsonl" }}
"""


def planned(task: str = "model: small", url: str = "http://127.0.0.1:9/v1", settings: str = "") -> Plan:
    checked = check(Source(PROGRAM.format(url=url, task=task, settings=settings)))
    assert checked.diagnostics == ()
    assert checked.program is not None
    return from_json(to_json(build_plan(checked.program, None, {})))


def run(plan: Plan, texts: Sequence[str], during: Callable[[PromptBody], None] | None = None) -> list[Outcome]:
    """The outcomes by order of ``texts``; ``during`` runs beside."""
    (task,) = plan.tasks
    assert isinstance(task.body, Prompt)
    loop = EventLoopThread()
    models = {model.name: model for model in plan.models}
    clients = {name: make_client(models[name]) for name in task.body.models}
    body = PromptBody(task, task.body, clients, loop)
    outcomes: dict[int, Outcome] = {}

    def finish(call: Call, outcome: Outcome) -> None:
        assert call.ordinal not in outcomes
        outcomes[call.ordinal] = outcome

    given = [{"note": {"id": str(n), "text": text}, "longest": 12} for n, text in enumerate(texts)]
    beside = threading.Thread(target=during, args=(body,)) if during else None
    if beside:
        beside.start()
    body.run([Call(n, names, names) for n, names in enumerate(given)], lambda _, value: value, finish, always)
    if beside:
        beside.join()
    for client in clients.values():
        loop.run(client.close())
    loop.close()
    return [outcomes[n] for n in range(len(texts))]


def kinds(outcomes: Sequence[Outcome]) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes]


def running(server: Running, count: int) -> None:
    """Wait until so many requests are on the server."""
    until = time.monotonic() + 20
    while server.stats()["requests"] < count:
        assert time.monotonic() < until, "the requests never came"


ROUTE = "route: { small when len(note.text) < longest, large }"


def test_a_route_picks_the_model_of_each_sub_problem() -> None:
    with model_server() as server:
        outcomes = run(planned(ROUTE, server.url), ["short", "a text of some length", "brief", "x" * 12])
        asked = {seen["body"]["messages"][-1]["content"]: seen["body"]["model"] for seen in server.requests()}
    assert kinds(outcomes) == ["Done"] * 4
    assert asked == {"short": "small", "a text of some length": "large", "brief": "small", "x" * 12: "large"}
    assert [outcome.usage[0][0] for outcome in outcomes] == ["small", "large", "small", "large"]


def test_a_condition_that_cannot_be_evaluated_fails_its_call_alone() -> None:
    task = "route: { small when 12 // (len(note.text) - 3) > 0, large }"
    with model_server() as server:
        fine, broken = run(planned(task, server.url), ["long enough", "abc"])
    assert isinstance(fine, Done)
    assert isinstance(broken, Failed)
    assert "division by zero" in broken.reason
    assert broken.attempts == 0


def test_the_plan_shows_the_route_and_the_budget() -> None:
    shown = print_plan(planned(f"{ROUTE} budget: {{ tokens: 5_000 }}"))
    assert "prompt by small when len(note.text) < longest, large" in shown
    assert "budget 5,000 tokens" in shown


def test_holding_lets_the_wire_end_and_leaves_the_rest() -> None:
    def during(body: PromptBody) -> None:
        running(server, 2)
        body.hold()

    with model_server(latency=0.5) as server:
        outcomes = run(planned(url=server.url, settings="concurrency: 2"), [f"note {n}" for n in range(30)], during)
        assert server.stats()["requests"] == 2
    assert kinds(outcomes) == ["Done"] * 2 + ["Held"] * 28


@pytest.mark.parametrize(
    ("text", "settings"),
    [("[fault 429]", ""), ("[fault 500]", ""), ("fine", "rate: { requests: 1 per 1h }"), ("fine", "rate: 1 per 1h")],
)
def test_what_waits_is_held_at_once(text: str, settings: str) -> None:
    """Behind a server that names a minute, in a pause before another try, or for a rate: an hour is not waited out."""

    def during(body: PromptBody) -> None:
        running(server, 1)
        body.hold()

    with model_server(retry_after=60) as server:
        plan = planned("model: small backoff: 1h retry: 5", server.url, settings)
        outcomes = run(plan, [text] * 3, during)
    assert kinds(outcomes).count("Held") >= 2


def test_an_invalid_answer_is_not_asked_for_again_when_held_but_counted() -> None:
    def during(body: PromptBody) -> None:
        running(server, 1)
        body.hold()

    with model_server(latency=0.3) as server:
        (outcome,) = run(planned("model: small retry: 9", server.url), ["[fault wrong]"], during)
        assert server.stats()["outcomes"] == {"wrong": 1}
    assert isinstance(outcome, Held)
    assert outcome.usage[0][1].output_tokens > 0


@pytest.mark.parametrize(
    ("task", "usage", "said"),
    [
        ("budget: { tokens: 1_000 }", {"small": Usage(1, 600, 399)}, None),
        (
            "budget: { tokens: 1_000 }",
            {"small": Usage(1, 600, 399), "large": Usage(1, 1, 0)},
            "the budget of 1,000 tokens of task `classify` is spent: its calls used 1,000",
        ),
        ("budget: { dollars: 20 }", {"large": Usage(9, 1_000_000, 1_700_000)}, None),
        (
            "budget: { dollars: 20 }",
            {"large": Usage(9, 1_000_000, 1_805_000)},
            "the budget of 20.00 dollars of task `classify` is spent: its calls cost 20.05 dollars",
        ),
        (
            "budget: { dollars: 0.001 }",
            {"large": Usage(9, 600, 1)},
            "the budget of 0.001 dollars of task `classify` is spent: its calls cost 0.0012 dollars",
        ),
    ],
)
def test_a_budget_says_when_it_is_spent(task: str, usage: dict[str, Usage], said: str | None) -> None:
    budget = budgets(planned(f"{task} route: {{ small when false, large }}", settings="price: { input: 0, output: 0 }"))
    assert budget["classify"].spent is None
    budget["classify"].add(usage)
    assert budget["classify"].spent == said


def test_tasks_without_a_budget_have_none() -> None:
    assert budgets(planned()) == {}
