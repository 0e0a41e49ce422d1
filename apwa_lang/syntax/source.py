"""Source text and places in it.

In: the text of one file. Out: :class:`Source`, which maps character offsets to lines and columns, and :class:`Span`,
a half-open range of characters that every tree node and diagnostic carries.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True, eq=False)
class Source:
    """One file. ``path`` is the path shown to people; ``file`` the absolute path, None for text without a file."""

    text: str
    path: str = "<text>"
    file: Path | None = None

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offset of the first character of each line."""
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return tuple(starts)

    def line_column(self, offset: int) -> tuple[int, int]:
        """One-based line and column (in characters) of an offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a one-based line without its line end; empty past the end."""
        if not 1 <= line <= len(self.line_starts):
            return ""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` up to, not including, ``end`` of a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters of the span."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """One-based line of the first character."""
        return self.source.line_column(self.start)[0]

    @property
    def column(self) -> int:
        """One-based column of the first character."""
        return self.source.line_column(self.start)[1]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of ``other``, in the same source."""
        return Span(self.source, self.start, max(self.end, other.end))
