"""Why a process ended, in words."""

from __future__ import annotations

import signal

_LONGEST = 400


def obituary(code: int, log: str) -> str:
    """One line from an exit code (a signal's number negated) and what the process wrote to standard error."""
    said = next((line.strip() for line in reversed(log.split("\n")) if line.strip()), "")[:_LONGEST]
    return f"its process {how_it_ended(code)}" + (f": {said}" if said else "")


def how_it_ended(code: int) -> str:
    """What an exit code says, as what a process did."""
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
