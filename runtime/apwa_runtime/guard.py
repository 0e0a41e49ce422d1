"""Batches whose worker has died, run where they can do no more harm: in a process of their own.

In: a batch. Out: the frames of what finishes, into an outbox. A process that dies leaves what it has finished, and
marks of what it was at: those run apart from the rest, cut in two as often as it takes, down to the sub-problem that
kills its process, which fails. Such processes are forked from one that has all imports behind it.
"""

from __future__ import annotations

import mmap
import os
import queue
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from apwa_compiler.plan import Plan
from apwa_compiler.plan_json import from_json, to_json
from apwa_runtime.batches import Batch, Frame, Ordinals, from_bytes, halves, without
from apwa_runtime.bodies.protocol import Call
from apwa_runtime.isolation import processes
from apwa_runtime.isolation.messages import receive, send
from apwa_runtime.isolation.obituary import obituary
from apwa_runtime.outbox import Outbox
from apwa_runtime.values.arrow import from_batch

if TYPE_CHECKING:
    from apwa_runtime.runner import Finished, StepRunner

# Seconds between two frames of a process.
_EVERY = 0.2
_BEGUN, _ENDED = 1, 2


@dataclass(frozen=True)
class _Part:
    """What a process is to run; ``marks`` is the file for those of its sub-problems."""

    step: str
    batch: Batch
    marks: str


class Guard:
    """Runs batches of a plan in processes of their own. ``keys`` begin the content keys of its steps' results.

    ``workers`` share what models allow, equally.
    """

    def __init__(self, plan: Plan, keys: Mapping[str, str], workers: int) -> None:
        self._plan = plan
        self._keys = dict(keys)
        self._workers = workers
        self._idle: queue.SimpleQueue[_Starter] = queue.SimpleQueue()
        self._starters: list[_Starter] = []
        self._closed = False

    def run(self, step: str, batch: Batch, outbox: Outbox[Finished], runner: StepRunner) -> None:
        """Run a batch; several threads may, at a time."""
        waiting = [batch]
        while waiting and not self._closed:
            part = waiting.pop()
            finished: set[int] = set()

            def take(frame: Frame, finished: set[int] = finished) -> None:
                finished.update(frame.ordinals, (failure.ordinal for failure in frame.failures))
                outbox.add_frame(frame)

            begun, end = self._in_process(step, part, take)
            left = without(part, finished)
            if left is None:
                continue
            if len(left.ordinals) > 1:
                waiting.extend(_parts(left, begun - finished))
                continue
            (row,) = from_batch(from_bytes(left.data), runner.input)
            outbox.add_frame(runner.lost(left.ordinals[0], row, end))

    def close(self) -> None:
        """End every process."""
        self._closed = True
        for starter in self._starters:
            starter.end()

    def _in_process(self, step: str, batch: Batch, take: Callable[[Frame], None]) -> tuple[set[int], str]:
        """Run a batch in one process. Returns what it was at when it ended, and how it did."""
        with tempfile.NamedTemporaryFile() as marks:
            marks.truncate(len(batch.ordinals))
            starter = self._starter()
            end = starter.run(_Part(step, batch, marks.name), take)
            if starter.is_alive:
                self._idle.put(starter)
            marked = zip(batch.ordinals, marks.read(), strict=True)
            return {ordinal for ordinal, mark in marked if mark == _BEGUN}, end

    def _starter(self) -> _Starter:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            starter = _Starter((to_json(self._plan), self._keys, self._workers))
            self._starters.append(starter)
            return starter


class _Starter:
    """A process that starts others, one at a time, and tells what they say and how they end."""

    def __init__(self, work: object) -> None:
        self.is_alive = True
        self._log = tempfile.TemporaryFile("a+b")  # noqa: SIM115 (lives as long as the process)
        self._process, self._requests, self._replies = processes.spawn(
            "apwa_runtime.guard", str(os.getpid()), log=self._log
        )
        send(self._requests, work)

    def run(self, part: _Part, take: Callable[[Frame], None]) -> str:
        """Run a part in a new process, which hands over frames. Returns how it ended."""
        try:
            send(self._requests, part)
            while isinstance(said := receive(self._replies), Frame):
                take(said)
            code = int(said)
        except (EOFError, BrokenPipeError):
            self.end()
            code = self._process.wait()
        self._log.seek(0)
        log = self._log.read().decode(errors="replace")
        self._log.truncate(0)
        return obituary(code, log)

    def end(self) -> None:
        """Kill it and what it has started."""
        self.is_alive = False
        processes.end_tree(self._process.pid)


class Marked:
    """An outbox that marks in a file, for whoever outlives this process, which sub-problems are under way."""

    def __init__(self, file: str, ordinals: Ordinals, outbox: Outbox[Finished]) -> None:
        with Path(file).open("r+b") as stream:
            self._marks = mmap.mmap(stream.fileno(), len(ordinals))
        self._places = {ordinal: place for place, ordinal in enumerate(ordinals)}
        self._outbox = outbox

    def begin(self, calls: Sequence[Call]) -> bool:
        """Let calls begin."""
        for call in calls:
            self._marks[self._places[call.ordinal]] = _BEGUN
        return True

    def add(self, finished: Finished) -> None:
        """Take what one sub-problem has given."""
        self._outbox.add(finished)
        self._marks[self._places[finished.ordinal]] = _ENDED


def _parts(batch: Batch, suspects: set[int]) -> tuple[Batch, ...]:
    """What is left of a batch whose process has died, in parts that are smaller; the last is to run first."""
    apart, rest = without(batch, set(batch.ordinals) - suspects), without(batch, suspects)
    return halves(batch)[::-1] if apart is None or rest is None else (apart, rest)


def main() -> None:
    """The process that starts others: one for each part that it is sent, until nothing more comes."""
    processes.end_with_parent()
    if os.getppid() != int(sys.argv[3]):
        return
    import apwa_runtime.worker

    assert apwa_runtime.worker
    processes.adopt_orphans()
    requests, replies = os.fdopen(int(sys.argv[1]), "rb", buffering=0), os.fdopen(int(sys.argv[2]), "wb")
    work = receive(requests)
    while True:
        part = receive(requests)
        reader, writer = os.pipe()
        starter = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            _run(work, part, os.fdopen(writer, "wb"), starter)
        os.close(writer)
        with os.fdopen(reader, "rb", buffering=0) as frames:
            _forward(frames, replies)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        processes.end_below()
        send(replies, code)


def _forward(frames: BinaryIO, replies: BinaryIO) -> None:
    """Pass on what a process says until it ends, which may be in the middle of a frame."""
    try:
        while True:
            send(replies, receive(frames))
    except EOFError:
        return


def _run(work: tuple[str, dict[str, str], int], part: _Part, frames: BinaryIO, starter: int) -> NoReturn:
    """The whole life of a part's process: run it and hand over frames as sub-problems finish."""
    code = 1
    try:
        os.setsid()
        processes.end_with_parent()
        if os.getppid() == starter:
            _run_part(work, part, frames)
            code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _run_part(work: tuple[str, dict[str, str], int], part: _Part, frames: BinaryIO) -> None:
    from apwa_runtime.worker import Context, Sharing

    plan_json, keys, workers = work
    runner = Context(from_json(plan_json), keys, Sharing(workers)).runner(part.step)
    outbox = runner.outbox()
    marked = Marked(part.marks, part.batch.ordinals, outbox)
    ended = threading.Event()

    def hand_over() -> None:
        received = 0
        while True:
            last = ended.wait(_EVERY)
            new = outbox.report(received).frames
            for frame in new:
                send(frames, frame)
            received += len(new)
            if last:
                return

    thread = threading.Thread(target=hand_over)
    thread.start()
    try:
        runner.run(part.batch, marked, marked.begin)
    finally:
        ended.set()
        thread.join()
    frames.close()


if __name__ == "__main__":
    main()
