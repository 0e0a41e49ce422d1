"""Findings as text for people: the source lines with the places marked, then facts, help and where to read more.

In: findings. Out: text; with ``color`` it has ANSI escapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from apwa_lang.diagnostics.model import Diagnostic, Label, Severity
from apwa_lang.diagnostics.render.columns import Line, printable
from apwa_lang.syntax.source import Source

WIDTH = 120

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_BLUE = "\x1b[1;34m"
_CYAN = "\x1b[1;36m"
_COLORS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: _CYAN}


@dataclass(frozen=True, slots=True)
class _Mark:
    """One row of ``^^^`` or ``---``: characters ``start`` to ``end`` (from zero) of a line."""

    line: int
    start: int
    end: int
    text: str
    primary: bool


def render(diagnostics: Iterable[Diagnostic], *, color: bool = False, width: int = WIDTH, explain: bool = True) -> str:
    """Every finding, an empty line between two. Source lines are cut to ``width`` columns.

    ``apwa explain`` is named at the first finding of each code, if ``explain``.
    """
    blocks, explained = [], set[str]()
    for diagnostic in diagnostics:
        blocks.append(_Page(diagnostic, color, width).text(explain=explain and diagnostic.code not in explained))
        explained.add(diagnostic.code)
    return "\n".join(blocks)


class _Page:
    """One finding being written."""

    def __init__(self, diagnostic: Diagnostic, color: bool, width: int) -> None:
        self.diagnostic = diagnostic
        self.color = color
        self.width = width
        labels = (diagnostic.primary, *diagnostic.secondary)
        last = max(label.span.source.line_column(label.span.end)[0] for label in labels)
        self.margin = len(str(last))

    def text(self, explain: bool) -> str:
        """The page; ``explain`` adds the note."""
        diagnostic = self.diagnostic
        accent = _COLORS[diagnostic.severity]
        head = self.paint(f"{diagnostic.severity}[{diagnostic.code}]", accent)
        lines = [head + self.paint(f": {_flat(diagnostic.message)}", _BOLD), *self.sources()]
        if diagnostic.facts:
            lines.append(self.gutter())
            for fact in diagnostic.facts:
                first, *rest = printable(fact).split("\n")
                equals = self.paint(" " * self.margin + " =", _BLUE)
                lines += [f"{equals} {first}", *(" " * (self.margin + 3) + more for more in rest)]
        help_text = diagnostic.help or (diagnostic.fix.title if diagnostic.fix else None)
        if help_text:
            first, *rest = printable(help_text).split("\n")
            lines += [f"{self.paint('help', _CYAN)}: {first}", *("      " + more for more in rest)]
        if explain:
            lines.append(f"{self.paint('note', _CYAN)}: run `apwa explain {diagnostic.code}`")
        return "\n".join(lines) + "\n"

    def sources(self) -> Iterator[str]:
        """The excerpt of each file, the primary's first."""
        first = self.diagnostic.primary
        by_source: dict[Source, list[tuple[Label, bool]]] = {first.span.source: [(first, True)]}
        for label in self.diagnostic.secondary:
            by_source.setdefault(label.span.source, []).append((label, False))
        for source, labels in by_source.items():
            arrow = "-->" if source is first.span.source else ":::"
            span = labels[0][0].span
            where = f"{printable(source.path)}:{span.line}:{span.column}"
            yield f"{self.paint(' ' * self.margin + arrow, _BLUE)} {where}"
            yield self.gutter()
            marks = [mark for label, primary in labels for mark in _marks(label, primary)]
            yield from self.excerpt(source, sorted(marks, key=lambda mark: (mark.line, mark.start, not mark.primary)))

    def excerpt(self, source: Source, marks: list[_Mark]) -> Iterator[str]:
        """The marked lines; dots stand for the lines between two, one line alone is shown."""
        before: int | None = None
        for number, group in groupby(marks, key=lambda mark: mark.line):
            if before is not None and number - before == 2:
                yield self.numbered(before + 1, Line.of(source.line_text(before + 1)).window(0, 0, self.width)[0])
            elif before is not None and number - before > 2:
                yield self.paint("...", _BLUE)
            yield from self.marked(number, Line.of(source.line_text(number)), list(group))
            before = number

    def marked(self, number: int, line: Line, marks: list[_Mark]) -> Iterator[str]:
        """A source line and a row below it for each mark; a line that is cut is repeated for marks out of its view."""
        shown: str | None = None
        for mark in marks:
            start = line.column(mark.start)
            end = max(line.column(mark.end), start + 1)
            text, start, end = line.window(start, end, self.width)
            if text != shown:
                yield self.numbered(number, text)
                shown = text
            sign, accent = ("^", _COLORS[self.diagnostic.severity]) if mark.primary else ("-", _BLUE)
            label = f" {_flat(mark.text)}" if mark.text else ""
            yield f"{self.gutter()} {' ' * start}{self.paint(sign * max(end - start, 1) + label, accent)}"

    def numbered(self, number: int, text: str) -> str:
        """A source line behind its number."""
        return f"{self.paint(f'{number:>{self.margin}} |', _BLUE)} {text}".rstrip()

    def gutter(self) -> str:
        """The margin of a line that is not source."""
        return self.paint(" " * self.margin + " |", _BLUE)

    def paint(self, text: str, escape: str) -> str:
        """``text`` in a colour, where colours are wanted."""
        return f"{escape}{text}{_RESET}" if self.color and text else text


def _marks(label: Label, primary: bool) -> Iterator[_Mark]:
    """The rows for a label: one, or the first and the last line of what it spans."""
    source, start, end = label.span.source, label.span.start, max(label.span.start, label.span.end)
    line, column = source.line_column(start)
    while end > start and source.text[end - 1] in "\r\n":
        end -= 1
    last_line, last_column = source.line_column(end)
    if last_line == line:
        yield _Mark(line, column - 1, max(last_column - 1, column - 1), label.text, primary)
        return
    yield _Mark(line, column - 1, len(source.line_text(line)), "", primary)
    last = source.line_text(last_line)
    indent = min(len(last) - len(last.lstrip()), last_column - 1)
    yield _Mark(last_line, indent, last_column - 1, label.text, primary)


def _flat(text: str) -> str:
    return " ".join(printable(text).split("\n"))
