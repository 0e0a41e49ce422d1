"""``route``: which model a sub-problem is put to.

In: a prompt of the plan. Out: a function from the names that a call sees to the name of a model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apwa_compiler.plan import Prompt
from apwa_runtime.evaluation import EvaluationError
from apwa_runtime.expressions import compile_core


def chooser(body: Prompt) -> Callable[[Mapping[str, Any]], str]:
    """The function; it raises EvaluationError where a condition has no value."""
    first = body.models[0]
    if not body.route:
        return lambda names: first
    arms = [
        (None if core is None else compile_core(core), model)
        for core, model in zip(body.route, body.models, strict=True)
    ]

    def choose(names: Mapping[str, Any]) -> str:
        for holds, model in arms:
            if holds is None or holds(names):
                return model
        raise EvaluationError("no condition of `route` holds")

    return choose
