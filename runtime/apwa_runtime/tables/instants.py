"""Times as points on one line, to sort, join and store them.

In: an Arrow column of ISO 8601 text as ``values/arrow.py`` writes it. Out: timestamps in UTC with microseconds. A
time without an offset is taken as UTC.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_LOCAL = 26
_EPOCH = "1970-01-01T00:00:00"


def instants(column: Any) -> Any:
    """The timestamps of a column of texts; null stays null."""
    local = pc.utf8_slice_codeunits(column, 0, _LOCAL).cast(pa.timestamp("us"))
    shift = _shift(pc.utf8_slice_codeunits(column, _LOCAL))
    return pc.assume_timezone(pc.subtract(local, shift), "UTC")


def has_offset(column: Any) -> Any:
    """Whether each time of a column of texts says its offset."""
    return pc.greater(pc.utf8_length(column), _LOCAL)


def _shift(offsets: Any) -> Any:
    known = pc.unique(offsets).drop_null()
    seconds = pa.array([_duration(offset) for offset in known.to_pylist()], pa.duration("us"))
    return pc.take(seconds, pc.index_in(offsets, value_set=known))


def _duration(offset: str) -> timedelta:
    return datetime.fromisoformat(f"{_EPOCH}{offset}").utcoffset() or timedelta(0)
