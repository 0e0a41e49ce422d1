"""Environment variables with secrets of models and MCP servers, which code of a user sees only if it declares them.

In: names, from every run that this process takes part in. Out: the names that a child process is started without.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from apwa_compiler.plan import Mcp, Plan, Secret

_hidden: set[str] = set()

# What code that a model has written is left of the environment.
_PLAIN = frozenset({"PATH", "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "SHELL", "TERM", "VIRTUAL_ENV"})
_PLAIN_STARTS = ("LC_", "PYTHON", "APWA_", "OMP_", "LD_LIBRARY_PATH")


def hide(plan: Plan) -> None:
    """Hide the variables that models and servers of a plan name by ``secret("NAME")``."""
    _hidden.update(value.name for value in _settings(plan) if isinstance(value, Secret) and value.hidden)


def _settings(plan: Plan) -> Iterator[object]:
    for model in plan.models:
        for _, value in model.settings:
            yield from value.values() if isinstance(value, dict) else (value,)
    for task in plan.tasks:
        for tool in task.servers():
            assert isinstance(tool.body, Mcp)
            yield from (tool.body.api_key, *(value for _, value in tool.body.headers))


def hidden(declared: Iterable[str]) -> frozenset[str]:
    """The variables hidden from code that declares some of them."""
    return frozenset(_hidden.difference(declared))


def unneeded() -> frozenset[str]:
    """The variables that code is started without where a model has written it: all but a few that hold no secrets."""
    return frozenset(name for name in os.environ if name not in _PLAIN and not name.startswith(_PLAIN_STARTS))
