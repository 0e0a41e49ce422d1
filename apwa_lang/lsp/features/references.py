"""Where a name is used.

In: an open file, a place in it, and the workspace. Out: the places of the name that stands there, in all files; or
those in the open file alone, to be highlighted.
"""

from __future__ import annotations

from dataclasses import dataclass

from apwa_lang.lsp.features.names import uses_at, uses_of
from apwa_lang.lsp.view import View
from apwa_lang.lsp.workspace import Workspace
from apwa_lang.semantics.uses import Role, Use
from apwa_lang.syntax.source import Span


@dataclass(frozen=True)
class Highlight:
    """A use in the open file; ``writes`` where the name is declared or given a value."""

    span: Span
    writes: bool


def references(view: View, offset: int, workspace: Workspace, *, declaration: bool = True) -> tuple[Span, ...]:
    """Every place of the name at ``offset``, with or without that of its declaration."""
    here = uses_at(view, offset)
    if not here:
        return ()
    word = here[0].declaration.name
    programs = [view.checked.uses, *(analysis.uses for analysis in workspace.analyses(word))]
    found = uses_of((use.declaration for use in here), programs)
    return tuple(use.span for use in found if declaration or use.role is not Role.DEFINITION)


def highlights(view: View, offset: int) -> tuple[Highlight, ...]:
    """The uses of the name at ``offset`` in the same file."""
    uses = view.checked.uses
    found: dict[int, Use] = {}
    for here in uses_at(view, offset):
        for use in uses.of(here.declaration):
            if use.span.source is view.source:
                found.setdefault(use.span.start, use)
    return tuple(Highlight(use.span, use.role is not Role.READ) for use in found.values())
