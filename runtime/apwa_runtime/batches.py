"""What travels between the driver and the workers: batches of sub-problems out, frames of results back.

In: Arrow record batches. Out: plain picklable values that hold Arrow IPC bytes, so that nothing but data is shipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

# Bytes of a content key (see ``keys.py``).
KEY_BYTES = 16

# Which sub-problems of a step: a range where they follow each other, else ascending numbers.
Ordinals = range | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Sub-problems of a step as Arrow IPC bytes.

    ``resources`` is what each of them needs, where that differs by sub-problem.

    ``guarded``: they run in a process of their own, because the worker that had them, or the whole run, has died.
    ``files``: those that they read, by path, where workers may not see them.
    """

    ordinals: Ordinals
    data: bytes
    guarded: bool = False
    resources: dict[str, float] | None = None
    files: dict[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A sub-problem that gave no result.

    ``outcome`` is the policy that applied: ``fail``, ``skip`` or ``quarantine``. ``identity`` and ``row`` are JSON-able
    and free of secret fields.
    """

    step: str
    task: str
    ordinal: int
    identity: dict[str, object]
    row: dict[str, object]
    reason: str
    attempts: int
    outcome: str


@dataclass(slots=True)
class Usage:
    """What calls have cost so far; times in seconds."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    model_seconds: float = 0.0

    def add(self, other: Usage) -> None:
        """Add another usage to this one."""
        self.calls += other.calls
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.model_seconds += other.model_seconds


@dataclass(frozen=True, slots=True)
class FileWrite:
    """A file that a sub-problem writes, to be published by the driver."""

    ordinal: int
    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """Sub-problems that have finished: rows of those in ``ordinals``, and what failed. ``usage`` is by model name.

    ``keys`` holds the content key of each row, ``failed_keys`` of each failure (``KEY_BYTES`` each). ``traces`` tell
    what agents did, as JSON, by ordinal.
    """

    ordinals: Ordinals
    keys: bytes
    data: bytes
    failures: tuple[Failure, ...] = ()
    failed_keys: bytes = b""
    usage: dict[str, Usage] = field(default_factory=dict)
    files: tuple[FileWrite, ...] = ()
    traces: tuple[tuple[int, str], ...] = ()

    def without(self, finished: set[int]) -> Frame:
        """The frame without some sub-problems."""
        kept = [place for place, ordinal in enumerate(self.ordinals) if ordinal not in finished]
        failed = [place for place, failure in enumerate(self.failures) if failure.ordinal not in finished]
        if len(kept) == len(self.ordinals) and len(failed) == len(self.failures):
            return self
        return replace(
            self,
            ordinals=ordinals_of([self.ordinals[place] for place in kept]),
            keys=some_keys(self.keys, kept),
            data=to_bytes(from_bytes(self.data).take(pa.array(kept, pa.int64()))),
            failures=tuple(self.failures[place] for place in failed),
            failed_keys=some_keys(self.failed_keys, failed),
            files=tuple(file for file in self.files if file.ordinal not in finished),
            traces=tuple(trace for trace in self.traces if trace[0] not in finished),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What one execution of a batch has to say: ``frames``, the first of which is its frame number ``start``.

    ``execution`` tells two executions of one batch apart; ``seconds`` is how long it ran, ``error`` why it came to no
    end.
    """

    execution: str
    start: int
    frames: tuple[Frame, ...]
    seconds: float = 0.0
    error: str | None = None


def nothing_left() -> Report:
    """What an execution says whose results have gone with its worker."""
    return Report("", 0, ())


def to_bytes(batch: Any) -> bytes:
    """A record batch as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def from_bytes(data: bytes) -> Any:
    """The record batch of an Arrow IPC stream of exactly one batch."""
    with pa.ipc.open_stream(data) as reader:
        return reader.read_next_batch()


def some_keys(keys: bytes, places: Iterable[int]) -> bytes:
    """The content keys at some places."""
    return b"".join([keys[place * KEY_BYTES : (place + 1) * KEY_BYTES] for place in places])


def ordinals_of(numbers: Sequence[int]) -> Ordinals:
    """Ascending numbers, as a range where they follow each other."""
    if not numbers:
        return range(0)
    if numbers[-1] - numbers[0] + 1 == len(numbers):
        return range(numbers[0], numbers[-1] + 1)
    return tuple(numbers)


def ranges_of(ordinals: Iterable[int]) -> list[list[int]]:
    """Ascending numbers as ``[first, count]`` pairs."""
    if isinstance(ordinals, range):
        return [[ordinals.start, len(ordinals)]] if ordinals else []
    ranges: list[list[int]] = []
    for ordinal in ordinals:
        if ranges and ranges[-1][0] + ranges[-1][1] == ordinal:
            ranges[-1][1] += 1
        else:
            ranges.append([ordinal, 1])
    return ranges


def from_ranges(ranges: Iterable[Sequence[int]]) -> Iterator[int]:
    """The numbers that :func:`ranges_of` was given."""
    for first, count in ranges:
        yield from range(first, first + count)


def without(batch: Batch, finished: set[int]) -> Batch | None:
    """The batch without its ``finished`` sub-problems; None when nothing is left."""
    if not finished:
        return batch
    left = [place for place, ordinal in enumerate(batch.ordinals) if ordinal not in finished]
    return part_of(batch, left) if left else None


def halves(batch: Batch) -> tuple[Batch, Batch]:
    """The two halves of a batch of more than one sub-problem."""
    places = range(len(batch.ordinals))
    middle = len(places) // 2
    return part_of(batch, places[:middle]), part_of(batch, places[middle:])


def part_of(batch: Batch, places: Sequence[int]) -> Batch:
    """The sub-problems at some places of a batch."""
    rows = from_bytes(batch.data).take(pa.array(places, pa.int64()))
    return replace(batch, ordinals=ordinals_of([batch.ordinals[place] for place in places]), data=to_bytes(rows))
