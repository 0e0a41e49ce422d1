"""One run while it lasts: what its steps share.

In: a plan, an open cluster and the journal. Out: datasets by step, failures, usage. Steps run in threads of the driver;
everything here that they change is guarded by one lock.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError as FutureCancelled
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from distributed import KilledWorker, as_completed

from apwa_compiler.lowering.tasks import lower_batch
from apwa_compiler.plan import Plan, Step, Task, Until
from apwa_runtime.batch_sizes import BatchSizes
from apwa_runtime.batches import Batch, Failure, Frame, Report, Usage, halves, without
from apwa_runtime.cluster import Cluster, within
from apwa_runtime.datasets import Dataset
from apwa_runtime.errors import BudgetSpent, Interrupted, RunError
from apwa_runtime.exchange import EVERY, Exchange, Received
from apwa_runtime.isolation.level import Reached
from apwa_runtime.journal.journal import Journal
from apwa_runtime.launch.check import LaunchCheck
from apwa_runtime.models.budget import Budget, budgets
from apwa_runtime.models.limits import LimitBroker
from apwa_runtime.models.rate_log import has_rates
from apwa_runtime.progress import Progress
from apwa_runtime.report import Counts
from apwa_runtime.resources import Offers, ResourceClasses
from apwa_runtime.resume import only_asks
from apwa_runtime.step_run import Before, StepRun, usage_frame
from apwa_runtime.worker import levels, run_batch, stop

# Batches submitted for each slot of the cluster: enough that no worker waits for the driver, few enough to stay small.
_WINDOW_PER_SLOT = 2
# Seconds that a cluster has to answer when a run is stopped.
_LAST_WORD = 5.0
# Batches that only ask a server are suspected when so many of their workers have died.
_DEATHS = 3


@dataclass(slots=True, eq=False)
class _Active:
    """A batch on its way: ``received`` frames by execution, and the ``finished`` sub-problems that they hold.

    ``taken`` has for each frame of the execution heard of last how many frames the journal had taken with it.
    ``broken``: one of its frames could not be written, and no more are.
    """

    run: StepRun
    batch: Batch
    attempt: int
    since: float = field(default_factory=time.monotonic)
    received: dict[str, int] = field(default_factory=dict)
    finished: set[int] = field(default_factory=set)
    broken: bool = False
    taken: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def latest(self, durable: int) -> Received:
        """The execution heard of last, its frames here, and those among the first ``durable`` of the journal."""
        execution = next(reversed(self.received), "")
        return execution, len(self.taken), bisect_right(self.taken, durable)


@dataclass
class Session:
    """The state of one run. ``before`` says what earlier runs left of a step, ``fingerprints`` its key's beginning.

    ``sends_files``: some worker does not see the files that sub-problems read. ``over`` are the ends of rounds after
    which no other follows, ``skipped`` the steps that are left out for that.
    """

    run_id: str
    plan: Plan
    folder: Path
    cluster: Cluster
    progress: Progress
    journal: Journal
    offers: Offers
    datasets: dict[str, Dataset]
    launch: tuple[LaunchCheck, ...]
    fingerprints: Mapping[str, str]
    before: Callable[[Step, Task], Before]
    sends_files: bool = False
    failures: list[Failure] = field(default_factory=list)
    usage: dict[str, Usage] = field(default_factory=dict)
    saved: list[tuple[str, str, int]] = field(default_factory=list)
    levels: dict[str, dict[str, Reached]] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    error: str | None = None
    held: dict[str, str] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    exchange: Exchange | None = None
    _budgets: dict[str, Budget] = field(init=False)
    _active: dict[str, _Active] = field(default_factory=dict)
    _futures: dict[str, Any] = field(default_factory=dict)
    _ended: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._budgets = budgets(self.plan)

    def begin(self, step: Step, total: int | None) -> StepRun:
        """Start a step that calls a task; ``total`` is the number of its sub-problems where that is known."""
        self.progress.start(step.name, total)
        operation: Any = step.operation
        task = self.plan.task(operation.task)
        before = self.before(step, task)
        counts = self.counts.setdefault(step.name, Counts())

        def recorded(frame: Frame, reused: bool) -> None:
            self._count(step.name, counts, frame, reused)
            self._spend(task.name, frame.usage)

        classes = ResourceClasses(self.plan, step, self.offers)
        key = self.fingerprints[step.name]
        run = StepRun(self.plan, step, task, key, self.journal, before, classes, recorded, sends_files=self.sends_files)
        spent = next((earlier.usage for earlier in before.earlier if earlier.usage), None)
        if spent:
            self.journal.append(step.name, usage_frame(run.output, spent))
            self._spend(task.name, spent)
        return run

    def skip(self, step: Step) -> None:
        """Leave out a step of a round that is not needed, and the end of that round."""
        self.skipped.add(step.name)
        if isinstance(step.operation, Until):
            self.over.add(step.name)
        elif step.record is not None:
            self.datasets[step.name] = Dataset(step.record)

    def dispatch(self, run: StepRun, batches: Iterable[Batch], sizes: BatchSizes | None = None) -> None:
        """Run batches on the cluster, a bounded number at a time, until every sub-problem is in the journal.

        A batch whose worker died runs on in a process of its own, without what it had finished. Raises Interrupted when
        the run is stopped, BudgetSpent when something is left for which there is no budget, RunError when the cluster
        is gone and OSError when the disk is.
        """
        waiting = iter(batches)
        again: deque[tuple[Batch, int]] = deque()
        on_way = held = 0
        finished = as_completed(raise_errors=False, with_results=True)
        window = _WINDOW_PER_SLOT * self.cluster.slots
        while True:
            while on_way < window:
                batch, attempt = again.popleft() if again else (next(waiting, None), 0)
                if batch is None:
                    break
                if run.task.name in self.held:
                    held += len(batch.ordinals)
                    break
                batch, rest = run.with_files(batch)
                if rest is not None:
                    again.appendleft((rest, attempt))
                finished.add(self._submit(run, batch, attempt))
                on_way += 1
            if not on_way:
                if held:
                    raise BudgetSpent(self._budgets[run.task.name].spent or self.held[run.task.name])
                return
            future, result = next(finished)
            on_way -= 1
            active = self._active.pop(future.key)
            self._futures.pop(future.key, None)
            if isinstance(result, Report):
                self._take(active, result)
                if not self.cluster.embedded:
                    self._ended[future.key] = active.taken[-1] if active.taken else 0
            if self.stop.is_set():
                raise Interrupted
            if isinstance(result, Report):
                if result.error is not None:
                    again.extend(self._retried(active, RuntimeError(result.error)))
                    future.release()
                    continue
                left = without(active.batch, active.finished)
                if left is not None and run.task.name in self.held:
                    held += len(left.ordinals)
                elif left is not None:
                    # Its worker did not hear the driver for a while and began no more of it, or died with the result.
                    again.append((left, active.attempt + 1))
                elif sizes and not active.batch.guarded:
                    sizes.measured(len(active.batch.ordinals), result.seconds)
            else:
                again.extend(self._retried(active, _cause(result)))
            future.release()

    def end(self, run: StepRun) -> None:
        """The step is over: what it has given is durable."""
        self.journal.flush()
        run.close()
        self.progress.finish(run.step.name)

    def cancel(self) -> None:
        """Stop the run: what is on its way is cancelled, what is finished stays."""
        self.stop.set()
        if not self.cluster.is_reachable:
            return
        client, futures = self.cluster.client, list(self._futures.values())
        if self.exchange:
            within(_LAST_WORD, self.exchange.once)
        within(_LAST_WORD, lambda: client.cancel(futures, force=True))
        within(_LAST_WORD, lambda: client.run(stop, self.run_id))

    def fail(self, reason: str) -> None:
        """End the run early, from any thread, because of something that concerns all of it."""
        with self._lock:
            self.error = self.error or reason
        self.stop.set()
        threading.Thread(target=self.cancel, daemon=True).start()

    def ask_levels(self) -> None:
        """Ask each worker how far it keeps the calls of Python bodies apart; one that is gone keeps its last word."""
        within(_LAST_WORD, lambda: self.levels.update(self.cluster.client.run(levels, self.run_id, on_error="ignore")))

    def speak(self, brokers: Mapping[str, LimitBroker]) -> Exchange:
        """Begin the exchange with the workers; ``brokers`` divide the limits of models among them."""
        self.exchange = Exchange(
            self.cluster,
            self.run_id,
            brokers,
            self._due,
            self._held_tasks,
            self._durable,
            self._take_early,
            self.progress.note,
            self.folder if has_rates(self.plan) else None,
        )
        return self.exchange

    def managed(self, model: str, usage: Usage) -> None:
        """Count what a decision of the manager has taken."""
        with self._lock:
            self.usage.setdefault(model, Usage()).add(usage)

    def _held_tasks(self) -> tuple[str, ...]:
        return tuple(self.held)

    def _take_early(self, key: str, report: Report) -> None:
        active = self._active.get(key)
        if active is not None:
            self._take(active, report)

    def _due(self) -> dict[str, Received]:
        """The batches that have run for a while, with what is known of them."""
        old = time.monotonic() - EVERY
        durable = self.journal.durable
        return {key: active.latest(durable) for key, active in list(self._active.items()) if active.since < old}

    def _durable(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        """Those of some ended batches whose results are in the journal for good."""
        durable = self.journal.durable
        return tuple(key for key in keys if self._ended.get(key, durable + 1) <= durable)

    def _take(self, active: _Active, report: Report) -> None:
        with active.lock:
            if active.broken:
                return
            seen = active.received.get(report.execution, 0)
            if report.execution not in active.received:
                active.taken = [0] * report.start
            for number, frame in enumerate(report.frames, start=report.start):
                if number < seen:
                    continue
                fresh = frame if not active.finished else frame.without(active.finished)
                try:
                    active.taken.append(active.run.take(fresh, active.batch))
                except OSError as error:
                    active.broken = True
                    self.fail(f"{error.filename or self.folder} cannot be written: {error.strerror}")
                    raise
                active.finished.update(fresh.ordinals, (failure.ordinal for failure in fresh.failures))
                seen = number + 1
            active.received[report.execution] = seen

    def _retried(self, active: _Active, cause: BaseException) -> Iterator[tuple[Batch, int]]:
        """What is to be done again of a batch that came to no end."""
        if isinstance(cause, FutureCancelled):
            raise RunError(
                "the Dask scheduler is gone; what has finished is kept: run again with --resume", exit_code=1
            )
        with active.lock:
            left = without(active.batch, active.finished)
        if left is None:
            return
        if not isinstance(cause, KilledWorker):
            if len(left.ordinals) > 1:
                yield from ((half, active.attempt + 1) for half in halves(left))
            else:
                active.run.lose(left, f"its worker could not finish it: {cause}")
        elif not left.guarded and active.attempt >= (_DEATHS if only_asks(self.plan, active.run.task) else 0):
            yield replace(left, guarded=True), active.attempt + 1
        elif not left.guarded:
            yield left, active.attempt + 1
        elif len(left.ordinals) > 1:
            yield from ((half, active.attempt + 1) for half in halves(left))
        else:
            active.run.lose(left, "every worker that ran it has died")

    def _submit(self, run: StepRun, batch: Batch, attempt: int) -> Any:
        task = lower_batch(self.plan, run.step, self.run_id, batch.ordinals[0], attempt, batch.resources)
        run.starts(batch)
        # What it reads is loaded again where it runs again.
        self._active[task.key] = _Active(run, replace(batch, files=None), attempt)
        future = self.cluster.client.submit(
            run_batch,
            self.run_id,
            run.step.name,
            task.key,
            batch,
            key=task.key,
            resources=task.resources or None,
            priority=task.priority,
            retries=task.retries,
            pure=False,
        )
        self._futures[task.key] = future
        return future

    def _count(self, step: str, counts: Counts, frame: Frame, reused: bool) -> None:
        done, failed = len(frame.ordinals), len(frame.failures)
        with self._lock:
            counts.done += done
            counts.failed += failed
            counts.reused += done + failed if reused else 0
            self.failures.extend(frame.failures)
        self.progress.advance(step, done, failed)

    def _spend(self, task: str, usage: Mapping[str, Usage]) -> None:
        with self._lock:
            for model, amount in usage.items():
                self.usage.setdefault(model, Usage()).add(amount)
            budget = self._budgets.get(task)
            if budget is None:
                return
            budget.add(usage)
            if budget.spent is None or task in self.held:
                return
            self.held[task] = budget.spent
        if self.exchange:
            self.exchange.wake()


def _cause(result: object) -> BaseException:
    """What went wrong, of the result of a future that has none."""
    cause = result[1] if isinstance(result, tuple) else result
    return cause if isinstance(cause, BaseException) else RuntimeError(str(cause))
