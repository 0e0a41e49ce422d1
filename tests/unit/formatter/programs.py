"""What the tests of the formatter share: what must be the same in a program before and after."""

from __future__ import annotations

import dataclasses
from typing import Any

from apwa_lang.formatter.format import format_source
from apwa_lang.syntax.nodes import Module, Node
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from apwa_lang.syntax.tokens import scan


def shape(value: Any) -> Any:
    """A tree without its places."""
    if isinstance(value, tuple):
        return [shape(item) for item in value]
    if isinstance(value, Node | Module):
        left_out = ("span", "source", "offsets", "comments")
        parts = [shape(getattr(value, field.name)) for field in dataclasses.fields(value) if field.name not in left_out]
        return [type(value).__name__, *parts]
    return value


def comments(text: str) -> list[tuple[str, str, str]]:
    """Each comment with the words before and after it. Commas are none: they come and go."""
    scanned = scan(Source(text))
    words = [token for token in scanned.tokens if token.text != ","]
    found = []
    for start, end in scanned.comments:
        before = [token.text for token in words if token.start < start][-1:]
        after = [token.text for token in words if token.start > start][:1]
        found.append((text[start:end].rstrip(), *(before or [""]), *(after or [""])))
    return found


def check_formatted(text: str, width: int = 120) -> str:
    """Format a program; the result must be the same, with the same comments, and stay as it is."""
    after = format_source(Source(text), line_length=width)
    assert shape(parse(Source(after))[0]) == shape(parse(Source(text))[0])
    assert comments(after) == comments(text)
    assert format_source(Source(after), line_length=width) == after
    return after
