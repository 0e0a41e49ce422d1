"""Places as tools want them.

In: a span. Out: lines and columns, both counted from one, the end exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass

from apwa_lang.syntax.source import Span


@dataclass(frozen=True, slots=True)
class Region:
    """Lines and columns (in characters) from one; ``end_column`` is that of the first character not included."""

    line: int
    column: int
    end_line: int
    end_column: int


def region(span: Span) -> Region:
    """Where a span begins and ends."""
    line, column = span.source.line_column(span.start)
    end_line, end_column = span.source.line_column(max(span.start, span.end))
    return Region(line, column, end_line, end_column)
