"""Formatting a file.

In: a source and the width of lines. Out: the text in the one style. What would not be the same program with the same
comments, or would be formatted otherwise the next time, is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.formatter.cursor import Cursor, Placed
from apwa_lang.formatter.declarations import declaration
from apwa_lang.formatter.document import phrase, print_doc, text_width
from apwa_lang.formatter.settings import LINE_LENGTH
from apwa_lang.formatter.verify import difference
from apwa_lang.syntax.nodes import Module
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from apwa_lang.syntax.tokens import Token, scan

BYTE_ORDER_MARK = "\ufeff"


class FormatError(Exception):
    """The text is left as it is."""


class UnparsedError(FormatError):
    """The text is no program: ``diagnostics`` says why."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        first = diagnostics[0]
        super().__init__(f"line {first.primary.span.line}: {first.message}")
        self.diagnostics = diagnostics


class UnsafeError(FormatError):
    """A fault of the formatter: its result is another program, or not yet formatted."""


def format_source(source: Source, *, line_length: int = LINE_LENGTH) -> str:
    """The text of ``source`` in the one style. Raises :class:`UnparsedError` and :class:`UnsafeError`."""
    module, diagnostics = parse(source)
    errors = tuple(finding for finding in diagnostics if finding.severity is Severity.ERROR)
    if errors:
        raise UnparsedError(errors)
    text = _laid_out(module, line_length)
    if text == source.text:
        return text
    result, problems = parse(Source(text, source.path, source.file))
    changed = "does not parse any more" if len(problems) > len(diagnostics) else difference(module, result)
    if changed is not None:
        raise UnsafeError(f"what it would become {changed}")
    if _laid_out(result, line_length) != text:
        raise UnsafeError("formatted again it would change once more")
    return text


def _laid_out(module: Module, width: int) -> str:
    text = module.source.text
    tokens = scan(module.source).tokens
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    return mark + _Page(_line_end(text, tokens), width).of(module, tokens)


def _line_end(text: str, tokens: Sequence[Token]) -> str:
    """How the first line ends that does not end inside a string."""
    starts = (0, *(token.end for token in tokens))
    ends = (*(token.start for token in tokens), len(text))
    found = next((text.find("\n", *gap) for gap in zip(starts, ends, strict=True) if "\n" in text[slice(*gap)]), 0)
    return "\r\n" if found and text[found - 1] == "\r" else "\n"


class _Page:
    """The text of a file as it grows, declaration by declaration."""

    def __init__(self, line_end: str, width: int) -> None:
        self._line_end = line_end
        self._width = width
        self._parts: list[str] = []

    def of(self, module: Module, tokens: Sequence[Token]) -> str:
        """The whole text."""
        cursor = Cursor(module, tokens)
        long_before = False
        for node in module.declarations:
            comments = cursor.placed()
            blank = cursor.blank_ahead()
            joined = bool(self._parts) and not comments and cursor.pinned and not cursor.line_end_ahead()
            column = text_width("".join(self._parts).rpartition("\n")[2]) + 2 if joined else 0
            cursor.start()
            doc = phrase(declaration(cursor, node))
            text = print_doc(doc, self._width, column=column, line_end=self._line_end)
            long = "\n" in text
            if joined:
                self._parts.append("  ")
            else:
                apart = long or long_before
                blank = self._add_comments(comments, blank, apart=apart and bool(self._parts))
                self._end_line(blank=blank)
            self._parts.append(text)
            long_before = long
        self._add_comments(cursor.placed(), False, apart=False)
        self._end_line(blank=False)
        return "".join(self._parts)

    def _add_comments(self, comments: list[Placed], blank: bool, *, apart: bool) -> bool:
        """Add comments; whether a blank line follows them. ``apart``: one stands somewhere among them."""
        missing = apart and not blank and not any(comment.blank for comment in comments)
        for comment in comments:
            if comment.alone:
                self._end_line(blank=comment.blank or missing)
                missing = False
                self._parts.append(comment.text)
            else:
                self._parts.append(f" {comment.text}")
        return blank or missing

    def _end_line(self, *, blank: bool) -> None:
        if self._parts:
            self._parts.append(self._line_end * (2 if blank else 1))
