"""What the analysis of a Python function says: its effects, where they are, and how the function gets there.

In: nothing. Out: the values that ``infer`` gives back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """A way in which a function touches more than its arguments and its result."""

    READ_GLOBAL = "READ_GLOBAL"
    WRITE_GLOBAL = "WRITE_GLOBAL"
    MUTATES_ARG = "MUTATES_ARG"
    STATE = "STATE"
    """What outlives a call: class attributes, default values, closures, caches, settings of libraries."""
    FS_READ = "FS_READ"
    FS_WRITE = "FS_WRITE"
    NET = "NET"
    PROC = "PROC"
    ENV = "ENV"
    CWD = "CWD"
    RANDOM = "RANDOM"
    TIME = "TIME"
    THREAD = "THREAD"
    IMPORT_SIDE = "IMPORT_SIDE"
    UNKNOWN = "UNKNOWN"


_VARYING = frozenset((Kind.TIME, Kind.RANDOM, Kind.ENV))


@dataclass(frozen=True, slots=True)
class Call:
    """``function`` is called at ``line`` of ``file``."""

    function: str
    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class Found:
    """One effect at one line.

    ``chain`` holds the calls that lead from the analysed function to ``function``, outermost first. ``detail`` is the
    constant path (FS), host or URL (NET) or variable (ENV) where there is one. ``private`` marks files that are
    surely inside the sub-problem's own scratch folder.
    """

    kind: Kind
    function: str
    file: Path
    line: int
    reason: str
    chain: tuple[Call, ...] = ()
    detail: str | None = None
    private: bool = False

    @property
    def place(self) -> str:
        """The function and the line, for people."""
        return f"`{self.function}` in {self.file.name}:{self.line}"

    @property
    def told(self) -> tuple[str, ...]:
        """How the analysed function comes to it: a line for each call on the way, and one for what is done."""
        calls = (f"`{call.function}` is called in {call.file.name}:{call.line}" for call in self.chain)
        return (*calls, f"{self.place} {self.reason}")


@dataclass(frozen=True, slots=True)
class Inference:
    """All effects of ``target`` and the modules that were read to find them, as (path below the base, SHA-256)."""

    target: str
    effects: tuple[Found, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    missing: str | None = None

    @property
    def varies(self) -> Found | None:
        """Where it first asks for the time, for chance or for its environment, so that a result may not come again."""
        return next((effect for effect in self.effects if effect.kind in _VARYING), None)

    @property
    def digest(self) -> str:
        """A hash that changes when the target or the text of any module that it reaches does."""
        lines = [self.target, *(f"{path} {digest}" for path, digest in self.sources)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
