"""Explanations for any width.

In: text of the registry, wrapped as its file is. Out: its paragraphs, unwrapped or wrapped anew. Lists, tables and
indented lines stay as they are.
"""

from __future__ import annotations

from textwrap import fill

_KEPT = ("- ", "* ", "|", " ")


def unwrapped(text: str) -> str:
    """Each paragraph on one line, an empty line between two."""
    return "\n\n".join(_joined(block) for block in text.split("\n\n"))


def wrapped(text: str, width: int = 80) -> str:
    """Each paragraph in lines of at most ``width`` characters."""
    blocks = (_joined(block) for block in text.split("\n\n"))
    return "\n\n".join(
        block if "\n" in block or block.startswith(_KEPT) else fill(block, width, break_on_hyphens=False)
        for block in blocks
    )


def _joined(block: str) -> str:
    lines = block.split("\n")
    return block if any(line.startswith(_KEPT) for line in lines) else " ".join(lines)
