"""A file as an editor holds it.

In: edits in characters. Out: the same edits in lines and units of UTF-16, as the protocol has them, and the text.
Lines end at LF, CRLF or CR.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_LINE_END = re.compile(r"\r\n|\r|\n")


class PlaceError(Exception):
    """A position that is not in the text."""


@dataclass(frozen=True)
class Stroke:
    """One edit: ``text`` in place of the characters from ``start`` up to ``end``."""

    start: int
    end: int
    text: str


@dataclass
class Text:
    """A text and where its lines start."""

    text: str
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.starts = [0, *(end.end() for end in _LINE_END.finditer(self.text))]

    def position(self, offset: int) -> dict[str, int]:
        """The position of a character; inside CRLF, that of its start."""
        if self.text[offset - 1 : offset + 1] == "\r\n":
            offset -= 1
        line = self.line(offset)
        return {"line": line, "character": _units(self.text[self.starts[line] : offset])}

    def offset(self, position: dict[str, int]) -> int:
        """The character at a position. Raises PlaceError for one past its line, or within a character."""
        line, units = position["line"], position["character"]
        if (line, units) == (len(self.starts), 0):
            # How a range takes in the end of a last line, which has none.
            return len(self.text)
        if not 0 <= line < len(self.starts):
            raise PlaceError(f"there is no line {line}")
        start = self.starts[line]
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)
        whole = self.text[start:end].rstrip("\r\n") if line + 1 < len(self.starts) else self.text[start:end]
        for length in range(min(units, len(whole)), -1, -1):
            if _units(whole[:length]) == units:
                return start + length
        raise PlaceError(f"line {line} has no place {units}")

    def line(self, offset: int) -> int:
        """The line of a character."""
        return bisect_right(self.starts, offset) - 1

    def range(self, start: int, end: int) -> dict[str, dict[str, int]]:
        """The range of some characters."""
        return {"start": self.position(start), "end": self.position(end)}

    def span(self, range: dict[str, dict[str, int]]) -> tuple[int, int]:
        """The characters of a range. Raises PlaceError."""
        start, end = self.offset(range["start"]), self.offset(range["end"])
        if start > end:
            raise PlaceError(f"{range} ends before it starts")
        return start, end


class Buffer(Text):
    """An open file; ``undo`` are the strokes that lead back to the text as it was opened, the last to be done first."""

    def __init__(self, file: Path, text: str) -> None:
        super().__init__(text)
        self.file = file
        self.uri = file.as_uri()
        self.version = 1
        self.undo: list[Stroke] = []

    def stroke(self, stroke: Stroke) -> dict[str, Any]:
        """Do an edit; the change that says so. No editor puts its cursor inside CRLF."""
        start, end = (self._between(min(at, len(self.text))) for at in (stroke.start, stroke.end))
        change = {"range": self.range(start, end), "text": stroke.text}
        self.undo.append(Stroke(start, start + len(stroke.text), self.text[start:end]))
        super().__init__(self.text[:start] + stroke.text + self.text[end:])
        return change

    def back(self) -> dict[str, Any]:
        """Undo the last edit; the change that says so."""
        start, end, text = (last := self.undo.pop()).start, last.end, last.text
        whole = self.text[:start] + text + self.text[end:]
        at_ends = self._between(start) == start and self._between(end) == end
        change = {"range": self.range(start, end), "text": text} if at_ends else {"text": whole}
        super().__init__(whole)
        return change

    def rewrite(self, text: str) -> dict[str, Any]:
        """Another text for all of it; the change that says so."""
        self.undo.append(Stroke(0, len(text), self.text))
        super().__init__(text)
        return {"text": text}

    def _between(self, offset: int) -> int:
        return offset - 1 if self.text[offset - 1 : offset + 1] == "\r\n" else offset


def edited(text: Text, edits: list[dict[str, Any]]) -> str:
    """The text after the edits of an answer. Raises PlaceError where they overlap or are not in the text."""
    spans = sorted((*text.span(edit["range"]), number) for number, edit in enumerate(edits))
    parts, at = [], 0
    for start, end, number in spans:
        if start < at:
            raise PlaceError("two edits overlap")
        parts += [text.text[at:start], edits[number]["newText"]]
        at = end
    return "".join([*parts, text.text[at:]])


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
