"""One step's sub-problems, from argument binding to result rows.

In: a batch of sub-problems as Arrow. Out: frames of result rows as Arrow, with one failure for each sub-problem that
gave none. The order is: bind arguments, ``require``, body (which retries), result type and ``ensure``, ``writes``,
``keep``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from apwa_compiler.plan import Call as CallOnce
from apwa_compiler.plan import Map, Plan, Prompt, Step, Task, TaskReduce
from apwa_lang.semantics.types import INT, Field, ListOf, RecordType
from apwa_runtime.batches import Batch, FileWrite, Frame, Usage, from_bytes, ordinals_of, to_bytes
from apwa_runtime.binding import Binding, Row, getters
from apwa_runtime.bodies.protocol import Begin, Body, Call, Done, Failed, Held, Outcome, always
from apwa_runtime.contracts import Contract
from apwa_runtime.expressions import EvaluationError
from apwa_runtime.failures import Failures
from apwa_runtime.keys import Keyring
from apwa_runtime.outbox import Outbox
from apwa_runtime.resources import Demand
from apwa_runtime.shown_files import Shows
from apwa_runtime.trace_secrets import TraceSecrets
from apwa_runtime.values.arrow import from_batch, to_batch
from apwa_runtime.writes import WriteError, Writes

# A batch without columns has no rows, so a call whose arguments are no tables needs one.
_ONE_CALL = Field("@call", INT)

# Folds of a batch that run at a time, at most.
_FOLDS = 64


@dataclass(slots=True)
class Finished:
    """A sub-problem with what became of it."""

    ordinal: int
    subproblem: Row
    key: bytes
    kept: Row
    outcome: Outcome
    files: tuple[FileWrite, ...] = ()


class Sink(Protocol):
    """What takes sub-problems as they finish."""

    def add(self, finished: Finished) -> None:
        """Take what one sub-problem has given."""
        ...


@dataclass(frozen=True, slots=True)
class Bound:
    """A sub-problem ready to run, or the reason why it cannot: the arguments do not evaluate, a ``require`` fails.

    ``shown`` are the digests of the files that its prompt shows.
    """

    key: bytes
    kept: Row
    arguments: Row
    names: Row
    reason: str | None = None
    shown: tuple[str, ...] = ()


class Binder:
    """Binds the sub-problems of a step; driver and workers give the same sub-problem the same key."""

    def __init__(self, plan: Plan, step: Step, task: Task, step_fingerprint: str) -> None:
        self._binding = Binding(plan, step, task)
        self._keep = getters(step.operation.keep) if isinstance(step.operation, Map) else []
        self._demand = Demand(plan, task) if task.fixed_resources() is None else None
        self._keyring = Keyring(step_fingerprint)
        self._shows: Shows | None = None
        if isinstance(task.body, Prompt) and any(effect.shown for effect in task.reads):
            self._shows = Shows(plan, task.body)

    def bound(self, subproblem: Row, files: Mapping[str, bytes] | None = None) -> Bound:
        """The sub-problem with its arguments and its content key; ``files`` came along."""
        arguments: Row = {}
        kept: Row = {}
        try:
            arguments = self._binding.arguments(subproblem)
            if self._keep:
                scope = self._binding.scope(subproblem)
                kept = {name: get(scope) for name, get in self._keep}
            if self._demand:
                self._demand.of(arguments)
            names = self._binding.names(arguments)
        except (EvaluationError, ValueError) as error:
            return Bound(self._keyring.key(arguments or subproblem, kept), kept, arguments, {}, str(error))
        try:
            shown = self._shows.digests(names, files) if self._shows else ()
        except EvaluationError as error:
            # It is another key once the file is mended.
            reason = str(error)
            return Bound(self._keyring.key(arguments, kept, (reason,)), kept, arguments, names, reason)
        return Bound(self._keyring.key(arguments, kept, shown), kept, arguments, names, shown=shown)

    def names(self, arguments: Row) -> Row:
        """What the task's expressions and templates see. Raises ValueError when a ``require`` does not hold."""
        return self._binding.names(arguments)


class StepRunner:
    """Runs the batches of one map, reduce or call; made once for each worker."""

    def __init__(self, plan: Plan, step: Step, task: Task, key: str, body: Body) -> None:
        self._step = step
        self._task = task
        self._body = body
        self._record = output_record(step, task)
        self.input = input_record(plan, step)
        self._failures = Failures(step, task, self.input)
        self._binder = Binder(plan, step, task, key)
        self._check = Contract(task).check
        self._writes = Writes(plan, task)
        is_agent = isinstance(task.body, Prompt) and bool(task.body.tools)
        self._traces = TraceSecrets(plan, step, task, self.input) if is_agent else None
        self._folds = isinstance(step.operation, TaskReduce) and step.operation.strategy == "fold"

    def outbox(self) -> Outbox[Finished]:
        """Where :meth:`run` puts what has finished."""
        return Outbox(self._frame)

    def run(self, batch: Batch, outbox: Sink, begin: Begin = always) -> None:
        """Run every sub-problem of a batch that ``begin`` lets begin."""
        subproblems = from_batch(from_bytes(batch.data), self.input)
        if self._folds:
            # Each fold is one call after the other; those of prompts wait beside each other.
            waiting = len(batch.ordinals) if isinstance(self._task.body, Prompt) else 1
            with ThreadPoolExecutor(min(waiting, _FOLDS)) as pool:
                folds = pool.map(partial(self._fold, outbox=outbox, begin=begin), batch.ordinals, subproblems)
                deque(folds, maxlen=0)
            return
        bound: dict[int, tuple[Row, Bound]] = {}
        calls: list[Call] = []
        for ordinal, subproblem in zip(batch.ordinals, subproblems, strict=True):
            one = self._binder.bound(subproblem, batch.files)
            if one.reason is not None:
                outbox.add(Finished(ordinal, subproblem, one.key, one.kept, Failed(one.reason, attempts=0)))
                continue
            bound[ordinal] = (subproblem, one)
            calls.append(Call(ordinal, one.arguments, one.names, batch.files, one.shown))

        def finish(call: Call, outcome: Outcome) -> None:
            subproblem, one = bound.pop(call.ordinal)
            self._finish(call, Finished(call.ordinal, subproblem, one.key, one.kept, outcome), outbox)

        self._body.run(calls, self._check, finish, begin)

    def once(self, arguments: Row) -> Outcome:
        """What one call with these arguments gives."""
        try:
            call = Call(0, arguments, self._binder.names(arguments))
        except (EvaluationError, ValueError) as error:
            return Failed(str(error), attempts=0)
        finished: dict[Call, Outcome] = {}
        self._body.run([call], self._check, finished.__setitem__, always)
        return finished[call]

    def lost(self, ordinal: int, row: Row, reason: str) -> Frame:
        """The frame of a sub-problem that no process survived."""
        one = self._binder.bound(row)
        return self._frame([Finished(ordinal, row, one.key, one.kept, Failed(reason))])

    def _fold(self, ordinal: int, subproblem: Row, outbox: Sink, begin: Begin) -> None:
        """Fold the rows of a group from the left: ``f(f(f(r0, r1), r2), …)``; one row in, that row out."""
        if not begin((Call(ordinal, {}, {}),)):
            return
        one = self._binder.bound(subproblem)
        accumulated, *rows = subproblem["parts"]
        usage: dict[str, Usage] = {}
        call = Call(ordinal, {}, {})
        outcome: Outcome = Done(accumulated)
        for row in rows:
            arguments = _fold_arguments(self._task, accumulated, row)
            finished: dict[Call, Outcome] = {}
            try:
                call = Call(ordinal, arguments, self._binder.names(arguments))
            except (EvaluationError, ValueError) as error:
                finished[call] = Failed(str(error), attempts=0)
            else:
                self._body.run([call], self._check, finished.__setitem__, always)
            outcome = finished[call]
            for model, amount in outcome.usage:
                usage.setdefault(model, Usage()).add(amount)
            if not isinstance(outcome, Done):
                break
            accumulated = outcome.value
        spent = tuple(usage.items())
        match outcome:
            case Done():
                whole: Outcome = Done(accumulated, outcome.attempts, outcome.outputs, spent)
            case Failed():
                whole = Failed(outcome.reason, outcome.attempts, spent)
            case Held():
                whole = Held(spent)
        self._finish(call, Finished(ordinal, subproblem, one.key, one.kept, whole), outbox, writes=bool(rows))

    def _finish(self, call: Call, finished: Finished, outbox: Sink, *, writes: bool = True) -> None:
        outcome = finished.outcome
        if writes and isinstance(outcome, Done):
            try:
                finished.files = self._writes.of(call, outcome, finished.ordinal)
            except WriteError as error:
                finished.outcome = Failed(str(error), outcome.attempts, outcome.usage)
        outbox.add(finished)

    def _frame(self, finished: list[Finished]) -> Frame:
        finished.sort(key=_ordinal)
        done: list[Finished] = []
        failed: list[Finished] = []
        usage: dict[str, Usage] = {}
        for one in finished:
            if isinstance(one.outcome, Done):
                done.append(one)
            elif isinstance(one.outcome, Failed):
                failed.append(one)
            for model, amount in one.outcome.usage:
                usage.setdefault(model, Usage()).add(amount)
        rows = [self._row(one) for one in done]
        failures = tuple(
            self._failures.of(one.ordinal, one.subproblem, one.outcome.reason, one.outcome.attempts)
            for one in failed
            if isinstance(one.outcome, Failed)
        )
        return Frame(
            ordinals=ordinals_of([one.ordinal for one in done]),
            keys=b"".join([one.key for one in done]),
            data=to_bytes(to_batch(rows, self._record)),
            failures=failures,
            failed_keys=b"".join([one.key for one in failed]),
            usage=usage,
            files=tuple(file for one in done for file in one.files),
            traces=tuple(filter(None, map(self._trace, finished))),
        )

    def _trace(self, finished: Finished) -> tuple[int, str] | None:
        if self._traces is None or isinstance(finished.outcome, Held) or not finished.outcome.trace:
            return None
        return finished.ordinal, self._traces.without(finished.outcome.trace, finished.subproblem)

    def _row(self, finished: Finished) -> Row:
        assert isinstance(finished.outcome, Done)
        value = finished.outcome.value
        row = value if isinstance(self._task.result, RecordType) else {"value": value}
        return {**row, **finished.kept} if finished.kept else row


def input_record(plan: Plan, step: Step) -> RecordType:
    """The record of a step's sub-problems."""
    match step.operation:
        case Map(split=split):
            return split.subproblem
        case TaskReduce(task=task):
            return RecordType("<parts>", (Field("parts", ListOf(output_record(step, plan.task(task)))),))
        case CallOnce():
            records = [(name, plan.step(name).record) for name in step.inputs]
            tables = (Field(name, ListOf(record)) for name, record in records if record)
            return RecordType("<call>", (_ONE_CALL, *tables))
        case _:
            raise TypeError(f"step {step.name} runs no task")


def output_record(step: Step, task: Task) -> RecordType:
    """The record of the rows that a batch gives: the step's own, or a reduction's without its group fields."""
    record = task.result if isinstance(step.operation, TaskReduce) else step.record
    assert isinstance(record, RecordType)
    return record


def _ordinal(finished: Finished) -> int:
    return finished.ordinal


def _fold_arguments(task: Task, accumulated: Row, row: Row) -> Row:
    names = [name for name, _ in task.parameters]
    return {names[0]: [accumulated, row]} if len(names) == 1 else {names[0]: accumulated, names[1]: row}
