"""The journal of a run: what its sub-problems gave, durable soon after they finish.

In: frames by step, with the files that their sub-problems wrote. Out: one log a step, in the folder of the run's
generation (a resume begins a new one). A frame is handed over at once and written within ``INTERVAL`` seconds, together
with all others that have come by then: first the files that they speak of are made durable, then the frames.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from apwa_runtime.batches import Frame, Ordinals, ranges_of
from apwa_runtime.journal.frames import FileCommit, Place, encode, sync_folder

INTERVAL = 0.2
_MOST_PENDING = 8 * 2**20
STARTED = ".started"


@dataclass
class _Log:
    stream: BinaryIO
    end: int = 0
    places: list[Place] = field(default_factory=list)


class Journal:
    """Takes frames from any thread. ``failed`` is told when they cannot be written, and no more is taken.

    Raises OSError when the folder cannot be made.
    """

    def __init__(self, folder: Path, failed: Callable[[OSError], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)
        self.folder = folder
        self._failed = failed
        self._lock = threading.Condition()
        self._writing = threading.Lock()
        self._pending: list[tuple[str, bytes]] = []
        self._bytes = 0
        self._taken = self._durable = 0
        self._files = False
        self._logs: dict[str, _Log] = {}
        self._closed = False
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._sync, name="apwa-journal", daemon=True)
        self._thread.start()

    @property
    def durable(self) -> int:
        """How many frames are durable; they become so in the order in which they were taken."""
        return self._durable

    def append(self, step: str, frame: Frame, files: tuple[FileCommit, ...] = ()) -> int:
        """Take a frame; returns how many that makes. Waits while too much is on its way to the disk.

        Raises OSError when that does not take it.
        """
        data = encode(frame, files)
        first, last = (frame.ordinals[0], frame.ordinals[-1]) if frame.ordinals else (-1, -1)
        with self._lock:
            while self._bytes > _MOST_PENDING and not self._error:
                self._lock.wait()
            if self._error:
                raise self._error
            log = self._log(step)
            log.places.append(Place(log.end, len(data), first, last, len(frame.ordinals)))
            log.end += len(data)
            self._pending.append((step, data))
            self._bytes += len(data)
            self._files |= bool(files)
            self._taken += 1
            if self._bytes > _MOST_PENDING:
                self._lock.notify_all()
            return self._taken

    def starts(self, step: str, ordinals: Ordinals) -> None:
        """Note that sub-problems begin: after a crash they are the ones that may have caused it."""
        line = " ".join(f"{first}+{count}" for first, count in ranges_of(ordinals))
        with self._lock:
            log = self._log(step + STARTED)
            log.stream.write(f"{line}\n".encode())

    def places(self, step: str) -> list[Place]:
        """The frames of a step so far; they can be read once :meth:`flush` has returned."""
        with self._lock:
            return list(self._log(step).places)

    def path(self, step: str) -> Path:
        """The log of a step."""
        return self.folder / f"{step}.log"

    def flush(self) -> None:
        """Make everything durable that has been taken. Raises OSError when that does not succeed."""
        with self._writing:
            self._write()
        if self._error:
            raise self._error

    def close(self) -> None:
        """Make everything durable and close the logs. Raises OSError."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
        self._thread.join()
        try:
            self.flush()
        finally:
            for log in self._logs.values():
                log.stream.close()

    def _log(self, step: str) -> _Log:
        if step not in self._logs:
            self._logs[step] = _Log(self.path(step).open("ab", buffering=0))
            sync_folder(self.folder)
        return self._logs[step]

    def _sync(self) -> None:
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._closed or self._bytes > _MOST_PENDING, INTERVAL)
                if self._closed:
                    return
            with self._writing:
                self._write()

    def _write(self) -> None:
        with self._lock:
            pending, self._pending = self._pending, []
            taken = self._taken
            files, self._files = self._files, False
        if not pending or self._error:
            return
        try:
            if files:
                sync_disk(self.folder)
            by_step: dict[str, list[bytes]] = {}
            for step, data in pending:
                by_step.setdefault(step, []).append(data)
            for step, parts in by_step.items():
                write_all(self._logs[step].stream, b"".join(parts))
            for step in by_step:
                os.fdatasync(self._logs[step].stream.fileno())
        except OSError as error:
            self._error = error
            self._failed(error)
        with self._lock:
            self._bytes -= sum(len(data) for _, data in pending)
            if not self._error:
                self._durable = taken
            self._lock.notify_all()


def write_all(stream: BinaryIO, data: bytes) -> None:
    """Write all of ``data`` to an unbuffered stream."""
    view = memoryview(data)
    while view:
        view = view[stream.write(view) :]


def sync_disk(folder: Path) -> None:
    """Make every file on the file system of ``folder`` durable, in one go."""
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        os.sync()
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        syncfs(handle)
    finally:
        os.close(handle)
