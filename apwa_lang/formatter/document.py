"""Layouts, and the printer that chooses among them.

In: a :data:`Doc`, text with places where a line may end. Out: text, in which as few lines end as the width allows.
The algorithm is that of P. Wadler, "A prettier printer" (1998), in the form that Prettier gave it: a group is laid out
on one line if what it holds fits there, else each place of its own ends a line. Linear in the text, times the width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apwa_lang.diagnostics.render.columns import width as character_width

INDENT = 2


@dataclass(frozen=True, slots=True)
class Line:
    """Where a line may end; ``flat`` is what stands there if it does not, None where it must.

    ``blank``: a blank line follows.
    """

    flat: str | None
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text that may hold line ends and is left as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Trailing:
    """A comment at the end of a line, which takes no room from what stands before it."""

    text: str


@dataclass(frozen=True, slots=True)
class IfBroken:
    """Text that stands there only where the group around it is laid out on several lines."""

    text: str


@dataclass(frozen=True, slots=True)
class Concat:
    """One after the other."""

    parts: tuple[Doc, ...]
    breaks: bool


@dataclass(frozen=True, slots=True)
class Indent:
    """Lines that begin inside stand further right."""

    doc: Doc
    breaks: bool


@dataclass(frozen=True, slots=True)
class Group:
    """On one line if it fits and nothing in it ``breaks``."""

    doc: Doc
    breaks: bool


@dataclass(frozen=True, slots=True)
class Fill:
    """Contents and separators in turn, from ``start`` on: as many contents on each line as fit."""

    parts: tuple[Doc, ...]
    breaks: bool
    start: int = 0


Doc = str | Line | Verbatim | Trailing | IfBroken | Concat | Indent | Group | Fill


def concat(*parts: Doc) -> Concat:
    """``parts``, one after the other."""
    return Concat(parts, any(map(_breaks, parts)))


def indent(*parts: Doc) -> Indent:
    """``parts`` with the lines that begin inside further right."""
    doc = concat(*parts)
    return Indent(doc, doc.breaks)


def hang(gap: Doc, doc: Doc) -> Doc:
    """``doc`` behind a gap; where the gap is a comment that ends a line, all of it stands further right."""
    return indent(gap.doc, doc) if isinstance(gap, Indent) else concat(gap, doc)


def group(*parts: Doc, broken: bool = False) -> Group:
    """``parts`` on one line if they fit, on several if ``broken``."""
    doc = concat(*parts)
    return Group(doc, broken or doc.breaks)


def fill(parts: Sequence[Doc]) -> Fill:
    """Contents and separators in turn."""
    return Fill(tuple(parts), any(map(_breaks, parts)))


def print_doc(doc: Doc, width: int, *, column: int = 0, line_end: str = "\n") -> str:
    """The text of a layout whose first line begins at ``column``."""
    out: list[str] = []
    stack: list[tuple[int, bool, Doc]] = [(0, False, doc)]
    while stack:
        depth, flat, doc = stack.pop()
        match doc:
            case str() | Trailing(text=_):
                text = doc if isinstance(doc, str) else doc.text
                out.append(text)
                column += text_width(text)
            case Verbatim(text=text):
                out.append(text)
                column = text_width(text.rpartition("\n")[2]) + (0 if "\n" in text else column)
            case Line(flat=text, blank=blank):
                if flat and text is not None:
                    out.append(text)
                    column += len(text)
                else:
                    column = depth * INDENT
                    out.append(line_end * (2 if blank else 1) + " " * column)
            case IfBroken(text=text):
                if not flat:
                    out.append(text)
                    column += len(text)
            case Concat(parts=parts):
                stack += [(depth, flat, part) for part in reversed(parts)]
            case Indent(doc=inner):
                stack.append((depth + 1, flat, inner))
            case Group(doc=inner, breaks=breaks):
                fits = flat or (not breaks and _fits(inner, stack, width - column))
                stack.append((depth, fits, inner))
            case Fill(parts=parts, breaks=breaks, start=start) if start < len(parts):
                ahead = parts[start : start + 2] if start % 2 else parts[start : start + 1]
                stack.append((depth, flat, Fill(parts, breaks, start + len(ahead))))
                fits = flat or _fits(concat(*ahead), stack, width - column)
                stack[-1] = (depth, flat, Fill(parts, breaks, start + 1))
                stack.append((depth, fits, parts[start]))
    return "".join(out)


def text_width(text: str) -> int:
    """Columns that a text takes on a screen."""
    return len(text) if text.isascii() else sum(map(character_width, text))


def _breaks(doc: Doc) -> bool:
    match doc:
        case Line(flat=flat):
            return flat is None
        case Verbatim(text=text):
            return "\n" in text
        case Concat(breaks=breaks) | Indent(breaks=breaks) | Group(breaks=breaks) | Fill(breaks=breaks):
            return breaks
    return False


def _fits(doc: Doc, rest: Sequence[tuple[int, bool, Doc]], room: int) -> bool:
    """Whether ``doc`` on one line, and what follows it up to the first place where a line may end, fits."""
    behind = len(rest)
    stack: list[tuple[bool, Doc]] = [(True, doc)]
    while room >= 0:
        if not stack:
            if not behind:
                return True
            behind -= 1
            stack.append(rest[behind][1:])
        flat, doc = stack.pop()
        match doc:
            case str():
                room -= text_width(doc)
            case Verbatim(text=text):
                room -= text_width(text.partition("\n")[0])
                if "\n" in text:
                    return room >= 0
            case Line(flat=text):
                if not flat or text is None:
                    return True
                room -= len(text)
            case IfBroken(text=text):
                room -= 0 if flat else len(text)
            case Concat(parts=parts):
                stack += [(flat, part) for part in reversed(parts)]
            case Indent(doc=inner):
                stack.append((flat, inner))
            case Group(doc=inner, breaks=breaks):
                stack.append((flat and not breaks, inner))
            case Fill(parts=parts, breaks=breaks, start=start) if start < len(parts):
                stack += [(flat, Fill(parts, breaks, start + 1)), (flat, parts[start])]
    return False
