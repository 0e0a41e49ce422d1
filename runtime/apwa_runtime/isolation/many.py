"""A Python function that takes several sub-problems in one call.

In: requests whose arguments are lists. Out: a list with a reply for each sub-problem.
"""

from __future__ import annotations

from typing import Any

from apwa_lang.semantics.types import ListOf
from apwa_runtime.isolation.function import Function, argument
from apwa_runtime.isolation.messages import Reply, Request


class ManyFunction(Function):
    """A loaded function of lists: one for each parameter, in the task's order, then the paths of each label by name."""

    def _value(self, request: Request) -> Any:
        columns = [argument(request.arguments[name], ListOf(type)) for name, type in self._setup.parameters]
        return self._function(*columns, **dict(request.paths))

    def _accepted(self, value: Any, request: Request) -> Reply:
        # A tensor with a row for each sub-problem is brought over at once.
        rows = value.tolist() if hasattr(value, "tolist") else value
        if isinstance(rows, list | tuple) and len(rows) == request.count:
            return Reply([self._checked(row) for row in rows])
        found = f"{len(rows)} of them" if isinstance(rows, list | tuple) else f"a `{type(value).__name__}`"
        wanted = f"a list of results, one for each of {request.count} sub-problems"
        return Reply(error=f"`{self._setup.target}` must return {wanted}; it returned {found}")
