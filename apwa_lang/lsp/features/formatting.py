"""The edits that format a file.

In: the text of a file. Out: an edit for each gap between two words that changes, so that cursors, folds and marks of
the editor stay where they are; of a part of a file those that lie in its lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apwa_lang.formatter.format import UnparsedError, format_source
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.tokens import scan


@dataclass(frozen=True, slots=True)
class TextEdit:
    """``text`` in place of what the span holds."""

    span: Span
    text: str


def formatting(source: Source, line_length: int) -> tuple[TextEdit, ...]:
    """The edits of a whole file, in order of place; none where it does not parse.

    Raises :class:`~apwa_lang.formatter.format.UnsafeError`.
    """
    return tuple(map(_smallest, _of_gaps(source, line_length)))


def range_formatting(source: Source, selection: Span, line_length: int) -> tuple[TextEdit, ...]:
    """The edits of the gaps in the lines of a selection, and beside them. Raises as :func:`formatting` does."""
    text = source.text
    start = text.rfind("\n", 0, selection.start) + 1
    line_end = text.find("\n", selection.end)
    end = line_end if line_end >= 0 else len(text)
    edits = _of_gaps(source, line_length)
    return tuple(_smallest(edit) for edit in edits if edit.span.end >= start and edit.span.start <= end)


def _of_gaps(source: Source, line_length: int) -> Iterator[TextEdit]:
    """An edit of each whole gap that changes."""
    try:
        text = format_source(source, line_length=line_length)
    except UnparsedError:
        return
    for (start, end), (new_start, new_end) in zip(_gaps(source), _gaps(Source(text)), strict=True):
        if source.text[start:end] != text[new_start:new_end]:
            yield TextEdit(Span(source, start, end), text[new_start:new_end])


def _smallest(edit: TextEdit) -> TextEdit:
    """The edit without what both texts begin and end with; a line end of two characters is not taken apart."""
    old, new = edit.span.text, edit.text
    if "\r" in old + new:
        return edit
    shortest = min(len(old), len(new))
    first = next((n for n in range(shortest) if old[n] != new[n]), shortest)
    last = next((n for n in range(shortest - first) if old[-1 - n] != new[-1 - n]), shortest - first)
    span = Span(edit.span.source, edit.span.start + first, edit.span.end - last)
    return TextEdit(span, new[first : len(new) - last])


def _gaps(source: Source) -> list[tuple[int, int]]:
    """What lies before, between and behind the words and comments of a text; commas are in gaps."""
    scanned = scan(source)
    words = [(token.start, token.end) for token in scanned.tokens if token.text != ","]
    words += [(start, start + len(source.text[start:end].rstrip())) for start, end in scanned.comments]
    words.sort()
    return list(zip((0, *(end for _, end in words)), (*(start for start, _ in words), len(source.text)), strict=True))
