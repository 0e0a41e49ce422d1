"""One step's sub-problems, from argument binding to result rows.

In: a batch of sub-problems as Arrow. Out: result rows as Arrow, and one failure for each sub-problem that gave none.
The order is: bind arguments, ``require``, body (which retries), result type and ``ensure``, ``writes``, ``keep``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apwa_compiler.plan import Call as CallOnce
from apwa_compiler.plan import Map, Plan, Return, Step, Task, TaskReduce
from apwa_lang.semantics.types import INT, Field, ListOf, RecordType, TableOf, Type, parts
from apwa_runtime.batches import Batch, BatchResult, Failure, Usage, from_bytes, to_bytes
from apwa_runtime.binding import Binding, Row, getters
from apwa_runtime.bodies.protocol import Body, Call, Done, Failed, Outcome
from apwa_runtime.expressions import EvaluationError, compile_core
from apwa_runtime.failures import describe_row, identity_of, without_secrets
from apwa_runtime.publish import Publisher, PublishError
from apwa_runtime.resources import Demand
from apwa_runtime.values.arrow import from_batch, to_batch
from apwa_runtime.values.models import InvalidValue, validator

# A batch without columns has no rows, so a call whose arguments are no tables needs one.
_ONE_CALL = Field("@call", INT)


class StepRunner:
    """Runs the batches of one map, reduce or call; made once for each worker."""

    def __init__(self, plan: Plan, step: Step, task: Task, body: Body, run_folder: Path) -> None:
        self._step = step
        self._task = task
        self._body = body
        self._record = output_record(step, task)
        self._input = input_record(plan, step)
        self._identity = step.operation.split.identity if isinstance(step.operation, Map) else ()
        self._binding = Binding(plan, step, task)
        self._demand = Demand(plan, task) if task.fixed_resources() is None else None
        self._keep = getters(step.operation.keep) if isinstance(step.operation, Map) else []
        self._ensures = [(compile_core(item.condition), item.text) for item in task.ensures]
        self._validate = validator(task.result).python if _needs_validation(task) else None
        self._publisher = Publisher(plan, step.name, task, run_folder)

    def run(self, batch: Batch) -> BatchResult:
        """Run every sub-problem of a batch."""
        subproblems = from_batch(from_bytes(batch.data), self._input)
        outcomes: list[Outcome | None] = [None] * len(subproblems)
        calls: list[Call] = []
        for place, subproblem in enumerate(subproblems):
            try:
                calls.append(self._bind(batch.first + place, subproblem))
            except (EvaluationError, ValueError) as error:
                outcomes[place] = Failed(str(error), attempts=0)
        usage: dict[str, Usage] = {}

        def finish(call: Call, outcome: Outcome) -> None:
            for model, spent in outcome.usage:
                usage.setdefault(model, Usage()).add(spent)
            outcomes[call.ordinal - batch.first] = self._published(call, outcome, call.ordinal)

        self._body.run(calls, self._check, finish)

        rows: list[Row] = []
        failures: list[Failure] = []
        for place, (subproblem, result) in enumerate(zip(subproblems, outcomes, strict=True)):
            if isinstance(result, Done):
                rows.append(self._row(subproblem, result.value))
            elif result is not None:
                failures.append(self._failure(batch.first + place, subproblem, result))
        return BatchResult(batch.first, len(rows), to_bytes(to_batch(rows, self._record)), tuple(failures), usage)

    def fold(self, batch: Batch) -> BatchResult:
        """Fold the rows of a batch from the left: ``f(f(f(r0, r1), r2), …)``; one row in, that row out."""
        rows = from_batch(from_bytes(batch.data), self._input)
        accumulated = rows[0]
        usage: dict[str, Usage] = {}
        for place, row in enumerate(rows[1:], start=1):
            pair = {"parts": [accumulated, row]}
            call = self._call(batch.first + place, _fold_arguments(self._task, accumulated, row))
            finished: dict[Call, Outcome] = {}
            self._body.run([call], self._check, finished.__setitem__)
            outcome = finished[call]
            for model, amount in outcome.usage:
                usage.setdefault(model, Usage()).add(amount)
            # The calls of one fold follow each other: all of them together are the sub-problem.
            outcome = self._published(call, outcome, batch.first)
            if isinstance(outcome, Failed):
                failure = self._failure(batch.first + place, pair, outcome)
                return BatchResult(batch.first, 0, to_bytes(to_batch([], self._record)), (failure,), usage)
            accumulated = outcome.value
        return BatchResult(batch.first, 1, to_bytes(to_batch([accumulated], self._record)), (), usage)

    def _bind(self, ordinal: int, subproblem: Row) -> Call:
        arguments = self._binding.arguments(subproblem)
        if self._demand:
            self._demand.of(arguments)
        return self._call(ordinal, arguments)

    def _call(self, ordinal: int, arguments: Row) -> Call:
        return Call(ordinal, arguments, self._binding.names(arguments))

    def _check(self, call: Call, value: Any) -> Any:
        if self._validate:
            try:
                value = self._validate(value)
            except InvalidValue as error:
                raise ValueError(f"the result is no {self._task.result}: {error}") from None
        if self._ensures:
            names = {**call.names, "result": value}
            for condition, text in self._ensures:
                try:
                    holds = condition(names)
                except EvaluationError as error:
                    raise ValueError(f"`ensure: {text}` could not be evaluated: {error}") from None
                if not holds:
                    raise ValueError(f"`ensure: {text}` does not hold")
        return value

    def _published(self, call: Call, outcome: Outcome, owner: int) -> Outcome:
        if isinstance(outcome, Done):
            try:
                self._publisher.publish(call, outcome, owner)
            except PublishError as error:
                return Failed(str(error), outcome.attempts)
        return outcome

    def _row(self, subproblem: Row, value: Any) -> Row:
        row = dict(value) if isinstance(self._task.result, RecordType) else {"value": value}
        if self._keep:
            scope = self._binding.scope(subproblem)
            row.update((name, get(scope)) for name, get in self._keep)
        return row

    def _failure(self, ordinal: int, subproblem: Row, failed: Failed) -> Failure:
        return Failure(
            step=self._step.name,
            task=self._task.name,
            ordinal=ordinal,
            identity=identity_of(subproblem, self._input, self._identity),
            row=describe_row(subproblem, self._input),
            reason=without_secrets(failed.reason, subproblem, self._input),
            attempts=failed.attempts,
            outcome=self._task.policy.on_error,
        )


def input_record(plan: Plan, step: Step) -> RecordType:
    """The record of a step's sub-problems."""
    match step.operation:
        case Map(split=split):
            return split.subproblem
        case TaskReduce(strategy="fold", task=task):
            return output_record(step, plan.task(task))
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


def _fold_arguments(task: Task, accumulated: Row, row: Row) -> Row:
    names = [name for name, _ in task.parameters]
    return {names[0]: [accumulated, row]} if len(names) == 1 else {names[0]: accumulated, names[1]: row}


def _needs_validation(task: Task) -> bool:
    """Prompt and python answers are validated where they arrive; an expression only where its type has constraints."""
    return isinstance(task.body, Return) and _constrained(task.result)


def _constrained(type: Type) -> bool:
    if isinstance(type, RecordType):
        for field in type.fields:
            if field.pattern is not None or field.minimum is not None or field.maximum is not None:
                return True
    return any(_constrained(part) for part in parts(type) if not isinstance(part, TableOf))
