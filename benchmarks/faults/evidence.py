"""What the disk and the server's log say about a run that was killed.

In: the journal as it grows, the log, the moments of the kills. Out: what was asked again although it had finished in
time, and how the output differs from that of an undisturbed run.
"""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.server import ASKED

WINDOW = 1.0
"""Seconds after which a finished sub-problem must be durable."""

NEAR_END = 2_000


@dataclass(frozen=True)
class Kill:
    """A kill at ``time``, and until when answers may have had nobody to take them.

    A cut of the journal left only what was written by ``kept_until``. What was on its way by ``window_end`` had no
    second to become durable.
    """

    time: float
    until: float
    kept_until: float
    window_end: float = 0.0

    def excuses(self, answered: float) -> str | None:
        """Why an answer may be asked for again after this kill, or None."""
        if self.time - WINDOW < answered <= max(self.time, self.window_end):
            return "in_window"
        if self.time < answered < self.until:
            return "unheard"
        return "behind_cut" if self.kept_until - WINDOW < answered < self.time else None


@dataclass(frozen=True)
class Asked:
    """How many sub-problems were asked again.

    ``repeated`` had finished in time. Others had finished within the window before a kill, ``unheard`` after a kill by
    a worker with nobody to tell, or behind a cut.
    """

    repeated: int = 0
    in_window: int = 0
    unheard: int = 0
    behind_cut: int = 0

    def __add__(self, other: Asked) -> Asked:
        return Asked(
            self.repeated + other.repeated,
            self.in_window + other.in_window,
            self.unheard + other.unheard,
            self.behind_cut + other.behind_cut,
        )


class JournalWatch:
    """Notes how the files of a run's journal grow, so that a byte has a time."""

    def __init__(self, folder: Path) -> None:
        self._runs = folder / ".apwa" / "runs"
        self._grown: dict[Path, list[tuple[float, int]]] = {}

    @property
    def generations(self) -> int:
        """How many journals there are: one for each time that the run was begun or resumed."""
        return sum(1 for _ in self._runs.glob("*/journal/*"))

    def look(self) -> None:
        """Note the sizes; to be called often."""
        now = time.time()
        for file in self._files():
            seen = self._grown.setdefault(file, [])
            with suppress(FileNotFoundError):
                size = file.stat().st_size
                if not seen or seen[-1][1] < size:
                    seen.append((now, size))

    def cut(self, rng: random.Random) -> float:
        """Cut one file at a random byte, at times with noise behind it.

        Returns a time: results that were written by then are there still.
        """
        files = [file for file in self._files() if file.stat().st_size]
        if not files:
            return math.inf
        file = rng.choice(files)
        size = file.stat().st_size
        at = rng.randrange(max(0, size - NEAR_END) if rng.random() < 0.5 else 0, size)
        written = self._written(file, at)
        with file.open("r+b") as stream:
            stream.truncate(at)
            if rng.random() < 0.5:
                stream.seek(at)
                stream.write(rng.randbytes(rng.randint(1, 300)))
        return written if file.match("*.log") and not file.match("*.started.log") else math.inf

    def _files(self) -> list[Path]:
        return sorted(file for file in self._runs.glob("*/journal/*/*") if file.is_file())

    def _written(self, file: Path, at: int) -> float:
        """The last time at which the byte was not there yet."""
        before = 0.0
        for moment, size in self._grown.get(file, ()):
            if size > at:
                break
            before = moment
        return before


def asked_again(log: Path, kills: Iterable[Kill]) -> Asked:
    """Judge every question that had been answered before.

    An answer that a kill may have taken stays excused until it is given again. Where no kill lies between answer and
    question, the question is a repetition.
    """
    answered: dict[str, float] = {}
    excused: dict[str, str] = {}
    waiting = sorted(kills, key=lambda kill: kill.time)
    struck: list[Kill] = []
    found: Counter[str] = Counter()
    for moment, what, question in sorted(_lines(log)):
        while waiting and waiting[0].time <= moment:
            struck.append(waiting.pop(0))
            excused.update((known, why) for known, when in answered.items() if (why := struck[-1].excuses(when)))
        if what == ASKED:
            if question in answered:
                found[excused.get(question, "repeated")] += 1
            continue
        answered[question] = moment
        excused.pop(question, None)
        if struck and (why := struck[-1].excuses(moment)):
            excused[question] = why
    return Asked(**found)


def _lines(log: Path) -> Iterable[tuple[float, str, str]]:
    for line in log.read_text().splitlines():
        what, moment, question = line.split()
        yield float(moment), what, question


@dataclass(frozen=True)
class Difference:
    """``lost`` and ``doubled`` lines or files of the output, and the names of files that are not the same."""

    lost: int
    doubled: int
    files: tuple[str, ...]


def difference(expected: Mapping[str, bytes], got: Mapping[str, bytes]) -> Difference:
    lost = doubled = 0
    for name, content in expected.items():
        before, after = Counter(content.splitlines()), Counter(got.get(name, b"").splitlines())
        lost += (before - after).total()
        doubled += sum(count for line, count in (after - before).items() if line in before)
    files = tuple(sorted(name for name in {*expected, *got} if expected.get(name) != got.get(name)))
    return Difference(lost, doubled, files)
