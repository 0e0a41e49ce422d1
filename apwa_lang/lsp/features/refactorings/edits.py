"""What refactorings are made of.

In: places in the tree of a file. Out: :class:`Refactoring`, and the edits of lines, names and indentation that most of
them need.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Literal

from apwa_lang.diagnostics.model import Edit
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.source import Source, Span


@dataclass(frozen=True, slots=True)
class Refactoring:
    """A change to choose. ``create`` are files that it makes, with their texts."""

    title: str
    kind: Literal["extract", "inline", "rewrite"]
    edits: tuple[Edit, ...] = ()
    create: tuple[tuple[Path, str], ...] = ()


def path_to(module: n.Module, span: Span) -> list[n.Node]:
    """The nodes that hold ``span``, outermost first."""
    path: list[n.Node] = []
    inside = _holding(module.declarations, span)
    while inside is not None:
        path.append(inside)
        inside = next((found for value in _parts(inside) if (found := _holding(value, span)) is not None), None)
    return path


def nodes(value: object) -> Iterator[n.Node]:
    """Every node of a tree, outer ones first."""
    if isinstance(value, tuple):
        for part in value:
            yield from nodes(part)
    elif isinstance(value, n.Node):
        yield value
        for part in _parts(value):
            yield from nodes(part)


def fresh(name: str, taken: set[str]) -> str:
    """A name like ``name`` that is not taken."""
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def names_in(module: n.Module) -> set[str]:
    """Every name that a file writes."""
    return {word for node in nodes(module.declarations) for word in _words(node)}


def indentation(source: Source, offset: int) -> str:
    """The white space at the start of the line of ``offset``."""
    text = source.line_text(source.line_column(offset)[0])
    return text[: len(text) - len(text.lstrip())]


def starts_line(span: Span) -> bool:
    """Whether nothing precedes ``span`` in its line."""
    return len(indentation(span.source, span.start)) == span.column - 1


def with_docs(span: Span) -> Span:
    """``span`` with the doc comments right above it."""
    source = span.source
    line = span.line
    if not starts_line(span):
        return span
    while line > 1 and source.line_text(line - 1).lstrip().startswith("##"):
        line -= 1
    start = source.line_starts[line - 1]
    return span if line == span.line else Span(source, start + len(indentation(source, start)), span.end)


def without(span: Span) -> Edit:
    """The edit that takes ``span`` away, with its lines where nothing else stands in them."""
    source = span.source
    text = source.text
    end = span.end
    while end < len(text) and text[end] in " \t":
        end += 1
    if starts_line(span) and text[end : end + 1] in ("", "\n", "\r"):
        start = source.line_starts[span.line - 1]
        end += 2 if text.startswith("\r\n", end) else 1
        return Edit(Span(source, start, min(end, len(text))), "")
    return Edit(Span(source, span.start, end), "")


def above(span: Span, text: str) -> Edit:
    """The edit that puts ``text`` before what stands at ``span``, in lines of its own where that begins its line."""
    at = Span(span.source, span.start, span.start)
    if not starts_line(span):
        return Edit(at, f"{text} ")
    indent, end = indentation(span.source, span.start), line_end(span.source)
    return Edit(at, "".join(f"{line}{end}{indent if line else ''}" for line in text.split("\n")))


def line_end(source: Source) -> str:
    """How the lines of a file end."""
    return "\r\n" if "\r\n" in source.text else "\n"


def _holding(value: object, span: Span) -> n.Node | None:
    if isinstance(value, tuple):
        return next((found for part in value if (found := _holding(part, span)) is not None), None)
    if isinstance(value, n.Node) and value.span.start <= span.start and span.end <= value.span.end:
        return value
    return None


def _parts(node: n.Node) -> Iterator[object]:
    assert is_dataclass(node)
    return (getattr(node, field.name) for field in fields(node) if field.name != "span")


def _words(node: n.Node) -> list[str]:
    match node:
        case n.Name(text=text):
            return text.split(".")
        case n.Variable(name=name):
            return [name]
        case _:
            return []
