"""What earlier journals already hold of a step, so that it is not done again.

In: the logs of earlier runs of a step, and sub-problems with their content keys. Out: the frames of those whose result
is there. A sub-problem is looked for at its own ordinal first, then wherever its key stands: rows may have been added
or moved. Memory is some 24 bytes a result.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from apwa_runtime.batches import KEY_BYTES, Failure, Frame, Usage, from_bytes, ordinals_of, to_bytes
from apwa_runtime.journal.frames import Entry, FileCommit, Place, Stored, entries, read

# Which failures of earlier runs stand; the others are tried again.
Kept = Callable[[Failure], bool]

# Frames that are held while their rows are taken.
_HELD = 8


class Earlier:
    """The earlier results of one step; of two logs that have a sub-problem, the later one counts.

    ``usage`` is what they have cost, unless this run does not pay for them (``spends`` False).
    """

    def __init__(self, logs: Iterable[Path], kept: Kept, *, spends: bool = True) -> None:
        self.usage: dict[str, Usage] = {}
        self._frames: list[tuple[Path, Place]] = []
        self._keys = bytearray()
        self._frame = array("q")
        self._row = array("q")
        self._failures: dict[int, tuple[bytes, Failure]] = {}
        self._by_key: dict[bytes, int] | None = None
        self._held: dict[int, Stored] = {}
        for log in logs:
            # A later generation begins with what the earlier ones have cost.
            usage: dict[str, Usage] = {}
            for entry in entries(log):
                self._take_in(log, entry, kept, usage)
            self.usage = usage if usage and spends else self.usage

    def __bool__(self) -> bool:
        return bool(self._frames)

    def holds(self, ordinal: int, key: bytes) -> bool:
        """Whether the result of a sub-problem, or its failure, is there."""
        return self._place(ordinal, key) is not None

    def found(
        self, subproblems: Sequence[tuple[int, bytes]], stands: Callable[[FileCommit], bool]
    ) -> list[tuple[Frame, tuple[FileCommit, ...]]]:
        """Frames of the sub-problems, given by ordinal and key, whose results are there.

        ``stands`` says whether a file that a result has written is still what it was.
        """
        frames: list[tuple[Frame, tuple[FileCommit, ...]]] = []
        hits: dict[int, list[tuple[int, bytes, int]]] = {}
        failures: list[tuple[bytes, Failure]] = []
        for ordinal, key in subproblems:
            at = self._place(ordinal, key)
            if at is None:
                continue
            if at in self._failures:
                failures.append((key, replace(self._failures[at][1], ordinal=ordinal)))
            else:
                hits.setdefault(self._frame[at], []).append((ordinal, key, self._row[at]))
        for frame, rows in hits.items():
            frames.extend(self._rows(frame, rows, stands))
        if failures:
            nothing = to_bytes(from_bytes(self._stored(0).frame.data).slice(0, 0))
            keys = b"".join(key for key, _ in failures)
            frames.append((Frame(range(0), b"", nothing, tuple(one for _, one in failures), keys), ()))
        return frames

    def _take_in(self, log: Path, entry: Entry, kept: Kept, usage: dict[str, Usage]) -> None:
        for model, amount in entry.usage.items():
            usage.setdefault(model, Usage()).add(amount)
        frame = len(self._frames)
        self._frames.append((log, entry.place))
        for row, ordinal in enumerate(entry.ordinals):
            self._put(ordinal, entry.keys[row * KEY_BYTES : (row + 1) * KEY_BYTES], frame, row)
        for place, failure in enumerate(entry.failures, start=entry.place.rows):
            key = entry.keys[place * KEY_BYTES : (place + 1) * KEY_BYTES]
            if kept(failure):
                self._put(failure.ordinal, key, frame, -1)
                self._failures[failure.ordinal] = (key, failure)

    def _put(self, ordinal: int, key: bytes, frame: int, row: int) -> None:
        missing = ordinal + 1 - len(self._frame)
        if missing > 0:
            self._keys.extend(bytes(missing * KEY_BYTES))
            self._frame.extend([-1] * missing)
            self._row.extend([-1] * missing)
        self._keys[ordinal * KEY_BYTES : (ordinal + 1) * KEY_BYTES] = key
        self._frame[ordinal] = frame
        self._row[ordinal] = row
        self._failures.pop(ordinal, None)

    def _place(self, ordinal: int, key: bytes) -> int | None:
        """Where the result of a sub-problem stands, by the ordinal that it had."""
        if ordinal < len(self._frame) and self._frame[ordinal] >= 0 and self._key(ordinal) == key:
            return ordinal
        if self._by_key is None:
            known = (at for at, frame in enumerate(self._frame) if frame >= 0)
            self._by_key = {self._key(at): at for at in known}
        return self._by_key.get(key)

    def _key(self, at: int) -> bytes:
        return bytes(self._keys[at * KEY_BYTES : (at + 1) * KEY_BYTES])

    def _rows(
        self, number: int, rows: list[tuple[int, bytes, int]], stands: Callable[[FileCommit], bool]
    ) -> Iterable[tuple[Frame, tuple[FileCommit, ...]]]:
        stored = self._stored(number)
        files: list[FileCommit] = []
        if stored.files:
            written: dict[int, list[FileCommit]] = {}
            for file in stored.files:
                written.setdefault(file.ordinal, []).append(file)
            before = list(stored.frame.ordinals)
            kept = []
            for ordinal, key, row in rows:
                own = [replace(file, ordinal=ordinal) for file in written.get(before[row], ())]
                if all(stands(file) for file in own):
                    kept.append((ordinal, key, row))
                    files.extend(own)
            rows = kept
        if rows:
            places = [row for _, _, row in rows]
            data = stored.frame.data
            if places != list(range(len(stored.frame.ordinals))):
                data = to_bytes(from_bytes(data).take(pa.array(places, pa.int64())))
            keys = b"".join(key for _, key, _ in rows)
            yield Frame(ordinals_of([ordinal for ordinal, _, _ in rows]), keys, data), tuple(files)

    def _stored(self, number: int) -> Stored:
        if number not in self._held:
            if len(self._held) >= _HELD:
                del self._held[next(iter(self._held))]
            self._held[number] = read(*self._frames[number])
        return self._held[number]
