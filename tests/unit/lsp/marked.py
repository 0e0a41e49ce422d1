"""Open files from text with marks in it: `¦` is where the person's cursor is, `«name»` what is expected."""

from __future__ import annotations

import re
from pathlib import Path

from apwa_lang.check import check
from apwa_lang.lsp.view import View
from apwa_lang.semantics.modules import read_source
from apwa_lang.syntax.source import Source, Span

_MARKS = re.compile(r"[«»¦]")


def opened(text: str, file: Path | None = None) -> tuple[View, int, list[Span]]:
    """The view of a text without its marks, the place of `¦` in it, and the spans of `«…»`."""
    plain = _MARKS.sub("", text)
    source = Source(plain, "main.apwa", file)
    offset, starts, spans = 0, [], []
    at = 0
    for piece in re.split(r"([«»¦])", text):
        if piece == "¦":
            offset = at
        elif piece == "«":
            starts.append(at)
        elif piece == "»":
            spans.append(Span(source, starts.pop(), at))
        else:
            at += len(piece)
    checked = check(source, load=read_source)
    return View(source, checked.modules[0], checked), offset, spans


def places(spans: list[Span] | tuple[Span, ...]) -> list[tuple[int, str]]:
    """Offset and text of each span, in order of place."""
    return sorted((span.start, span.text) for span in spans)
