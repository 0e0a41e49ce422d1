"""Pieces of Markdown.

In: text. Out: text that shows as it is meant, whatever is in it.
"""

from __future__ import annotations

import re

_MOST_LINES = 16


def code(text: str) -> str:
    """A block of the language; a long text is cut."""
    lines = text.strip("\n").splitlines()
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], "…"]
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return "\n".join((f"{fence}apwa", *lines, fence))


def inline(text: str) -> str:
    """Code within a line."""
    text = " ".join(text.split())
    marks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{marks}{space}{text}{space}{marks}"


def paragraphs(*parts: str) -> str:
    """The parts that hold something, one below the other."""
    return "\n\n".join(part for part in parts if part)
