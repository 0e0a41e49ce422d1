"""The rows of a table, as built-in tools see them.

In: the Arrow files of a table, as a run keeps them. Out: the table; its rows as JSON-able dicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa

from apwa_runtime.values.text import scalar_text


def table(parts: Sequence[str]) -> Any:
    """The whole table, its columns mapped into memory."""
    read = [pa.ipc.open_file(pa.memory_map(part)).read_all() for part in parts]
    return pa.concat_tables(read)


def rows(parts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The rows, one after the other."""
    for part in parts:
        with pa.memory_map(part) as source, pa.ipc.open_file(source) as reader:
            for index in range(reader.num_record_batches):
                yield from map(plain, reader.get_batch(index).to_pylist())


def plain(value: Any) -> Any:
    """A value of Arrow as JSON has it; what is not exactly representable becomes text."""
    match value:
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case None | bool() | int() | str():
            return value
        case float():
            return value if value == value and abs(value) != float("inf") else None
        case date() | timedelta() | UUID() | bytes():
            return scalar_text(value)
        case _:
            return str(value)
