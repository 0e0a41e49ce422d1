"""``repeat``: whether another round follows, and which was the last."""

from __future__ import annotations

from typing import Any

from apwa_compiler.constants import rebuild
from apwa_compiler.plan import Plan, Step
from apwa_lang.semantics.core import Apply, Const, Core, GetField, Var
from apwa_lang.semantics.types import INT, RecordType
from apwa_runtime.datasets import Dataset
from apwa_runtime.errors import RunError
from apwa_runtime.expressions import EvaluationError, compile_core
from apwa_runtime.parameters import parameter_names
from apwa_runtime.session import Session
from apwa_runtime.values.arrow import from_batch


def holds(plan: Plan, step: Step, condition: Core, inputs: list[Dataset]) -> bool:
    """Whether the rounds end here. Of a table only what the condition names is read: its length, a field, or all.

    Raises RunError for a condition that has no value.
    """
    tables = dict(zip(step.inputs, inputs, strict=True))
    names: dict[str, Any] = parameter_names(plan.parameters)

    def read(part: Core) -> Core:
        match part:
            case Apply("len", (Var(name),)) if name in tables:
                return Const(tables[name].rows, INT)
            case GetField(Var(name), field, True) if name in tables:
                names[f"{name}.{field}"] = _column(tables[name], field)
                return Var(f"{name}.{field}")
            case Var(name) if name in tables:
                names[name] = list(tables[name].rows_as_dicts())
                return part
            case _:
                return rebuild(part, read)

    try:
        return bool(compile_core(read(condition))(names))
    except EvaluationError as error:
        raise RunError(f"step `{step.name}`, the condition of `repeat`: {error}", exit_code=1) from None


def last_round(session: Session, step: Step) -> Dataset:
    """What the last round that ran has made."""
    return next(session.datasets[name] for name in reversed(step.inputs) if name not in session.skipped)


def _column(dataset: Dataset, name: str) -> list[Any]:
    record = RecordType("", tuple(field for field in dataset.record.fields if field.name == name))
    return [row[name] for batch in dataset.batches() for row in from_batch(batch, record)]
