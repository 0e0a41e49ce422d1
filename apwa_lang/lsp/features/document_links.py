"""Texts that lead to files.

In: an open file. Out: a link for each path that the program reads, imports or has skills in, and for each Python
target, where the file is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apwa_lang.lsp.features import python_source
from apwa_lang.lsp.view import View
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span
from apwa_lang.syntax.walk import children

_PATH_SETTINGS = frozenset(("reads", "path"))


@dataclass(frozen=True, slots=True)
class Link:
    """``span`` is the text between its quotes, ``line`` the one-based line of ``file`` that it leads to."""

    span: Span
    file: Path
    line: int = 1


def document_links(view: View) -> tuple[Link, ...]:
    """The links of a file, in order of place."""
    folder = view.source.file.parent if view.source.file is not None else Path.cwd()
    found = (link for node in view.module.declarations for link in _links(node, folder))
    return tuple(sorted(found, key=lambda link: link.span.start))


def _links(node: ast.Node, folder: Path) -> Iterator[Link]:
    match node:
        case ast.Import(path=text) | ast.ReadSource(path=text) | ast.Fixture(path=text):
            yield from _file(text, folder)
        case (
            ast.PythonReference(target=text)
            | ast.Setting(name=ast.Name(text="python" | "torch"), value=ast.StringLiteral() as text)
        ):
            yield from _function(text, folder)
        case ast.Rule(name=ast.Name(text="python" | "skills" as name), arguments=arguments):
            for argument in arguments:
                if isinstance(argument.value, ast.StringLiteral):
                    yield from (_function if name == "python" else _skill)(argument.value, folder)
        case ast.Setting(name=ast.Name(text=name), value=value) if name in _PATH_SETTINGS:
            for text in _texts(value):
                yield from _file(text, folder)
        case _:
            for child in children(node):
                yield from _links(child, folder)


def _texts(node: ast.Node) -> Iterator[ast.StringLiteral]:
    if isinstance(node, ast.StringLiteral):
        yield node
    elif isinstance(node, ast.Entry):
        yield from _texts(node.value)
    elif isinstance(node, ast.RecordLiteral | ast.ListLiteral):
        for child in children(node):
            yield from _texts(child)


def _file(text: ast.StringLiteral, folder: Path) -> Iterator[Link]:
    yield from _existing(text, folder, text.value)


def _skill(text: ast.StringLiteral, folder: Path) -> Iterator[Link]:
    yield from _existing(text, folder, f"{text.value}/SKILL.md")


def _function(text: ast.StringLiteral, folder: Path) -> Iterator[Link]:
    found = python_source.find(text.value, folder)
    if found is not None and found.span.source.file is not None:
        yield Link(text.place(0, len(text.value)), found.span.source.file, found.span.line)


def _existing(text: ast.StringLiteral, folder: Path, path: str) -> Iterator[Link]:
    """A link to a file that is there; a path with a template or a pattern in it names none."""
    try:
        if text.value and (folder / path).is_file():
            yield Link(text.place(0, len(text.value)), folder / path)
    except (OSError, ValueError):
        return
