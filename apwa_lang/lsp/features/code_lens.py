"""What can be done with a flow or a test, written above it.

In: a view. Out: a lens for each flow (run, graph) and each test (test).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apwa_lang.lsp.view import View
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span


@dataclass(frozen=True, slots=True)
class Lens:
    """``command`` is ``run``, ``graph`` or ``test``; ``name`` the flow or the test."""

    span: Span
    title: str
    command: str
    name: str


def code_lenses(view: View) -> tuple[Lens, ...]:
    """The lenses of a file, in order of place."""
    return tuple(_lenses(view))


def _lenses(view: View) -> Iterator[Lens]:
    for declaration in view.module.declarations:
        match declaration:
            case ast.Flow(name=name):
                yield Lens(name.span, "Run flow", "run", name.text)
                yield Lens(name.span, "Show graph", "graph", name.text)
            case ast.Test(name=title):
                yield Lens(title.span, "Run test", "test", title.value)
            case _:
                pass
