"""Frames of results on disk: how one is laid out, and how a file that a crash has cut is read.

In: frames. Out: bytes to append to a log, and the whole frames of a log. Each frame stands for itself: a mark, its
lengths, a CRC-32 of all that follows, a JSON header, then content keys and rows. What fails its checksum was cut by a
crash; reading goes on at the next mark that begins a whole frame.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from apwa_runtime.batches import KEY_BYTES, Failure, Frame, Usage, from_ranges, ordinals_of, ranges_of

MARK = b"\xa9APWA\x01\r\n"
# The mark, length of the header, length of the payload, and the checksum of lengths, header and payload.
_HEAD = struct.Struct("<8sIQI")
_LENGTHS = struct.Struct("<IQ")


@dataclass(frozen=True, slots=True)
class FileCommit:
    """A file that a sub-problem has written: where, from the program's folder, and the SHA-256 of its bytes."""

    ordinal: int
    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame lies in its log, and the least and greatest ordinal of its ``rows`` rows (-1 where it has none)."""

    offset: int
    length: int
    first: int
    last: int
    rows: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A frame as read back; ``files`` are committed."""

    frame: Frame
    files: tuple[FileCommit, ...]


def encode(frame: Frame, files: tuple[FileCommit, ...] = ()) -> bytes:
    """The bytes of a frame."""
    header: dict[str, object] = {"rows": ranges_of(frame.ordinals)}
    if frame.failures:
        header["failures"] = [asdict(failure) for failure in frame.failures]
    if frame.usage:
        header["usage"] = {model: asdict(usage) for model, usage in frame.usage.items()}
    if files:
        header["files"] = [[file.ordinal, file.path, file.digest] for file in files]
    text = json.dumps(header, separators=(",", ":"), default=str).encode()
    payload = frame.keys + frame.failed_keys + frame.data
    lengths = _LENGTHS.pack(len(text), len(payload))
    checksum = zlib.crc32(payload, zlib.crc32(text, zlib.crc32(lengths)))
    return _HEAD.pack(MARK, len(text), len(payload), checksum) + text + payload


def decode(data: bytes) -> Stored:
    """The frame of bytes that :func:`encode` made."""
    _, size, length, _ = _HEAD.unpack_from(data)
    start = _HEAD.size + size
    header = _header(data)
    payload = data[start : start + length]
    ordinals = ordinals_of(list(from_ranges(header["rows"])))
    failures = tuple(Failure(**entry) for entry in header.get("failures", ()))
    keys = len(ordinals) * KEY_BYTES
    failed = keys + len(failures) * KEY_BYTES
    frame = Frame(ordinals, payload[:keys], payload[failed:], failures, payload[keys:failed], _usage(header))
    return Stored(frame, tuple(FileCommit(*entry) for entry in header.get("files", ())))


@dataclass(frozen=True, slots=True)
class Entry:
    """A frame without its rows: its place, its header, and the content keys of its rows and then of its failures."""

    place: Place
    header: dict[str, Any]
    keys: bytes

    @property
    def ordinals(self) -> Iterator[int]:
        """The ordinals of its rows."""
        return from_ranges(self.header["rows"])

    @property
    def failures(self) -> list[Failure]:
        """What failed."""
        return [Failure(**entry) for entry in self.header.get("failures", ())]

    @property
    def usage(self) -> dict[str, Usage]:
        """What the calls of the frame have cost, by model."""
        return _usage(self.header)


def entries(path: Path) -> Iterator[Entry]:
    """The whole frames of a log in the order in which they were written."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return
    if not size:
        return
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as log:
        at = log.find(MARK)
        while at >= 0:
            length = _whole(log, at, size)
            if length:
                header = _header(log, at)
                ranges = header["rows"]
                rows = sum(count for _, count in ranges)
                first, last = (ranges[0][0], sum(ranges[-1]) - 1) if ranges else (-1, -1)
                start = at + _HEAD.size + _HEAD.unpack_from(log, at)[1]
                keys = log[start : start + (rows + len(header.get("failures", ()))) * KEY_BYTES]
                yield Entry(Place(at, length, first, last, rows), header, keys)
            at = log.find(MARK, at + (length or 1))


def finished(generations: Iterable[Path]) -> dict[str, int]:
    """How many sub-problems have finished by the journals of a run: those of ``done``, and of each outcome else."""
    names = {"fail": "failed", "quarantine": "quarantined", "skip": "skipped"}
    seen: dict[tuple[str, int], str] = {}
    for folder in generations:
        for log in sorted(folder.glob("*.log")):
            for entry in entries(log):
                seen.update(((log.stem, ordinal), "done") for ordinal in entry.ordinals)
                seen.update(((log.stem, one.ordinal), names[one.outcome]) for one in entry.failures)
    return {"done": 0, **Counter(seen.values())}


def read(path: Path, place: Place) -> Stored:
    """The frame at a place."""
    with path.open("rb") as stream:
        stream.seek(place.offset)
        return decode(stream.read(place.length))


def write_whole(path: Path, text: str) -> None:
    """Replace a small file at once or not at all, durably."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _whole(log: mmap.mmap, at: int, size: int) -> int:
    """The length of the frame that begins ``at``, or 0 if it is not whole."""
    if at + _HEAD.size > size:
        return 0
    _, text, payload, checksum = _HEAD.unpack_from(log, at)
    length: int = _HEAD.size + text + payload
    if at + length > size:
        return 0
    view = memoryview(log)
    body = view[at + _HEAD.size : at + length]
    same = zlib.crc32(body, zlib.crc32(_LENGTHS.pack(text, payload))) == checksum
    body.release()
    view.release()
    return length if same else 0


def _usage(header: dict[str, Any]) -> dict[str, Usage]:
    return {model: Usage(**amount) for model, amount in header.get("usage", {}).items()}


def _header(data: bytes | mmap.mmap, at: int = 0) -> dict[str, Any]:
    size = _HEAD.unpack_from(data, at)[1]
    start = at + _HEAD.size
    header: dict[str, Any] = json.loads(data[start : start + size])
    return header
