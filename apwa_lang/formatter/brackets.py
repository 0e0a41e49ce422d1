"""What stands between brackets.

In: the items between two brackets and how each is laid out. Out: one :data:`Doc`: all on one line, or each on a line of
its own. It takes several lines if it has to, and if it was written so: a list whose first item stands on a line of its
own, a block that holds a line end anywhere between its items.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from apwa_lang.formatter.cursor import LINE, NOTHING, SPACE, Cursor
from apwa_lang.formatter.document import (
    Break,
    Doc,
    Line,
    bracketed,
    brackets,
    breaks,
    closes,
    concat,
    fill,
    indent,
    level,
    phrase,
)

T = TypeVar("T")
Show = Callable[[Cursor, T], Doc]


def listed(
    cursor: Cursor,
    opener: Doc,
    items: Sequence[T],
    show: Show[T],
    *,
    edge: str = "",
    filled: bool = False,
    tight: bool = False,
) -> Doc:
    """Items parted by commas, with one behind the last where they stand on lines of their own.

    ``opener`` is the bracket. ``edge`` stands beside brackets that share their line with items. Items that are
    ``filled`` stand on as few lines as they fit on. ``tight`` as in :func:`enclosed`.
    """
    if not items:
        return enclosed(cursor, opener, NOTHING, NOTHING)
    broken = cursor.line_end_ahead()
    start = cursor.gap(Line(edge))
    shown: list[Doc] = []
    parts: list[Doc] = []
    for index, item in enumerate(items):
        if index:
            parts.append(cursor.gap(LINE, blanks=True))
        shown.append(phrase(show(cursor, item)))
        parts.append(concat(shown[-1], cursor.comma(",")) if index + 1 < len(items) else shown[-1])
    content = fill(parts) if filled else concat(*parts)
    broken = broken or (bool(content.breaks) and any(map(bracketed, shown[:-1])))
    comma = cursor.comma(cursor.last_comma())
    return enclosed(cursor, opener, start, content, comma, edge=edge, broken=broken, tight=tight)


def enclosed(
    cursor: Cursor,
    opener: Doc,
    start: Doc,
    content: Doc,
    comma: Doc = NOTHING,
    *,
    edge: str = "",
    broken: bool = False,
    tight: bool = False,
) -> Doc:
    """Brackets, whose content has lines of its own where it does not fit or lines end in it.

    Not so where they end for the sake of a comment between brackets at its end. ``tight``: only for a comment outside
    of these.
    """
    ending = cursor.comments()
    end = cursor.closing_line(Line(edge))
    closer = cursor.token()
    written = breaks(content) is Break.WRITTEN and not tight
    commented = breaks(content) is Break.COMMENT and not closes(content)
    broken = broken or written or commented or any(map(breaks, (start, comma, ending, end)))
    if tight and not broken:
        return concat(opener, content, closer)
    return concat(opener, brackets(indent(start, content, comma, ending), end, closer, broken=broken))


def block(cursor: Cursor, head: Doc, items: Sequence[T], show: Show[T]) -> Doc:
    """Items of a block in braces behind its head, parted by line ends or, on one line, by two spaces."""
    opener = concat(phrase(head, levels=2), level(cursor.gap(SPACE)), cursor.token())
    if not items:
        return enclosed(cursor, opener, NOTHING, NOTHING)
    parts: list[Doc] = []
    broken = False
    for index, item in enumerate(items):
        broken = broken or cursor.line_end_ahead()
        parts += [
            cursor.gap(Line("  " if index else SPACE), blanks=index > 0),
            phrase(show(cursor, item)),
            cursor.comma(),
        ]
    content = concat(*parts)
    return enclosed(cursor, opener, NOTHING, content, edge=SPACE, broken=broken or bool(content.breaks))
