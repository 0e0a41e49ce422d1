"""Edits that rules offer: what is removed leaves no hole in the layout.

In: the places that go. Out: edits.
"""

from __future__ import annotations

import re

from apwa_lang.diagnostics.model import Edit
from apwa_lang.syntax.source import Span

_BLANK = " \t"


def replacement(span: Span, text: str) -> Edit:
    """``text`` in place of ``span``."""
    return Edit(span, text)


def removal(span: Span) -> Edit:
    """Removes a setting or a statement with the comma that follows, and with its lines where nothing else is there."""
    text = span.source.text
    start, end = span.start, span.end
    comma = re.compile(r"[ \t]*,").match(text, end)
    if comma:
        end = comma.end()
    first, last = _line(span.source.text, start, end)
    if not text[first:start].strip() and not text[end:last].strip():
        return Edit(Span(span.source, first, last), "")
    after = len(text[end:last]) - len(text[end:last].lstrip(_BLANK))
    if after and text[end + after : end + after + 1] not in ("", "}", "\r", "\n"):
        end += after
    else:
        start -= len(text[first:start]) - len(text[first:start].rstrip(_BLANK))
    return Edit(Span(span.source, start, end), "")


def removal_of_item(span: Span) -> Edit:
    """Removes an item of a list or a field list, with one of the commas around it."""
    text = span.source.text
    first, last = _line(text, span.start, span.end)
    if not text[first : span.start].strip() and text[span.end : last].strip() in ("", ","):
        return removal(span)
    after = re.compile(r"\s*,\s*").match(text, span.end)
    if after:
        return Edit(Span(span.source, span.start, after.end()), "")
    before = re.search(r"\s*,\s*$", text[: span.start])
    return Edit(Span(span.source, before.start() if before else span.start, span.end), "")


def removal_of_declaration(span: Span) -> Edit:
    """Removes a declaration with the comments that stand right above it, and one of the empty lines around it."""
    text = span.source.text
    edit = removal(span)
    start, end = edit.span.start, edit.span.end
    if start == 0 or text[start - 1] == "\n":
        lines = text[:start].splitlines(keepends=True)
        while lines and lines[-1].lstrip().startswith("#"):
            start -= len(lines.pop())
        if not lines or not lines[-1].strip():
            blank = re.compile(r"[ \t]*\r?\n").match(text, end)
            if blank:
                end = blank.end()
    return Edit(Span(span.source, start, end), "")


def insertion(after: Span, text: str) -> Edit:
    """A setting behind another: on a line of its own where that is on one, else beside it."""
    whole = after.source.text
    first, _ = _line(whole, after.start, after.start)
    _, last = _line(whole, after.end, after.end)
    indent, rest = whole[first : after.start], whole[after.end : last].rstrip("\r\n")
    if indent.strip() or not re.fullmatch(r"[ \t]*,?[ \t]*(#.*)?", rest):
        return Edit(Span(after.source, after.end, after.end), f"  {text}")
    end = after.end + len(rest)
    return Edit(Span(after.source, end, end), f"\n{indent}{text}")


def _line(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the first line of a range starts, and where the line after its last one does."""
    stop = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if stop < 0 else stop + 1
