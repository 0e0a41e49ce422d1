"""One step that calls a task, as the driver sees it while it runs.

In: frames from workers; sub-problems about to be given out. Out: frames published and in the journal, and the batches
that are really left to run: what earlier journals hold is taken from them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from apwa_compiler.plan import Plan, Step, Task
from apwa_runtime.batches import (
    Batch,
    Failure,
    FileWrite,
    Frame,
    Ordinals,
    Usage,
    from_bytes,
    ordinals_of,
    part_of,
    to_bytes,
)
from apwa_runtime.failures import Failures
from apwa_runtime.journal.frames import FileCommit
from apwa_runtime.journal.journal import Journal
from apwa_runtime.journal.results import Results, results
from apwa_runtime.journal.reuse import Earlier
from apwa_runtime.mended import Mended
from apwa_runtime.publish import Publisher, PublishError
from apwa_runtime.reads import Reads
from apwa_runtime.resources import ResourceClasses
from apwa_runtime.runner import Binder, input_record, output_record
from apwa_runtime.traces import Traces
from apwa_runtime.values.arrow import from_batch, to_batch

# Told of each frame that is safe: the frame, and whether it comes from an earlier run.
Recorded = Callable[[Frame, bool], None]


@dataclass(frozen=True)
class Before:
    """What earlier runs left of a step: their results, rows that a person has mended, and what may have killed them."""

    earlier: tuple[Earlier, ...] = ()
    mended: Mended | None = None
    suspects: Collection[int] = ()


class StepRun:
    """Takes the frames of one step, from any thread."""

    def __init__(
        self,
        plan: Plan,
        step: Step,
        task: Task,
        key: str,
        journal: Journal,
        before: Before,
        classes: ResourceClasses,
        recorded: Recorded,
        *,
        sends_files: bool = False,
    ) -> None:
        self.step = step
        self.task = task
        self.input = input_record(plan, step)
        self.output = output_record(step, task)
        self._traces = Traces(journal.folder.parent.parent, step.name)
        self._reads = Reads(plan, step, task, self.input) if sends_files and task.reads else None
        self._failures = Failures(step, task, self.input)
        self._binder = Binder(plan, step, task, key)
        self._publisher = Publisher(plan, step.name, task, journal.folder)
        self._journal = journal
        self._before = before
        self._classes = classes
        self._recorded = recorded
        self._lock = threading.Lock()

    @property
    def classes(self) -> ResourceClasses:
        """What its sub-problems need of a worker."""
        return self._classes

    def left(self, numbered: Iterable[tuple[Ordinals, Any]]) -> Iterator[Batch]:
        """The batches to run, of record batches of sub-problems.

        A batch holds one class of resources; of those that come together the costly are first.
        """
        for ordinals, rows in numbered:
            mended = self._with_mended(ordinals, rows)
            left = self._without_found(ordinals, mended)
            suspects = (
                [ordinal for ordinal in left if ordinal in self._before.suspects] if self._before.suspects else []
            )
            others = [ordinal for ordinal in left if ordinal not in self._before.suspects] if suspects else left
            for some, guarded in ((others, False), (suspects, True)):
                if some:
                    yield from self._batches(some, ordinals, mended, guarded)

    def with_files(self, batch: Batch) -> tuple[Batch, Batch | None]:
        """The batch, or its beginning, with the files that it reads where these are sent; and the rest of it."""
        if self._reads is None:
            return batch, None
        files, served = self._reads.of(batch)
        total = len(batch.ordinals)
        if served == total:
            return replace(batch, files=files), None
        return replace(part_of(batch, range(served)), files=files), part_of(batch, range(served, total))

    def starts(self, batch: Batch) -> None:
        """Note that a batch begins."""
        self._journal.starts(self.step.name, batch.ordinals)

    def take(self, frame: Frame, batch: Batch) -> int:
        """Publish what the sub-problems of a frame write and put it into the journal, as its frame of that number.

        Raises OSError.
        """
        with self._lock:
            commits, refused, closed = self._publish(frame.files)
            if refused:
                frame = self._with_refused(frame, batch, refused)
            if closed:
                done = {commit.ordinal for commit in commits}
                frame = frame.without({file.ordinal for file in frame.files} - done)
            kept = tuple(commit for commit in commits if commit.ordinal not in refused)
            self._traces.add(frame)
            taken = self._journal.append(self.step.name, replace(frame, files=(), traces=()), kept)
        self._recorded(frame, False)
        if closed:
            raise closed
        return taken

    def lose(self, batch: Batch, reason: str) -> None:
        """Let every sub-problem of a batch fail, for a reason that lies outside of it. Raises OSError."""
        failures = [self._failure(batch, ordinal, reason) for ordinal in batch.ordinals]
        nothing = to_bytes(to_batch([], self.output))
        keys = b"".join(key for _, key in failures)
        self.take(Frame(range(0), b"", nothing, tuple(failure for failure, _ in failures), keys), batch)

    def results(self, since: int = 0) -> Results:
        """The rows so far of sub-problems from ordinal ``since`` on. Raises OSError when the journal is not durable."""
        self._journal.flush()
        name = self.step.name
        places = (place for place in self._journal.places(name) if place.first >= since)
        return results(self.output, self._journal.path(name), places)

    def close(self) -> None:
        """Let go of what the step held."""
        self._publisher.close()
        self._traces.close()

    def _publish(self, files: Iterable[FileWrite]) -> tuple[list[FileCommit], dict[int, str], OSError | None]:
        """What was published, why some were refused, and what keeps the rest from being written at all."""
        commits: list[FileCommit] = []
        refused: dict[int, str] = {}
        for file in files:
            if file.ordinal in refused:
                continue
            try:
                commits.append(self._publisher.publish(file))
            except PublishError as error:
                refused[file.ordinal] = str(error)
            except OSError as error:
                return [commit for commit in commits if commit.ordinal != file.ordinal], refused, error
        return commits, refused, None

    def _with_refused(self, frame: Frame, batch: Batch, refused: Mapping[int, str]) -> Frame:
        """The frame with those whose writes were refused among the failures."""
        failures = [self._failure(batch, ordinal, reason) for ordinal, reason in refused.items()]
        kept = frame.without(set(refused))
        return replace(
            kept,
            failures=(*kept.failures, *(failure for failure, _ in failures)),
            failed_keys=kept.failed_keys + b"".join(key for _, key in failures),
        )

    def _failure(self, batch: Batch, ordinal: int, reason: str) -> tuple[Failure, bytes]:
        place = batch.ordinals.index(ordinal)
        (row,) = from_batch(from_bytes(batch.data).slice(place, 1), self.input)
        failure = self._failures.of(ordinal, row, reason, attempts=1)
        return failure, self._binder.bound(row).key

    def _with_mended(self, ordinals: Ordinals, rows: Any) -> Any:
        mended = self._before.mended
        if not mended or not any(ordinal in mended.given or ordinal in mended.kept for ordinal in ordinals):
            return rows
        whole = from_batch(rows, self.input)
        for ordinal, row in zip(ordinals, whole, strict=True):
            row.update(mended.values(ordinal, row) or {})
        return to_batch(whole, self.input)

    def _without_found(self, ordinals: Ordinals, rows: Any) -> Sequence[int]:
        """The ordinals whose results no earlier run has; those that one has are taken over."""
        if not self._before.earlier:
            return ordinals
        bound = (self._binder.bound(row) for row in from_batch(rows, self.input))
        left = [(ordinal, one.key) for ordinal, one in zip(ordinals, bound, strict=True)]
        for earlier in self._before.earlier:
            found: set[int] = set()
            for frame, commits in earlier.found(left, self._publisher.stands):
                with self._lock:
                    self._journal.append(self.step.name, frame, commits)
                self._recorded(frame, True)
                found.update(frame.ordinals, (failure.ordinal for failure in frame.failures))
            left = [entry for entry in left if entry[0] not in found]
        return [ordinal for ordinal, _ in left]

    def _batches(self, some: Sequence[int], ordinals: Ordinals, rows: Any, guarded: bool) -> Iterator[Batch]:
        """Batches of ``some`` of the sub-problems in ``rows``, whose ``ordinals`` these are."""
        part = rows
        if len(some) < len(ordinals):
            at = {ordinal: place for place, ordinal in enumerate(ordinals)}
            part = rows.take(pa.array([at[ordinal] for ordinal in some], pa.int64()))
        whole = Batch(ordinals_of(some), to_bytes(part), guarded)
        if self._classes.fixed is not None:
            yield whole
            return
        for resources, places in self._classes.classes(from_batch(part, self.input)):
            yield replace(part_of(whole, places), resources=resources)


def usage_frame(output: Any, usage: Mapping[str, Usage]) -> Frame:
    """A frame without rows that carries over what earlier generations have cost."""
    return Frame(range(0), b"", to_bytes(to_batch([], output)), usage=dict(usage))
