"""Layouts, and the printer that chooses among them.

In: a :data:`Doc`, text with places where a line may end. Out: text, in which as few lines end as the width allows.
The algorithm is that of P. Wadler, "A prettier printer" (1998), in the form that Prettier gave it: a group is laid out
on one line if what it holds fits there, else each place of its own ends a line. Linear in the text, times the width.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from apwa_lang.diagnostics.render.columns import width as character_width

INDENT = 2


class Break(IntEnum):
    """Whether a line ends in a layout however wide the page is, and why: the strongest of the reasons."""

    NONE = 0
    WRITTEN = 1
    COMMENT = 2


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
class Remark:
    """A comment, which takes no room from what stands before it. A line end follows."""

    text: str


@dataclass(frozen=True, slots=True)
class IfBroken:
    """Text that stands there only where the group around it is laid out on several lines."""

    text: str


@dataclass(frozen=True, slots=True)
class Concat:
    """One after the other."""

    parts: tuple[Doc, ...]
    breaks: Break


@dataclass(frozen=True, slots=True)
class Indent:
    """Lines that begin inside stand further right, unless the group around it is laid out on one line."""

    doc: Doc
    breaks: Break


@dataclass(frozen=True, slots=True)
class Continued(Indent):
    """A gap that ends a line in the middle of a phrase."""


@dataclass(frozen=True, slots=True)
class Group:
    """On one line if it fits and is not ``broken``.

    A group that is not broken may hold brackets that are, at its end. ``brackets``: it is what stands between brackets,
    and the closing one.
    """

    doc: Doc
    breaks: Break
    broken: bool
    brackets: bool = False

    @property
    def follows(self) -> bool:
        """Whether it is on one line where the group around it is."""
        return not (self.breaks if self.brackets else self.broken)


@dataclass(frozen=True, slots=True)
class Fill:
    """Contents and separators in turn, from ``start`` on: as many contents on each line as fit."""

    parts: tuple[Doc, ...]
    breaks: Break
    start: int = 0


Doc = str | Line | Verbatim | Remark | IfBroken | Concat | Indent | Group | Fill


def concat(*parts: Doc) -> Concat:
    """``parts``, one after the other."""
    return Concat(tuple(part for part in parts if part != ""), _strongest(parts))


def indent(*parts: Doc) -> Indent:
    """``parts`` with the lines that begin inside further right."""
    doc = concat(*parts)
    return Indent(doc, doc.breaks)


def phrase(*parts: Doc, levels: int = 1) -> Doc:
    """``parts``, one after the other; all that follows a comment in their midst stands ``levels`` further right."""
    flat = list(_flattened(parts))
    for index, part in enumerate(flat):
        if isinstance(part, Continued):
            rest: Doc = concat(*map(level, flat[index:]))
            for _ in range(levels):
                rest = indent(rest)
            return concat(*flat[:index], rest)
    return concat(*parts)


def level(gap: Doc) -> Doc:
    """A gap; where it ends a line, the next begins no further right."""
    return gap.doc if isinstance(gap, Continued) else gap


def group(*parts: Doc) -> Group:
    """``parts`` on one line if they fit; brackets at their end that hold a comment may be broken."""
    doc = concat(*parts)
    return Group(doc, doc.breaks, broken=bool(doc.breaks) and not hugs(doc))


def brackets(*parts: Doc, broken: bool) -> Group:
    """What stands between brackets, and the closing one; ``broken``: on several lines, even if it fits one."""
    doc = concat(*parts)
    return Group(doc, max(doc.breaks, Break.WRITTEN if broken else Break.NONE), broken, brackets=True)


def fill(parts: Sequence[Doc]) -> Fill:
    """Contents and separators in turn."""
    return Fill(tuple(parts), _strongest(parts))


def breaks(doc: Doc) -> Break:
    """Whether a line ends in ``doc`` however wide the page is."""
    match doc:
        case Line(flat=None):
            return Break.WRITTEN
        case Verbatim(text=text):
            return Break.WRITTEN if "\n" in text else Break.NONE
        case Remark():
            return Break.COMMENT
        case Concat() | Indent() | Group() | Fill():
            return doc.breaks
    return Break.NONE


def hugs(doc: Doc) -> bool:
    """Whether lines end in ``doc`` for the sake of a comment, and only between the brackets at its end."""
    return breaks(doc) is Break.COMMENT and closes(doc)


def closes(doc: Doc) -> bool:
    """Whether lines end in ``doc`` only between the brackets at its end."""
    while isinstance(doc, Concat | Indent):
        *others, doc = (doc.parts or ("",)) if isinstance(doc, Concat) else (doc.doc,)
        if _strongest(others):
            return False
    return isinstance(doc, Group) and (doc.brackets or not doc.broken)


def bracketed(doc: Doc) -> bool:
    """Whether ``doc`` ends with brackets."""
    while isinstance(doc, Concat):
        doc = doc.parts[-1] if doc.parts else ""
    return isinstance(doc, Group) and doc.brackets


def print_doc(doc: Doc, width: int, *, column: int = 0, line_end: str = "\n") -> str:
    """The text of a layout whose first line begins at ``column``."""
    out: list[str] = []
    stack: list[tuple[int, bool, Doc]] = [(0, False, doc)]
    while stack:
        depth, flat, doc = stack.pop()
        match doc:
            case str() | Remark(text=_):
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
                stack.append((depth + (not flat), flat, inner))
            case Group(doc=inner, broken=broken):
                fits = (flat and doc.follows) or (not broken and _fits(inner, stack, width - column))
                stack.append((depth, fits, inner))
            case Fill(parts=parts, start=start) if start < len(parts):
                ahead = parts[start : start + 2] if start % 2 else parts[start : start + 1]
                stack.append((depth, flat, Fill(parts, doc.breaks, start + len(ahead))))
                fits = flat or _fits(concat(*ahead), stack, width - column)
                stack[-1] = (depth, flat, Fill(parts, doc.breaks, start + 1))
                stack.append((depth, fits, parts[start]))
    return "".join(out)


def text_width(text: str) -> int:
    """Columns that a text takes on a screen."""
    return len(text) if text.isascii() else sum(map(character_width, text))


def _strongest(parts: Iterable[Doc]) -> Break:
    return max(map(breaks, parts), default=Break.NONE)


def _flattened(parts: Sequence[Doc]) -> Iterator[Doc]:
    for part in parts:
        if isinstance(part, Concat):
            yield from _flattened(part.parts)
        else:
            yield part


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
            case Group(doc=inner):
                stack.append((flat and doc.follows, inner))
            case Fill(parts=parts, start=start) if start < len(parts):
                stack += [(flat, Fill(parts, doc.breaks, start + 1)), (flat, parts[start])]
    return False
