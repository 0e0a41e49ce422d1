"""Environment variables that hold secrets of models, which no code of a user is to see unless it declares them.

In: names, from every run that this process takes part in. Out: the names that a child process is started without.
"""

from __future__ import annotations

from collections.abc import Iterable

from apwa_compiler.plan import Plan, Secret

_hidden: set[str] = set()


def hide(plan: Plan) -> None:
    """Hide the variables that models of a plan name by ``secret("NAME")``."""
    for model in plan.models:
        for _, value in model.settings:
            values = value.values() if isinstance(value, dict) else (value,)
            _hidden.update(one.name for one in values if isinstance(one, Secret) and one.hidden)


def hidden(declared: Iterable[str]) -> frozenset[str]:
    """The variables hidden from code that declares some of them."""
    return frozenset(_hidden.difference(declared))
