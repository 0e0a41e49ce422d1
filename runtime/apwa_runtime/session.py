"""One run while it lasts: what its steps share.

In: a plan and an open cluster. Out: datasets by step, failures, usage. Steps run in threads of the driver; everything
here that they change is guarded by one lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from distributed import as_completed

from apwa_compiler.lowering.tasks import DaskTask, lower_batch
from apwa_compiler.plan import Plan, Step
from apwa_runtime.batches import Batch, BatchResult, Failure, Usage, from_bytes, to_bytes
from apwa_runtime.cluster import Cluster, within
from apwa_runtime.datasets import Dataset
from apwa_runtime.errors import Interrupted
from apwa_runtime.failures import describe_row, identity_of, without_secrets
from apwa_runtime.isolation.level import Reached
from apwa_runtime.launch.check import LaunchCheck
from apwa_runtime.progress import Progress
from apwa_runtime.resources import Offers
from apwa_runtime.runner import input_record, output_record
from apwa_runtime.values.arrow import from_batch, to_batch
from apwa_runtime.worker import levels, stop

# Batches submitted for each slot of the cluster: enough that no worker waits for the driver, few enough to stay small.
_WINDOW_PER_SLOT = 2
# Seconds that a cluster has to answer when a run is stopped.
_LAST_WORD = 5.0

Function = Callable[[str, str, Batch], BatchResult]


@dataclass
class Session:
    """The state of one run."""

    run_id: str
    plan: Plan
    folder: Path
    cluster: Cluster
    progress: Progress
    offers: Offers
    datasets: dict[str, Dataset] = field(default_factory=dict)
    launch: tuple[LaunchCheck, ...] = ()
    failures: list[Failure] = field(default_factory=list)
    usage: dict[str, Usage] = field(default_factory=dict)
    saved: list[tuple[str, str, int]] = field(default_factory=list)
    levels: dict[str, dict[str, Reached]] = field(default_factory=dict)
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    _futures: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def dispatch(
        self, step: Step, function: Function, batches: Iterable[Batch], *, divisible: bool = True
    ) -> Iterator[BatchResult]:
        """Run batches on the cluster, a bounded number at a time; results come as they finish.

        A batch whose worker died is cut in two and tried again, down to the sub-problem that kills it, unless its rows
        belong together (``divisible`` False). Raises Interrupted when the run is stopped.
        """
        waiting = iter(batches)
        active: dict[str, tuple[Batch, int]] = {}
        finished = as_completed(raise_errors=False, with_results=True)

        def submit(batch: Batch, attempt: int) -> None:
            task = lower_batch(self.plan, step, self.run_id, batch.first, attempt, batch.resources)
            future = self._submit(task, function, step, batch)
            active[task.key] = (batch, attempt)
            self._futures[task.key] = future
            finished.add(future)

        for batch in islice(waiting, _WINDOW_PER_SLOT * self.cluster.slots):
            submit(batch, 0)
        while active:
            future, result = next(finished)
            batch, attempt = active.pop(future.key)
            self._futures.pop(future.key, None)
            if self.stop.is_set():
                raise Interrupted
            if isinstance(result, BatchResult):
                yield self._recorded(step, result)
            elif divisible and batch.count > 1:
                for half in _halves(batch):
                    submit(half, attempt + 1)
            else:
                yield self._recorded(step, _lost(self.plan, step, batch, result))
            future.release()
            for batch in islice(waiting, 1):
                submit(batch, 0)

    def cancel(self) -> None:
        """Stop the run: what is on its way is cancelled, what is finished stays."""
        self.stop.set()
        client, futures = self.cluster.client, list(self._futures.values())
        within(_LAST_WORD, lambda: client.cancel(futures, force=True))
        within(_LAST_WORD, lambda: client.run(stop, self.run_id))

    def ask_levels(self) -> None:
        """Ask each worker how far it keeps the calls of Python bodies apart; one that is gone keeps its last word."""
        within(_LAST_WORD, lambda: self.levels.update(self.cluster.client.run(levels, self.run_id)))

    def _submit(self, task: DaskTask, function: Function, step: Step, batch: Batch) -> Any:
        return self.cluster.client.submit(
            function,
            self.run_id,
            step.name,
            batch,
            key=task.key,
            resources=task.resources or None,
            priority=task.priority,
            retries=task.retries,
            pure=False,
        )

    def _recorded(self, step: Step, result: BatchResult) -> BatchResult:
        with self._lock:
            done, failed = self.counts.get(step.name, (0, 0))
            self.counts[step.name] = (done + result.done, failed + len(result.failures))
            self.failures.extend(result.failures)
            for model, usage in result.usage.items():
                self.usage.setdefault(model, Usage()).add(usage)
        self.progress.advance(step.name, result.done, len(result.failures))
        return result


def _halves(batch: Batch) -> tuple[Batch, Batch]:
    rows = from_bytes(batch.data)
    middle = batch.count // 2
    return (
        Batch(batch.first, middle, to_bytes(rows.slice(0, middle)), batch.resources),
        Batch(batch.first + middle, batch.count - middle, to_bytes(rows.slice(middle)), batch.resources),
    )


def _lost(plan: Plan, step: Step, batch: Batch, error: object) -> BatchResult:
    """The result of a batch that no worker could finish and that cannot be cut further."""
    operation: Any = step.operation
    task = plan.task(operation.task)
    record = input_record(plan, step)
    row = from_batch(from_bytes(batch.data).slice(0, 1), record)[0]
    identity = operation.split.identity if hasattr(operation, "split") else ()
    cause = error[1] if isinstance(error, tuple) else error
    failure = Failure(
        step=step.name,
        task=task.name,
        ordinal=batch.first,
        identity=identity_of(row, record, identity),
        row=describe_row(row, record),
        reason=without_secrets(f"its worker could not finish it: {type(cause).__name__}: {cause}", row, record),
        attempts=1,
        outcome=task.policy.on_error,
    )
    return BatchResult(batch.first, 0, to_bytes(to_batch([], output_record(step, task))), (failure,))
