"""What the driver and each worker say to each other while batches run, a few times a second.

In: batches that are under way, and what models allow the run. Out: their results as they finish, and to every worker
its part of the limits. One exchange with a worker at a time; one that does not answer holds up nobody else.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from apwa_compiler.plan import Plan
from apwa_runtime.batches import Report
from apwa_runtime.models.limits import Grant, LimitBroker, Used
from apwa_runtime.models.limits import Report as LimitReport
from apwa_runtime.models.protocol import ModelSetupError
from apwa_runtime.models.rate_log import RateLog
from apwa_runtime.models.registry import limits_of

if TYPE_CHECKING:
    from apwa_runtime.cluster import Cluster

EVERY = 0.2
_AT_ONCE = 32
# Seconds without any worker after which people are told.
_ALONE = 3.0

# What Dask raises when the other side is not there any more.
_GONE = (OSError, RuntimeError, TimeoutError)


Received = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Question:
    """To a worker. ``received`` says by batch which execution the driver knows, how many of its frames, and how many of
    these are durable.

    ``grants`` are by model; for tasks in ``held`` no more requests are to be sent. The results of batches in ``ended``
    are durable.
    """

    received: Mapping[str, Received]
    grants: Mapping[str, Grant] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """From a worker: what its batches have finished, and by model what it uses and wants.

    It keeps the results of the ended batches in ``keeping`` until it is told that they are durable.
    """

    reports: Mapping[str, Report]
    limits: Mapping[str, LimitReport] = field(default_factory=dict)
    keeping: tuple[str, ...] = ()


class Exchange:
    """Speaks with the workers of a run from threads of its own, until closed.

    ``brokers`` are by model; ``under_way`` gives the batches to ask about, ``held`` the tasks that are to send nothing
    more, ``durable`` those of some ended batches that are kept well, ``take`` takes what a batch has finished, and
    ``note`` what people have to know. ``rates`` is a folder that keeps what is used of rates, where there are any.
    """

    def __init__(
        self,
        cluster: Cluster,
        run_id: str,
        brokers: Mapping[str, LimitBroker],
        under_way: Callable[[], Mapping[str, Received]],
        held: Callable[[], tuple[str, ...]],
        durable: Callable[[tuple[str, ...]], tuple[str, ...]],
        take: Callable[[str, Report], None],
        note: Callable[[str], None],
        rates: Path | None,
    ) -> None:
        self._cluster = cluster
        self._run_id = run_id
        self._under_way = under_way
        self._held = held
        self._durable = durable
        self._keeping: dict[str, tuple[str, ...]] = {}
        self._take = take
        self._note = note
        self._rates = RateLog(rates, self._used) if rates else None
        self._alone_since: float | None = None
        self._brokers = brokers
        self._busy: set[str] = set()
        self._known: set[str] = set()
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._closed = False
        if self._rates:
            self._rates.keep()
        self._thread = threading.Thread(target=self._speak, name="apwa-exchange", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Speak with the workers now."""
        self._woken.set()

    def once(self) -> None:
        """One exchange with every worker, in this thread."""
        for address in self._cluster.addresses():
            self._with(address)

    def close(self) -> None:
        """No more exchanges; nothing more is sent."""
        self._closed = True
        self._woken.set()
        if self._rates:
            self._rates.close()

    def _speak(self) -> None:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="apwa-exchange") as pool:
            while True:
                woken = self._woken.wait(EVERY)
                self._woken.clear()
                if self._closed:
                    return
                if self._rates:
                    self._rates.keep()
                # Workers elsewhere are told that the driver lives even while there is nothing to say.
                if self._cluster.embedded and not (woken or self._under_way()):
                    continue
                try:
                    addresses = set(self._cluster.addresses())
                except _GONE:
                    continue
                self._note_lost(addresses)
                self._note_alone(not addresses)
                for address in addresses - self._busy:
                    self._busy.add(address)
                    pool.submit(self._with, address)

    def _with(self, address: str) -> None:
        try:
            ended = self._durable(self._keeping.get(address, ()))
            question = Question(self._under_way(), self._grants(address), self._held(), ended)
            from apwa_runtime.worker import exchange

            answers = self._cluster.client.run(exchange, self._run_id, question, workers=[address], on_error="ignore")
            for answer in answers.values():
                if answer is None:
                    continue
                now = time.monotonic()
                with self._lock:
                    for model, report in answer.limits.items():
                        self._brokers[model].report(address, report, now)
                self._keeping[address] = answer.keeping
                for key, report in answer.reports.items():
                    self._take(key, report)
        except _GONE:
            # The worker or its connection, which its batches will say; or the journal, which the run knows.
            return
        finally:
            self._busy.discard(address)

    def _grants(self, address: str) -> dict[str, Grant]:
        now = time.monotonic()
        with self._lock:
            return {model: broker.grant(address, now) for model, broker in self._brokers.items()}

    def _note_alone(self, alone: bool) -> None:
        """Say, once, that nobody has worked for a while."""
        if not alone:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since > _ALONE:
            self._alone_since = math.inf
            self._note("the cluster has no workers; the run goes on as soon as one joins")

    def _note_lost(self, addresses: set[str]) -> None:
        with self._lock:
            for address in self._known - addresses:
                for broker in self._brokers.values():
                    broker.lost(address, time.monotonic())
            self._known = addresses

    def _used(self) -> dict[str, Used]:
        """What workers have used and may use of the rates of models."""
        from apwa_runtime.worker import used

        if self._cluster.embedded:
            return used(self._run_id)
        now = time.monotonic()
        with self._lock:
            return {model: broker.used(now) for model, broker in self._brokers.items()}


def brokers(plan: Plan, used: Mapping[str, Used]) -> dict[str, LimitBroker]:
    """A broker for each model that has limits for the run; where a variable is set on workers only, there is none.

    ``used`` is what an earlier start has used of their rates.
    """
    found: dict[str, LimitBroker] = {}
    for model in plan.models:
        with suppress(ModelSetupError):
            limits = limits_of(model)
            if limits.requests or limits.tokens or limits.concurrency:
                found[model.name] = LimitBroker(limits)
                if model.name in used:
                    found[model.name].restore(used[model.name], time.monotonic())
    return found
