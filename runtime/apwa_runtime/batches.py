"""What travels between the driver and the workers: batches of sub-problems out, results and failures back.

In: Arrow record batches. Out: plain picklable values that hold Arrow IPC bytes, so that nothing but data is shipped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Batch:
    """Sub-problems ``first``, ``first + 1``, … of a step as Arrow IPC bytes.

    ``resources`` is what each of them needs, where that differs by sub-problem.
    """

    first: int
    count: int
    data: bytes
    resources: dict[str, float] | None = None


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
class BatchResult:
    """Result rows, in order of ordinals, and what failed. ``usage`` is by model name."""

    first: int
    done: int
    data: bytes
    failures: tuple[Failure, ...] = ()
    usage: dict[str, Usage] = field(default_factory=dict)


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
