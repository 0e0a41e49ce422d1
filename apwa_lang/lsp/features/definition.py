"""Where what stands at a place comes from.

In: an open file and a place in it. Out: the declaration of the name there, the file behind a path, the Python function
behind ``"module:function"``; or, of a value, the record that is its type.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from apwa_lang.lsp.features import python_source
from apwa_lang.lsp.features.names import uses_at
from apwa_lang.lsp.view import View
from apwa_lang.semantics.types import RecordType, Type, parts
from apwa_lang.semantics.uses import Declaration
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.walk import around

_MOST_FILES = 50
"""How many files a glob is shown to name."""


@dataclass(frozen=True)
class Target:
    """``origin`` is the word or text that was asked about, ``span`` where it leads."""

    origin: Span
    span: Span


def definition(view: View, offset: int) -> tuple[Target, ...]:
    """Where the name, path or Python target at ``offset`` leads; several places for a glob or a field of a union."""
    uses = uses_at(view, offset)
    if not uses:
        return tuple(_of_text(view, offset))
    found = [Target(use.span, span) for use in uses if (span := _place(use.declaration, view)) is not None]
    own = [target for target in found if target.span == target.origin]
    return tuple(_of_import(own[0], view)) if own and uses[0].declaration.kind == "import" else tuple(found)


def type_definition(view: View, offset: int) -> tuple[Target, ...]:
    """The records in the type of the name at ``offset``."""
    use = next(iter(uses_at(view, offset)), None)
    if use is None or use.type is None:
        return ()
    spans = (_span(record.declared) for record in _records(use.type))
    return tuple(Target(use.span, span) for span in spans if span is not None)


def _place(declaration: Declaration, view: View) -> Span | None:
    if declaration.kind == "variable" and declaration.name == "result" and declaration.span is None:
        tasks = (node for module in view.checked.modules for node in module.declarations if isinstance(node, ast.Task))
        owner = view.checked.program.tasks.get(declaration.owner)
        return next((node.result.span for node in tasks if owner is not None and node.name.span == owner.span), None)
    return declaration.span


def _span(declaration: Declaration | None) -> Span | None:
    return None if declaration is None else declaration.span


def _records(type: Type) -> Iterator[RecordType]:
    """The records nearest to the top of a type."""
    if isinstance(type, RecordType):
        yield type
    else:
        for part in parts(type):
            yield from _records(part)


def _of_import(target: Target, view: View) -> Iterator[Target]:
    """An import's own name leads to its file."""
    for node in view.module.declarations:
        if isinstance(node, ast.Import) and node.alias.span == target.origin:
            yield from (Target(target.origin, span) for span in _files(node.path.value, view))


def _of_text(view: View, offset: int) -> Iterator[Target]:
    """Where a text that names something outside the program leads."""
    nodes = around(view.module, offset)
    text = nodes[-1] if nodes else None
    if not isinstance(text, ast.StringLiteral):
        return
    above = nodes[:-1]
    match above:
        case [*_, ast.Import() | ast.ReadSource() | ast.FilesSource() | ast.Fixture()]:
            yield from (Target(text.span, span) for span in _files(text.value, view))
        case (
            [*_, ast.Setting(name=ast.Name(text="python" | "torch"))]
            | [*_, ast.PythonReference()]
            | [*_, ast.Rule(name=ast.Name(text="python")), ast.Argument()]
        ):
            found = python_source.find(text.value, _folder(view))
            if found is not None:
                yield Target(text.span, found.span)


def _files(path: str, view: View) -> Iterator[Span]:
    """The start of each file that a path or a glob names."""
    try:
        if any(mark in path for mark in "*?["):
            files = sorted(islice(_folder(view).glob(path), _MOST_FILES))
        else:
            files = [_folder(view) / path]
        found = [file for file in files if file.is_file()]
    except (OSError, ValueError, NotImplementedError):
        return
    yield from (Span(Source("", str(file), file), 0, 0) for file in found)


def _folder(view: View) -> Path:
    file = view.source.file
    return file.parent if file is not None else Path.cwd()
