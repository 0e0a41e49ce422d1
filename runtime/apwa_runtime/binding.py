"""From a sub-problem to what a call sees: its arguments, and the names of expressions and templates.

In: a step that calls a task. Out: bound calls. The worker binds with it what it runs, and the launch check what it
compares.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any

from apwa_compiler.plan import Call as CallOnce
from apwa_compiler.plan import Map, Plan, Step, Task
from apwa_lang.semantics.core import Core, Var
from apwa_runtime.expressions import compile_core
from apwa_runtime.parameters import parameter_names

Row = dict[str, Any]
_Getter = Callable[[Row], Any]


class Binding:
    """Binds the sub-problems of one step; ``only`` some of its arguments where the others are not looked at."""

    def __init__(self, plan: Plan, step: Step, task: Task, only: Container[str] | None = None) -> None:
        self._parameters = parameter_names(plan.parameters)
        self._arguments = [
            (name, compile_core(core))
            for name, core in arguments_of(step.operation, task)
            if only is None or name in only
        ]
        self._requires = [(compile_core(item.condition), item.text) for item in task.requires]

    def scope(self, subproblem: Row) -> Row:
        """What expressions over a sub-problem see."""
        return {**self._parameters, **subproblem, "@": subproblem}

    def arguments(self, subproblem: Row) -> Row:
        """The arguments of a sub-problem's call. Raises EvaluationError or ValueError."""
        scope = self.scope(subproblem)
        return {name: get(scope) for name, get in self._arguments}

    def names(self, arguments: Row) -> Row:
        """What the task's expressions and templates see. Raises ValueError when a ``require`` does not hold."""
        names = {**self._parameters, **arguments}
        for condition, text in self._requires:
            if not condition(names):
                raise ValueError(f"`require: {text}` does not hold")
        return names


def arguments_of(operation: object, task: Task) -> Sequence[tuple[str, Core]]:
    """The argument expressions of a step by parameter; a reduction gives its rows as the first parameter."""
    if isinstance(operation, Map | CallOnce):
        return operation.arguments
    return [(task.parameters[0][0], Var("parts"))]


def getters(fields: Sequence[tuple[str, Core]]) -> list[tuple[str, _Getter]]:
    """Functions from a scope to values, by name."""
    return [(name, compile_core(core)) for name, core in fields]
