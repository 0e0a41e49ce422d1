"""What a task promises of its result.

In: a call and the value that its body gave. Out: the accepted value, or ValueError with a plain reason.
"""

from __future__ import annotations

from typing import Any

from apwa_compiler.plan import Return, Task
from apwa_lang.semantics.types import RecordType, TableOf, Type, parts
from apwa_runtime.bodies.protocol import Call
from apwa_runtime.expressions import EvaluationError, compile_core
from apwa_runtime.values.models import InvalidValue, validator


class Contract:
    """The result type and the ``ensure`` conditions of ``task``."""

    def __init__(self, task: Task) -> None:
        self._result = task.result
        self._ensures = [(compile_core(item.condition), item.text) for item in task.ensures]
        self._validate = validator(task.result).python if _needs_validation(task) else None

    def check(self, call: Call, value: Any) -> Any:
        """The value as the task gives it. Raises ValueError."""
        if self._validate:
            try:
                value = self._validate(value)
            except InvalidValue as error:
                raise ValueError(f"the result is no {self._result}: {error}") from None
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


def _needs_validation(task: Task) -> bool:
    """Prompt and python answers are validated where they arrive; an expression only where its type has constraints."""
    return isinstance(task.body, Return) and _constrained(task.result)


def _constrained(type: Type) -> bool:
    if isinstance(type, RecordType):
        for field in type.fields:
            if field.pattern is not None or field.minimum is not None or field.maximum is not None:
                return True
    return any(_constrained(part) for part in parts(type) if not isinstance(part, TableOf))
