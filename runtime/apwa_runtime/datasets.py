"""Rows that a step has made, kept as Arrow files in the run's folder.

In: record batches with the place they belong at. Out: :class:`Dataset`, read back in order, batch by batch. Files are
written under a temporary name and renamed, so a file that exists is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from apwa_lang.semantics.types import RecordType
from apwa_runtime.values.arrow import arrow_schema, from_batch


@dataclass(frozen=True, slots=True)
class Dataset:
    """The rows of a step: ``parts`` in order, ``rows`` in all."""

    record: RecordType
    parts: tuple[Path, ...] = ()
    rows: int = 0

    def batches(self) -> Iterator[Any]:
        """The record batches, in order; empty ones are left out."""
        for part in self.parts:
            with pa.memory_map(str(part)) as source, pa.ipc.open_file(source) as reader:
                for index in range(reader.num_record_batches):
                    batch = reader.get_batch(index)
                    if batch.num_rows:
                        yield batch

    def table(self) -> Any:
        """The whole as one Arrow table."""
        return pa.Table.from_batches(list(self.batches()), schema=arrow_schema(self.record))

    def rows_as_dicts(self) -> Iterator[dict[str, Any]]:
        """The rows as native values."""
        for batch in self.batches():
            yield from from_batch(batch, self.record)


@dataclass
class DatasetWriter:
    """Collects the parts of one step; parts may come in any order of ``place``."""

    folder: Path
    record: RecordType
    _parts: dict[int, tuple[Path, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, place: int, batch: Any) -> None:
        """Keep a record batch at ``place``."""
        path = self.folder / f"part-{place:09}.arrow"
        temporary = path.with_suffix(".tmp")
        with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write_batch(batch)
        temporary.replace(path)
        self._parts[place] = (path, batch.num_rows)

    def finish(self) -> Dataset:
        """The dataset of all parts added, in order of place."""
        ordered = [self._parts[place] for place in sorted(self._parts)]
        return Dataset(self.record, tuple(path for path, _ in ordered), sum(rows for _, rows in ordered))
