"""What stands between brackets.

In: the items between two brackets and how each is laid out. Out: one :data:`Doc`: all on one line, or each on a line of
its own. It takes several lines if it has to, and if it was written so: a list whose first item stands on a line of its
own, a block that holds a line end anywhere between its items.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from apwa_lang.formatter.cursor import LINE, SPACE, Cursor
from apwa_lang.formatter.document import Doc, Line, concat, fill, group, indent

T = TypeVar("T")
Show = Callable[[Cursor, T], Doc]


def listed(
    cursor: Cursor, opener: Doc, items: Sequence[T], show: Show[T], *, edge: str = "", filled: bool = False
) -> Doc:
    """Items parted by commas, with one behind the last where they stand on lines of their own.

    ``opener`` is the bracket. ``edge`` stands beside brackets that share their line with items. Items that are
    ``filled`` stand on as few lines as they fit on.
    """
    if not items:
        return _empty(cursor, opener)
    broken = cursor.line_end_ahead()
    start = cursor.gap(Line(edge))
    inside: list[Doc] = []
    for index, item in enumerate(items):
        if index:
            inside.append(cursor.gap(LINE, blanks=True))
        shown = show(cursor, item)
        inside.append(shown if index + 1 == len(items) else concat(shown, cursor.comma(",")))
    laid_out = fill(inside) if filled else concat(*inside)
    return _closed(cursor, opener, [start, laid_out, cursor.comma(cursor.last_comma())], edge, broken=broken)


def block(cursor: Cursor, items: Sequence[T], show: Show[T]) -> Doc:
    """Items of a block in braces, parted by line ends or, on one line, by two spaces."""
    opener = cursor.token(SPACE)
    if not items:
        return _empty(cursor, opener)
    inside: list[Doc] = []
    broken = False
    for index, item in enumerate(items):
        broken = broken or cursor.line_end_ahead()
        inside.append(cursor.gap(Line("  " if index else SPACE), blanks=index > 0))
        inside.append(show(cursor, item))
        inside.append(cursor.comma())
    return _closed(cursor, opener, inside, SPACE, broken=broken)


def _empty(cursor: Cursor, opener: Doc) -> Doc:
    cursor.comma()
    inside = cursor.comments()
    end = cursor.closing_line(Line(""))
    return group(opener, indent(inside), end, cursor.token())


def _closed(cursor: Cursor, opener: Doc, inside: Sequence[Doc], edge: str, *, broken: bool) -> Doc:
    ending = cursor.comments()
    end = cursor.closing_line(Line(edge))
    return group(opener, indent(*inside, ending), end, cursor.token(), broken=broken)
