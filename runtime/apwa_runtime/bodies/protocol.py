"""What a body kind is: something that runs the calls of one batch, each by itself.

In: calls with their arguments bound. Out: one outcome a call, told as soon as it is known, in any order. A body never
raises for a failing call; what goes wrong in one call is that call's outcome alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from apwa_runtime.batches import Usage


@dataclass(slots=True, eq=False)
class Call:
    """One sub-problem ready to run. ``names`` is what expressions see: parameters and arguments.

    ``files`` has files that came along, by path; ``shown`` are the digests of those that its prompt shows.
    """

    ordinal: int
    arguments: dict[str, Any]
    names: dict[str, Any]
    files: Mapping[str, bytes] | None = None
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """A call that gave a value.

    ``outputs`` are the files its body wrote in its scratch folder, by label; ``usage`` is what it cost, by model;
    ``trace`` tells an agent's steps, as JSON.
    """

    value: Any
    attempts: int = 1
    outputs: dict[str, Path] = field(default_factory=dict)
    usage: tuple[tuple[str, Usage], ...] = ()
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A call that did not; ``reason`` is fit for people. ``usage`` and ``trace`` as in :class:`Done`."""

    reason: str
    attempts: int = 1
    usage: tuple[tuple[str, Usage], ...] = ()
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A call that was not run to its end: no more requests are to be sent for its task, or nobody takes results.

    ``usage`` as in :class:`Done`, for answers that were not valid.
    """

    usage: tuple[tuple[str, Usage], ...] = ()


Outcome = Done | Failed | Held

# Takes the outcome of a call, once, from any thread.
Finish = Callable[[Call, Outcome], None]

# Told of calls, each once, before they begin. False: they are not to, since nobody is there to take their results.
Begin = Callable[[Sequence["Call"]], bool]


def always(calls: Sequence[Call]) -> bool:
    """Let every call begin."""
    return True


# Raises ValueError with a plain reason when a value breaks the task's result type or an `ensure`.
Check = Callable[[Call, Any], Any]


class Body(Protocol):
    """A body, made once for each worker and task."""

    def run(self, calls: Sequence[Call], check: Check, finish: Finish, begin: Begin) -> None:
        """Run every call and tell each outcome to ``finish`` as soon as it is known.

        ``check`` returns the accepted value or raises ValueError with the reason. Calls that ``begin`` does not let
        begin are :class:`Held`.
        """
        ...

    def close(self) -> None:
        """End what is running, release what is held. May be called from another thread."""
        ...
