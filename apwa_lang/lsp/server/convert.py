"""Places in a text, as the protocol writes them.

In: spans and offsets in characters. Out: lines and columns in the units that the client counts in, and back. A line
ends at a line feed, a carriage return or both, as the protocol has it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol import types

from apwa_lang.syntax.source import Source, Span

_LINE_END = re.compile(r"\r\n|\r|\n")


class Converter:
    """Converts with the encoding that the client and the server agreed on."""

    def __init__(self, encoding: str = types.PositionEncodingKind.Utf16) -> None:
        self.encoding = encoding

    def offset(self, source: Source, position: types.Position) -> int:
        """The character at a position; the end of the line or of the text for a position past it."""
        starts = line_starts(source)
        if position.line >= len(starts):
            return len(source.text)
        start, end = _line(source, starts, position.line)
        line = source.text[start:end]
        if line.isascii() or self.encoding == types.PositionEncodingKind.Utf32:
            return start + min(position.character, len(line))
        units = 0
        for index, character in enumerate(line):
            units += self._width(character)
            if units > position.character:
                return start + index
        return end

    def position(self, source: Source, offset: int) -> types.Position:
        """The position of a character."""
        starts = line_starts(source)
        line = bisect_right(starts, offset) - 1
        text = source.text[starts[line] : offset]
        return types.Position(line, self._units(text))

    def range(self, span: Span) -> types.Range:
        """The range of a span in its own source."""
        return types.Range(self.position(span.source, span.start), self.position(span.source, span.end))

    def span(self, source: Source, range: types.Range) -> Span:
        """The span of a range; empty where it ends before it starts."""
        start, end = self.offset(source, range.start), self.offset(source, range.end)
        return Span(source, start, max(start, end))

    def location(self, span: Span) -> types.Location | None:
        """The file and range of a span; None for text without a file."""
        uri = uri_of(span.source)
        return types.Location(uri, self.range(span)) if uri is not None else None

    def _units(self, text: str) -> int:
        if text.isascii() or self.encoding == types.PositionEncodingKind.Utf32:
            return len(text)
        return sum(map(self._width, text))

    def _width(self, character: str) -> int:
        if self.encoding == types.PositionEncodingKind.Utf8:
            return len(character.encode("utf-8", "surrogatepass"))
        return 1 if character <= "\uffff" else 2


@lru_cache(maxsize=64)
def line_starts(source: Source) -> Sequence[int]:
    """Offset of the first character of each line."""
    if source.text.count("\r") == source.text.count("\r\n"):
        return source.line_starts
    return (0, *(end.end() for end in _LINE_END.finditer(source.text)))


def _line(source: Source, starts: Sequence[int], line: int) -> tuple[int, int]:
    """Where a line starts, and where it ends without its line end."""
    start = starts[line]
    if line + 1 == len(starts):
        return start, len(source.text)
    end = starts[line + 1] - 1
    return start, end - 1 if source.text[end] == "\n" and end > start and source.text[end - 1] == "\r" else end


def path_of(uri: str) -> Path | None:
    """The file of an address; None for what is not on this machine's disk."""
    parts = urlsplit(uri)
    return Path(unquote(parts.path)) if parts.scheme == "file" and parts.path else None


def uri_of(source: Source) -> str | None:
    """The address of a source's file; of text without a file, what its editor calls it."""
    if source.file is not None:
        return source.file.as_uri()
    return source.path if ":" in source.path else None
