"""``query``: the answer of tables to one SELECT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apwa_runtime.tables.sql import connect
from apwa_runtime.tables.sql import rows as rows_of
from apwa_runtime.tools.builtins.tables import plain, table


def query(sql: str, tables: Mapping[str, Sequence[str]], rows: int) -> list[Any]:
    """The first ``rows`` rows; a last text says that there are more. Raises SqlError."""
    with connect({name: table(parts) for name, parts in tables.items()}) as connection:
        found, more = rows_of(connection, sql, rows)
    return [*map(plain, found), *([f"there are more than these {rows} rows"] if more else [])]
