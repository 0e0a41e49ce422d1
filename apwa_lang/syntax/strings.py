r"""String literals: from source text to their value.

In: the text of a ``STRING`` token. Out: :class:`StringLiteral`, whose ``offsets`` map each character of the value
back to the source, and a diagnostic for each bad escape. A text in three quotes loses the line end behind its
opening quotes, the indentation that its lines share, and the last line where only the closing quotes stand. A
backslash at the end of a line joins it to the next.
"""

from __future__ import annotations

import re

from apwa_lang.diagnostics.codes import syntax as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.syntax.nodes import StringLiteral
from apwa_lang.syntax.source import Source, Span

SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}

_SPECIAL = re.compile(r"\\(?:u\{(?P<braced>[^}\"\n]*)\}|u(?P<four>[0-9A-Fa-f]{4})|\r?\n|[\s\S]|\Z)|\r\n")
_INDENT = re.compile(r"[ \t]*")


def string_literal(source: Source, start: int, end: int) -> tuple[StringLiteral, list[Diagnostic]]:
    """Decode the string at ``start`` to ``end``, quotes included; the closing quotes may be missing."""
    text = source.text
    span = Span(source, start, end)
    quotes = 3 if text.startswith('"""', start, end) else 1
    close = end - quotes if end - start >= 2 * quotes and text.endswith('"' * quotes, start, end) else end
    first = start + quotes
    if quotes == 1 and text.find("\\", first, close) < 0:
        return StringLiteral(span, text[first:close], tuple(range(first, close + 1))), []
    decoder = _Decoder(source)
    for piece_start, piece_end in _pieces(text, first, close) if quotes == 3 else [(first, close)]:
        decoder.add(piece_start, piece_end)
    stop = decoder.end if decoder.end is not None else close
    return StringLiteral(span, "".join(decoder.parts), (*decoder.offsets, stop)), decoder.diagnostics


def meant_literal(span: Span, text: str) -> StringLiteral:
    """The string ``text``, for what is written in another way at ``span``."""
    literal, _ = string_literal(Source(text), 0, len(text))
    return StringLiteral(span, literal.value, tuple(min(span.start + offset, span.end) for offset in literal.offsets))


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The ranges that remain of a text in three quotes once it is dedented."""
    lines: list[tuple[int, int]] = []
    position = start
    while position <= end:
        line_end = text.find("\n", position, end)
        stop = end if line_end < 0 else line_end + 1
        lines.append((position, stop))
        position = stop if line_end >= 0 else end + 1
    opening_empty = len(lines) > 1 and not text[slice(*lines[0])].strip()
    if opening_empty:
        lines.pop(0)
    if len(lines) > 1 and not text[slice(*lines[-1])].strip():
        lines.pop()
        before_start, before_end = lines[-1]
        lines[-1] = (before_start, before_end - (2 if text[before_end - 2 : before_end] == "\r\n" else 1))
    measured = [line for line in (lines if opening_empty else lines[1:]) if text[slice(*line)].strip()]
    indent = min((_indent(text, line) for line in measured), key=len, default="")
    while any(not text.startswith(indent, line[0]) for line in measured):
        indent = indent[:-1]
    pieces = []
    for index, (line_start, line_end) in enumerate(lines):
        blank = not text[line_start:line_end].strip()
        if blank and (index or opening_empty):
            kept = len(text[line_start:line_end].lstrip(" \t"))
            pieces.append((line_end - kept, line_end))
        elif index or opening_empty:
            pieces.append((line_start + len(indent), line_end))
        else:
            pieces.append((line_start, line_end))
    return pieces


def _indent(text: str, line: tuple[int, int]) -> str:
    found = _INDENT.match(text, *line)
    return found.group() if found else ""


class _Decoder:
    """Collects decoded characters and, for each, where it began."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.parts: list[str] = []
        self.offsets: list[int] = []
        self.diagnostics: list[Diagnostic] = []
        self.end: int | None = None

    def add(self, start: int, end: int) -> None:
        """Decode one range; ranges come in order."""
        text = self.source.text
        position = start
        while position < end:
            match = _SPECIAL.search(text, position, end)
            plain_end = match.start() if match else end
            self.parts.append(text[position:plain_end])
            self.offsets.extend(range(position, plain_end))
            if match is None:
                break
            value = self._special(match)
            self.parts.append(value)
            self.offsets.extend([match.start()] * len(value))
            position = match.end()
        self.end = end

    def _special(self, match: re.Match[str]) -> str:
        word = match.group()
        if word == "\r\n":
            return "\n"
        if word.endswith("\n"):
            return ""
        digits = match["four"] if match["braced"] is None else match["braced"]
        if digits is not None:
            value = _character(digits)
            if value is not None:
                return value
        elif word[1:] in SIMPLE_ESCAPES:
            return SIMPLE_ESCAPES[word[1:]]
        self.diagnostics.append(codes.bad_escape(Span(self.source, match.start(), match.end())))
        return word


def _character(digits: str) -> str | None:
    """The character of a hexadecimal number, or None when it is no Unicode scalar value."""
    if not re.fullmatch(r"[0-9A-Fa-f]{1,6}", digits):
        return None
    number = int(digits, 16)
    return None if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF else chr(number)
