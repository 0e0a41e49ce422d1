"""One source line as a terminal shows it.

In: the text of a line. Out: :class:`Line`: printable text with tabs expanded, the column of every character on the
screen, and a window of it where the line is too long. Columns count from zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import category, east_asian_width

TAB = 4
ELLIPSIS = "…"

_OBEYED = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")


def width(character: str) -> int:
    """Screen columns of a printable character: 0 for combining marks, 2 for wide ones."""
    if character.isascii():
        return 1
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def printable(text: str) -> str:
    """``text`` with the control characters that a terminal would obey replaced, those that turn its direction too."""
    return _OBEYED.sub("\ufffd", text)


@dataclass(frozen=True, slots=True)
class Line:
    """``text`` to show; ``columns[i]`` is where character ``i`` of the source line begins, the last entry its end."""

    text: str
    columns: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Line:
        """The whole line."""
        shown, columns, column = [], [], 0
        for character in printable(text):
            columns.append(column)
            if character == "\t":
                step = TAB - column % TAB
                shown.append(" " * step)
            else:
                step = width(character)
                shown.append(character)
            column += step
        return cls("".join(shown), (*columns, column))

    def column(self, index: int) -> int:
        """Where character ``index`` begins; the end of the line for those past it."""
        return self.columns[min(index, len(self.columns) - 1)]

    def window(self, start: int, end: int, limit: int) -> tuple[str, int, int]:
        """The line with at most ``limit`` columns, the columns ``start`` to ``end`` of it in view.

        Gives the text, and where ``start`` and ``end`` are in it; an ellipsis stands for what is cut off.
        """
        total = self.columns[-1]
        if total <= limit:
            return self.text, start, end
        room = limit - 2
        shown = min(end - start, room)
        first = max(0, min(start - (room - shown) // 2, total - room))
        last = min(total, first + room)
        kept, column = [], 0
        for character in self.text:
            step = width(character)
            if first <= column and column + step <= last:
                kept.append(character)
            elif first <= column < last or first < column + step <= last:
                kept.append(" ")  # half of a wide character at the edge of the window
            column += step
        lead = ELLIPSIS if first > 0 else ""
        text = lead + "".join(kept) + (ELLIPSIS if last < total else "")
        move = len(lead) - first
        return text, start + move, min(end, last) + move
