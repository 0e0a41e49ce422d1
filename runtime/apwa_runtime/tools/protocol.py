"""What a tool is to the toolbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from apwa_runtime.tools.workplace import Workplace


class ToolError(Exception):
    """A call that gave no result; the text is for the model, and fit for people.

    ``steps`` are those of the tool's own agent, for the trace.
    """

    def __init__(self, text: str, steps: Sequence[dict[str, object]] = ()) -> None:
        super().__init__(text)
        self.steps = steps


def name_for_models(tool: str) -> str:
    """What models call a tool: servers take no dots, which the names of what is imported have."""
    return tool.replace(".", "_")


class ToolSetupError(Exception):
    """A tool that no call can use as it is declared; the text names it, and says what is missing."""


class Implementation(Protocol):
    """One tool, called from several threads."""

    def run(self, arguments: dict[str, Any], workplace: Workplace | None) -> Any:
        """The result, a native value, of valid ``arguments``, for a sub-problem with a folder. Raises ToolError."""
        ...

    def close(self) -> None:
        """End what runs."""
        ...
