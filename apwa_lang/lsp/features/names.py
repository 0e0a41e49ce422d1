"""What stands at a place, and the same declaration in other programs.

In: an open file and a place. Out: the uses there. Two analyses of a file have different declarations for one name; they
are the same where their places are.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from apwa_lang.lsp.view import View
from apwa_lang.semantics.uses import Declaration, Use, Uses
from apwa_lang.syntax.source import Span


def uses_at(view: View, offset: int) -> tuple[Use, ...]:
    """The uses of the word at ``offset``, one for each declaration that it refers to."""
    return view.checked.uses.all_at(view.source, offset)


def place(span: Span) -> Hashable:
    """What tells a place from others in whatever analysis it is met."""
    return span.source.file or span.source.path, span.start


def identity(declaration: Declaration) -> Hashable:
    """What tells a declaration from others in whatever analysis it is met."""
    where = place(declaration.span) if declaration.span is not None else declaration.whole
    return declaration.kind, where


def uses_of(declarations: Iterable[Declaration], programs: Iterable[Uses]) -> tuple[Use, ...]:
    """The uses of declarations in all of several programs, each place once."""
    wanted = {identity(declaration) for declaration in declarations}
    found: dict[Hashable, Use] = {}
    for uses in programs:
        for declaration in uses.known():
            if identity(declaration) in wanted:
                for use in uses.of(declaration):
                    found.setdefault(place(use.span), use)
    return tuple(found.values())
