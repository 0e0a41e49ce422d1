"""Rates and concurrency held for a whole run: by one worker alone, by many through a broker, and on a real server."""

from __future__ import annotations

import asyncio
import pickle
import random
from collections import deque
from itertools import pairwise

import pytest

from apwa_compiler.plan import Model, Rate
from apwa_runtime.models.limits import Grant, LimitBroker, Limiter, Limits, Window
from apwa_runtime.models.protocol import Message, Request
from apwa_runtime.models.registry import limits_of, make_client
from tests.support.model_server import model_server


def most(times: list[tuple[float, int]], seconds: float) -> int:
    """The most in any window of ``seconds``."""
    window: deque[tuple[float, int]] = deque()
    total = highest = 0
    for at, amount in sorted(times):
        window.append((at, amount))
        total += amount
        while window[0][0] <= at - seconds:
            total -= window.popleft()[1]
        highest = max(highest, total)
    return highest


def test_a_window_is_evenly_spaced_and_never_passed() -> None:
    window, now, used = Window(Rate(10, 1.0)), 0.0, []
    while now < 5:
        wait = window.wait(now, 1)
        if wait == 0:
            window.spend(1)
            window.record(now, 1, now)
            used.append((now, 1))
        else:
            now += max(wait, 1e-6)
    assert most(used, 1.0) == 10
    assert 48 <= len(used) <= 50
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(used)]
    assert min(gaps) > 0.09


def test_what_is_larger_than_the_rate_goes_when_the_window_is_empty() -> None:
    window = Window(Rate(100, 1.0))
    assert window.wait(0.0, 400) == 0
    window.spend(400)
    window.record(0.0, 400, 0.0)
    now = 0.0
    for _ in range(1000):
        wait = window.wait(now, 1)
        if wait == 0:
            break
        now += wait
    assert now >= 3.9


class Worker:
    """A worker in a simulation: requests of random sizes, answers after a random time."""

    def __init__(self, limits: Limits, chance: random.Random, load: int, size: int) -> None:
        self.limiter = Limiter(limits, None)
        self.chance = chance
        self.waiting = deque(chance.randint(1, size) for _ in range(load))
        self.running: list[tuple[float, float, int, int]] = []
        self.sent: list[tuple[float, int]] = []

    def step(self, now: float) -> None:
        for call in [call for call in self.running if call[0] <= now]:
            self.running.remove(call)
            self.limiter.ended(now, call[1], call[2], call[3])
        while self.waiting and self.limiter.admit(now, self.waiting[0]) == 0:
            tokens = self.waiting.popleft()
            used = max(1, tokens - self.chance.randint(0, tokens // 2))
            self.running.append((now + self.chance.uniform(0.05, 0.6), now, tokens, used))
            self.sent.append((now, used))


def simulate(limits: Limits, loads: list[int], size: int, seconds: float, seed: int) -> tuple[list[Worker], int]:
    """Workers that speak with a broker four times a second, by messages that take a while; one dies half way."""
    chance = random.Random(seed)
    broker = LimitBroker(limits)
    workers = [Worker(limits, chance, load, size) for load in loads]
    alive = {str(number): worker for number, worker in enumerate(workers)}
    mail: list[tuple[float, str, Grant]] = []
    ticks = {name: chance.random() / 4 for name in alive}
    now, busiest = 0.0, 0
    while now < seconds:
        for worker in workers:
            worker.step(now)
        busiest = max(busiest, sum(len(worker.running) for worker in workers))
        for name, at in list(ticks.items()):
            if now >= at:
                mail.append((now + chance.uniform(0, 0.1), name, pickle.loads(pickle.dumps(broker.grant(name, now)))))
                ticks[name] = float("inf")
        for letter in [letter for letter in mail if letter[0] <= now]:
            mail.remove(letter)
            _, name, grant = letter
            worker = alive[name]
            report = worker.limiter.exchange(now, grant, list(worker.waiting)[:64])
            broker.report(name, pickle.loads(pickle.dumps(report)), now)
            ticks[name] = now + 0.25
        now += 0.01
    return workers, busiest


@pytest.mark.parametrize("seed", range(3))
def test_many_workers_together_keep_the_rate_of_requests(seed: int) -> None:
    workers, _ = simulate(Limits(requests=Rate(50, 1.0)), [400, 20, 0, 400], 1, 6.0, seed)
    sent = [moment for worker in workers for moment in worker.sent]
    assert most(sent, 1.0) <= 50
    # What is granted and not used yet counts too, about a third of a second of each period of one.
    assert len(sent) > 0.55 * 50 * 6
    assert len(workers[1].sent) == 20, "a worker with little to do is not starved"
    assert abs(len(workers[0].sent) - len(workers[3].sent)) < 40, "equal demand, equal shares"


@pytest.mark.parametrize("seed", range(3))
def test_many_workers_together_keep_the_rate_of_tokens(seed: int) -> None:
    workers, _ = simulate(Limits(tokens=Rate(1000, 1.0)), [300, 300, 300], 400, 8.0, seed)
    sent = [moment for worker in workers for moment in worker.sent]
    assert most(sent, 1.0) <= 1000
    assert sum(tokens for _, tokens in sent) > 0.5 * 1000 * 8
    assert all(len(worker.sent) > 5 for worker in workers)


@pytest.mark.parametrize("seed", range(3))
def test_many_workers_together_keep_the_concurrency(seed: int) -> None:
    workers, busiest = simulate(Limits(concurrency=12), [300, 300, 5], 1, 12.0, seed)
    assert busiest <= 12
    assert busiest >= 11
    assert len(workers[2].sent) == 5


def test_a_rate_of_few_requests_goes_round() -> None:
    workers, _ = simulate(Limits(requests=Rate(2, 1.0)), [50, 50, 50], 1, 12.0, 1)
    assert most([moment for worker in workers for moment in worker.sent], 1.0) <= 2
    assert min(len(worker.sent) for worker in workers) >= 4


def test_what_a_lost_worker_held_counts_as_used() -> None:
    limits = Limits(concurrency=4, requests=Rate(100, 10.0))
    broker, lost, other = LimitBroker(limits), Limiter(limits, None), Limiter(limits, None)
    broker.report("a", lost.exchange(0.0, broker.grant("a", 0.0), [1] * 64), 0.0)
    held = broker.grant("a", 3.0).requests or 0
    assert held >= 5
    broker.lost("a", 3.0)
    given = 0
    for quarter in range(12, 52):
        now = quarter / 4
        broker.report("b", other.exchange(now, broker.grant("b", now), [1] * 64), now)
        while other.admit(now, 1) == 0:
            given += 1
            other.ended(now, now, 1, 1)
    assert 95 <= held + given <= 100


def test_without_a_broker_each_worker_keeps_to_its_share() -> None:
    limits = Limits(concurrency=8, requests=Rate(40, 1.0))
    sent: list[tuple[float, int]] = []
    for _ in range(4):
        limiter = Limiter(limits, 4)
        assert [limiter.admit(100.0, 1) == 0 for _ in range(3)] == [True, False, False]
        limiter.ended(100.0, 100.0, 1, 1)
        for step in range(300):
            now = step / 100
            if limiter.admit(now + 200, 1) == 0:
                sent.append((now, 1))
                limiter.ended(now + 200, now + 200, 1, 1)
    assert most(sent, 1.0) <= 40
    assert len(sent) > 100


def test_limits_come_from_the_model() -> None:
    settings = (("name", "m"), ("rate", {"requests": Rate(5, 1.0), "tokens": Rate(9, 2.0)}))
    assert limits_of(Model("m", "openai", None, settings)) == Limits(64, Rate(5, 1.0), Rate(9, 2.0))
    assert limits_of(Model("m", "local", None, (("rate", Rate(5, 1.0)),))) == Limits(None, Rate(5, 1.0), None)


def test_the_rate_holds_on_a_real_server_and_nothing_waits_for_a_driver() -> None:
    with model_server(latency=0.01) as server:
        settings = (("name", "test"), ("base_url", server.url), ("rate", Rate(40, 0.5)))
        client = make_client(Model("m", "openai", None, settings))

        async def work() -> None:
            requests = (Request((Message("user", f"[echo {n}]"),)) for n in range(100))
            await asyncio.gather(*(client.complete(request) for request in requests))
            await client.close()

        asyncio.run(work())
        arrivals = [(seen["at"], 1) for seen in server.requests()]
    assert len(arrivals) == 100
    # What was held up on its way, by up to a fifth of a second, arrives together with what comes after.
    assert most(arrivals, 0.3) <= 40
    assert arrivals[-1][0] - arrivals[0][0] > 1.0


def test_tokens_are_corrected_by_what_the_server_counts() -> None:
    """Answers of ten times the prompt: after the first ones, the rate is kept by what was really used."""
    with model_server(latency=0.01, rules=[(".", "word " * 100)]) as server:
        settings = (("name", "test"), ("base_url", server.url), ("rate", {"tokens": Rate(2000, 0.5)}))
        client = make_client(Model("m", "openai", None, settings))
        used: list[tuple[float, int]] = []

        async def one(number: int) -> None:
            answer = await client.complete(Request((Message("user", f"say {number}"),)))
            used.append((asyncio.get_running_loop().time(), answer.input_tokens + answer.output_tokens))

        async def work() -> None:
            await one(0)
            await asyncio.gather(*(one(number) for number in range(1, 60)))
            await client.close()

        asyncio.run(work())
    assert sum(tokens for _, tokens in used) > 4000
    assert most(used, 0.5) <= 2000 + 200
