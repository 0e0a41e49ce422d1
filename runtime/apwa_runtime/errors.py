"""Errors that end a run, each one line that a person can act on."""

from __future__ import annotations


class RunError(Exception):
    """The run cannot start or go on; ``exit_code`` is 2 for unreadable input and wrong use, 1 for what was found."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class BudgetSpent(RunError):  # noqa: N818
    """A task may cost no more; what it has done is kept."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}; what is done is kept: raise the budget and run again with --resume", exit_code=1)


class Interrupted(Exception):  # noqa: N818
    """The person pressed Ctrl-C, or another step has ended the run."""
