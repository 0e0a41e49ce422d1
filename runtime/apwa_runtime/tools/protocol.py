"""What a tool is to the toolbox."""

from __future__ import annotations

from typing import Any, Protocol


class ToolError(Exception):
    """A call that gave no result; the text is for the model, and fit for people."""


class ToolSetupError(Exception):
    """A tool that no call can use as it is declared; the text names it, and says what is missing."""


class Implementation(Protocol):
    """One tool, called from several threads."""

    def run(self, arguments: dict[str, Any]) -> Any:
        """The result, a native value, of valid ``arguments``. Raises ToolError."""
        ...

    def close(self) -> None:
        """End what runs."""
        ...
