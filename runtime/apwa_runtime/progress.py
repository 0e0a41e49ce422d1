"""Live progress: bars on a terminal, a line now and then in a log, or nothing.

In: starts, advances and ends of steps, from any thread. Out: text on standard error.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

_LINE_EVERY = 5.0


class Progress(Protocol):
    """Where steps report to. ``total`` is None where it is not known."""

    def start(self, step: str, total: int | None) -> None:
        """A step begins."""
        ...

    def advance(self, step: str, done: int, failed: int) -> None:
        """Some sub-problems have finished."""
        ...

    def finish(self, step: str) -> None:
        """A step has ended."""
        ...

    def note(self, text: str) -> None:
        """Something that people have to know while they wait."""
        ...

    def close(self) -> None:
        """No more is coming."""
        ...


def make_progress(mode: str) -> Progress:
    """``auto`` (bars on a terminal, else plain), ``plain`` or ``none``."""
    if mode == "none":
        return NoProgress()
    return BarProgress() if mode == "auto" and sys.stderr.isatty() else PlainProgress()


class NoProgress:
    """Says nothing but notes."""

    def start(self, step: str, total: int | None) -> None:
        """Nothing."""

    def advance(self, step: str, done: int, failed: int) -> None:
        """Nothing."""

    def finish(self, step: str) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """A line."""
        _say(text)

    def close(self) -> None:
        """Nothing."""


@dataclass
class _Count:
    total: int | None
    started: float
    done: int = 0
    failed: int = 0
    shown: float = 0.0
    last: str = ""

    def text(self, step: str) -> str:
        of = f"/{self.total:,}" if self.total is not None else ""
        failed = f", {self.failed:,} failed" if self.failed else ""
        seconds = time.monotonic() - self.started
        return f"{step}: {self.done + self.failed:,}{of}{failed}, {rate_text(self.done + self.failed, seconds)}"


def _print(count: _Count, step: str) -> None:
    count.last = count.text(step)
    _say(count.last)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def rate_text(count: int, seconds: float) -> str:
    """A rate as people read it: ``0.6/s``, ``1,840/s``."""
    rate = count / max(seconds, 1e-9)
    return f"{rate:,.1f}/s" if rate < 10 else f"{rate:,.0f}/s"


@dataclass
class PlainProgress:
    """A line for each step every few seconds, and one at its end."""

    _counts: dict[str, _Count] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, step: str, total: int | None) -> None:
        """A step begins."""
        now = time.monotonic()
        self._counts[step] = _Count(total, started=now, shown=now)

    def advance(self, step: str, done: int, failed: int) -> None:
        """Count, and show a line when the last is old."""
        with self._lock:
            count = self._counts[step]
            count.done += done
            count.failed += failed
            if time.monotonic() - count.shown >= _LINE_EVERY:
                count.shown = time.monotonic()
                _print(count, step)

    def finish(self, step: str) -> None:
        """Show the step's last line."""
        with self._lock:
            count = self._counts[step]
            if not count.last.startswith(f"{step}: {count.done + count.failed:,}"):
                _print(count, step)

    def note(self, text: str) -> None:
        """A line."""
        _say(text)

    def close(self) -> None:
        """Nothing is held open."""


class BarProgress:
    """A bar for each step."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, Any] = {}
        self._counts: dict[str, _Count] = {}
        self._lock = threading.Lock()
        self._bars.start()

    def start(self, step: str, total: int | None) -> None:
        """A step begins."""
        self._counts[step] = _Count(total, started=time.monotonic())
        self._tasks[step] = self._bars.add_task(step, total=total, rate="")

    def advance(self, step: str, done: int, failed: int) -> None:
        """Move the bar."""
        with self._lock:
            count = self._counts[step]
            count.done += done
            count.failed += failed
            rate = rate_text(count.done + count.failed, time.monotonic() - count.started)
            text = rate + (f"  [red]{count.failed:,} failed[/red]" if count.failed else "")
            self._bars.update(self._tasks[step], completed=count.done + count.failed, rate=text)

    def finish(self, step: str) -> None:
        """Fill the bar."""
        count = self._counts[step]
        self._bars.update(self._tasks[step], total=count.done + count.failed, completed=count.done + count.failed)

    def note(self, text: str) -> None:
        """A line above the bars."""
        self._bars.console.print(text, highlight=False, markup=False)

    def close(self) -> None:
        """Leave the bars as they are."""
        self._bars.stop()
