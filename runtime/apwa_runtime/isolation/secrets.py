"""Environment variables with secrets of models and MCP servers, which code of a user sees only if it declares them.

In: names, from every run that this process takes part in. Out: the names that a child process is started without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apwa_compiler.plan import Mcp, Plan, Secret

_hidden: set[str] = set()


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
