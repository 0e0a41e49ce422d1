"""Changes of a program that keep what it means, or spare typing.

In: a view and a selection. Out: the refactorings that can be made there; one file for each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from apwa_lang.lsp.features.refactorings.edits import Refactoring, path_to
from apwa_lang.lsp.features.refactorings.fields import fields
from apwa_lang.lsp.features.refactorings.params import params
from apwa_lang.lsp.features.refactorings.python_stubs import python_stubs
from apwa_lang.lsp.features.refactorings.splits import splits
from apwa_lang.lsp.features.refactorings.tasks import tasks
from apwa_lang.lsp.features.refactorings.texts import texts
from apwa_lang.lsp.view import View
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.source import Span

__all__ = ["Refactoring", "refactorings"]

_ALL: tuple[Callable[[View, Sequence[n.Node]], Iterator[Refactoring]], ...] = (
    splits,
    params,
    texts,
    python_stubs,
    tasks,
    fields,
)


def refactorings(view: View, within: Span) -> Iterator[Refactoring]:
    """What can be changed at the selection."""
    path = path_to(view.module, within)
    for find in _ALL:
        yield from find(view, path)
