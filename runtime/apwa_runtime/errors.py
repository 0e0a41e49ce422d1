"""Errors that end a run, each one line that a person can act on."""

from __future__ import annotations


class RunError(Exception):
    """The run cannot start or go on; ``exit_code`` is 2 for unreadable input and wrong use, 1 for what was found."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Interrupted(Exception):  # noqa: N818
    """The person pressed Ctrl-C, or another step has ended the run."""
