"""``budget``: what a task may cost in a run.

In: what its calls used, by model. Out: whether the budget is spent, and the reason in words. Requests that are on their
way when it is spent still count, so a run may end a little above it.
"""

from __future__ import annotations

from collections.abc import Mapping

from apwa_compiler.plan import Model, Plan, Task
from apwa_runtime.batches import Usage


class Budget:
    """The budget of one task; a task without one is never spent."""

    def __init__(self, task: Task, models: Mapping[str, Model]) -> None:
        self._task = task.name
        self._tokens = task.policy.budget_tokens
        self._dollars = task.policy.budget_dollars
        self._models = models
        self.used_tokens = 0
        self.used_dollars = 0.0

    def add(self, usage: Mapping[str, Usage]) -> None:
        """Count what calls of the task used, by model."""
        for name, used in usage.items():
            self.used_tokens += used.input_tokens + used.output_tokens
            self.used_dollars += dollars(self._models[name], used) or 0.0

    @property
    def spent(self) -> str | None:
        """Why no more requests are to be sent; None while there is something left."""
        if self._tokens is not None and self.used_tokens >= self._tokens:
            return (
                f"the budget of {self._tokens:,} tokens of task `{self._task}` is spent: "
                f"its calls used {self.used_tokens:,}"
            )
        if self._dollars is not None and self.used_dollars >= self._dollars:
            return (
                f"the budget of {_money(self._dollars)} of task `{self._task}` is spent: "
                f"its calls cost {_money(self.used_dollars)}"
            )
        return None


def budgets(plan: Plan) -> dict[str, Budget]:
    """The budget of each task that has one."""
    models = {model.name: model for model in plan.models}
    return {
        task.name: Budget(task, models)
        for task in plan.tasks
        if task.policy.budget_tokens is not None or task.policy.budget_dollars is not None
    }


def dollars(model: Model, used: Usage) -> float | None:
    """What the usage of a model costs; None where the model has no price, which is for a million tokens."""
    price = dict(model.settings).get("price")
    if not isinstance(price, dict):
        return None
    return (used.input_tokens * _number(price, "input") + used.output_tokens * _number(price, "output")) / 1e6


def _number(price: Mapping[str, object], kind: str) -> float:
    value = price.get(kind)
    return float(value) if isinstance(value, int | float) else 0.0


def _money(dollars: float) -> str:
    """Dollars and cents; more places where there would be none to see."""
    return f"{dollars:,.2f} dollars" if dollars >= 0.1 or dollars == 0 else f"{dollars:.2g} dollars"
