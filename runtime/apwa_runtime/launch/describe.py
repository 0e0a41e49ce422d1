"""What a refused launch says.

In: two sub-problems that would meet. Out: an error that names both rows, with file and line where the table knows them,
what they share, and what to do about it. Secret fields stay hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice, repeat

from apwa_compiler.plan import Call, EffectRef, Map, PathCheck, Plan, Save, Scan, SqlSource, Step, TaskReduce
from apwa_runtime.datasets import Dataset
from apwa_runtime.errors import RunError
from apwa_runtime.evaluation import shown
from apwa_runtime.failures import describe_row, identity_of, without_secrets
from apwa_runtime.launch.meet import Meeting
from apwa_runtime.launch.render import rendered
from apwa_runtime.splits import subproblems
from apwa_runtime.tables.locate import display
from apwa_runtime.tables.problems import TableError
from apwa_runtime.tables.read import BATCH_ROWS, PROGRAM, scan
from apwa_runtime.values.arrow import from_batch

_VERBS = {"read": "reads", "write": "writes"}
_FIELDS_SHOWN = 3


def refusal(plan: Plan, check: PathCheck, met: Meeting, datasets: Mapping[str, Dataset], *, folded: bool) -> RunError:
    """The error that ends the run before the step starts; ``folded`` when the target takes `a` and `A` for one."""
    own = check.left.step == check.right.step
    left, right = plan.step(check.left.step), plan.step(check.right.step)
    if own:
        head = f"two sub-problems of `{_name(left)}` meet in one path"
    else:
        head = f"`{_name(left)}` and `{_name(right)}` meet in one path, and nothing orders them"
    if folded:
        head += " where upper and lower case are one"
    one, other = _shared(
        _paths(plan, check.left, met.left, datasets),
        _paths(plan, check.right, met.right, datasets),
        str.casefold if folded else str,
    )
    lines = [
        _side(plan, left, check.left, met.left, datasets, one),
        _side(plan, right, check.right, met.right, datasets, other),
    ]
    more = [f"  … and {met.more:,} more path{'s' if met.more > 1 else ''}"] if met.more else []
    if own:
        kept = f"`{left.name}` has not started"
        remedy = "put a field into the path that tells the rows apart, or mend the rows"
    else:
        kept = "the later of them has not started"
        first, second = sorted((left.name, right.name), key=[step.name for step in plan.steps].index)
        remedy = f"give them paths of their own, or let `{second}` wait with `after {first}`"
    return RunError("\n".join([f"{head}:", *lines, *more, f"{kept}; {remedy}"]), exit_code=1)


def _paths(plan: Plan, ref: EffectRef, ordinal: int, datasets: Mapping[str, Dataset]) -> Sequence[str]:
    return next(own for at, (own,) in rendered(plan, plan.step(ref.step), [ref], datasets) if at == ordinal)


def _shared(left: Sequence[str], right: Sequence[str], name: Callable[[str], str]) -> tuple[str, str]:
    """The paths of two sub-problems that are one; where one of them lies below the other, the first of each."""
    own = {name(path): path for path in left}
    return next(((own[name(path)], path) for path in right if name(path) in own), (left[0], right[0]))


def _side(plan: Plan, step: Step, ref: EffectRef, ordinal: int, datasets: Mapping[str, Dataset], path: str) -> str:
    path = display(path)
    match step.operation:
        case Map() as operation:
            inputs = [datasets[name] for name in step.inputs]
            record = operation.split.subproblem
            batches = subproblems(operation.split, inputs, repeat(BATCH_ROWS))
            row = next(islice((row for rows in batches for row in from_batch(rows, record)), ordinal, None))
            path = without_secrets(path, row, record)
            described = identity_of(row, record, operation.split.identity) or describe_row(row, record)
            fields = ", ".join(f"{name}: {shown(value)}" for name, value in islice(described.items(), _FIELDS_SHOWN))
            where = f"{_place(plan, step, operation, ordinal)} ({fields})"
        case Call() | Save() | Scan():
            where = f"`{step.name}`" if not isinstance(step.operation, Scan) else f"table `{step.name}`"
        case _:
            raise TypeError(f"step {step.name} has no launch check")
    return f"  {where} {_VERBS[ref.kind]} {path}"


def _place(plan: Plan, step: Step, operation: Map, ordinal: int) -> str:
    """File and line of a row of a table that was read, else the sub-problem's number."""
    source = plan.step(step.inputs[0])
    if operation.split.rule == "row" and isinstance(source.operation, Scan) and source.record is not None:
        if isinstance(source.operation.source, SqlSource):
            return f"row {ordinal + 1} of `{source.name}`"
        try:
            for file, chunk, lines in scan(source.operation.source, source.record, BATCH_ROWS):
                if ordinal < chunk.batch.num_rows:
                    return f"row {lines[ordinal]}" if file == PROGRAM else f"{file}:{lines[ordinal]}"
                ordinal -= chunk.batch.num_rows
        except TableError:
            pass
    return f"sub-problem {ordinal} of `{step.name}`"


def _name(step: Step) -> str:
    match step.operation:
        case Map(task=name) | Call(task=name) | TaskReduce(task=name):
            return name
        case _:
            return step.name
