"""A name changed everywhere it is used, if that keeps what every program means.

In: an open file, a place in it, another name, and the workspace. Out: the edits, with what outside the programs still
bears the old name; or why there are none.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from apwa_lang.diagnostics.model import Edit
from apwa_lang.lsp.features.names import identity, place, uses_at
from apwa_lang.lsp.features.rename.meaning import Meaning, what_changes
from apwa_lang.lsp.features.rename.outside import outside
from apwa_lang.lsp.view import View
from apwa_lang.lsp.workspace import Workspace
from apwa_lang.semantics.uses import Declaration, Use
from apwa_lang.syntax.source import Span

_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Refusal:
    """Why a rename is not done, in one line for a person."""

    reason: str


@dataclass(frozen=True)
class Rename:
    """``edits`` in all files; ``outside`` tells in a line each what bears the name where no edit reaches."""

    edits: tuple[Edit, ...]
    outside: tuple[str, ...] = ()


def prepare(view: View, offset: int) -> Span | Refusal:
    """The word that a rename at ``offset`` would change."""
    uses = uses_at(view, offset)
    if not uses:
        return Refusal("there is no name here that can be changed")
    reason = _fixed(same for use in uses for same in view.checked.uses.same_name(use.declaration))
    return uses[0].span if reason is None else Refusal(reason)


def rename(view: View, offset: int, name: str, workspace: Workspace) -> Rename | Refusal:
    """The edits that give what is named at ``offset`` another name."""
    uses = uses_at(view, offset)
    if not uses:
        return Refusal("there is no name here that can be changed")
    if not _NAME.fullmatch(name) or not (name.isascii() or name.isidentifier()):
        return Refusal(f"`{name}` is no name: a name has letters, digits and `_`, and begins with no digit")
    old = uses[0].declaration.name
    if name == old:
        return Rename(())
    programs = list(_programs(view, old, workspace))
    declarations = _alike([use.declaration for use in uses], programs)
    reason = _fixed(declarations)
    if reason is not None:
        return Refusal(reason)
    found: dict[Hashable, Use] = {}
    for program in programs:
        for declaration in declarations:
            for use in program.uses.of(declaration):
                found.setdefault(place(use.span), use)
    odd = next((use.span for use in found.values() if use.span.text != old), None)
    if odd is not None:
        return Refusal(f"{odd.source.path}:{odd.line} writes `{old}` with an escape")
    edits = tuple(Edit(use.span, name) for use in found.values())
    for program in programs:
        change = what_changes(program, edits, workspace)
        if change is not None:
            return Refusal(change)
    wanted = frozenset(declarations)
    told = (line for program in programs for line in outside(program.program, wanted))
    return Rename(edits, tuple(dict.fromkeys(told)))


def _programs(view: View, word: str, workspace: Workspace) -> Iterator[Meaning]:
    """The open file's program, then every other one that holds the word."""
    checked = view.checked
    yield Meaning(checked.program, checked.uses, checked.diagnostics)
    for analysis in workspace.analyses(word):
        if analysis.program.source.file != view.source.file:
            yield Meaning(analysis.program, analysis.uses, analysis.diagnostics)


def _alike(start: Sequence[Declaration], programs: Sequence[Meaning]) -> tuple[Declaration, ...]:
    """The declarations, as each program has them, and all that must be called as they are in one of the programs."""
    wanted = {identity(declaration) for declaration in start}
    known = {
        program: {identity(declaration): declaration for declaration in program.uses.known()} for program in programs
    }
    found: dict[Declaration, None] = {}
    pending = list(wanted)
    while pending:
        one = pending.pop()
        for program, declarations in known.items():
            if one in declarations:
                for same in program.uses.same_name(declarations[one]):
                    found[same] = None
                    if identity(same) not in wanted:
                        wanted.add(identity(same))
                        pending.append(identity(same))
    return tuple(found)


def _fixed(declarations: Iterator[Declaration] | Sequence[Declaration]) -> str | None:
    """Why these cannot be called otherwise."""
    builtin = next((each for each in declarations if each.span is None), None)
    if builtin is None:
        return None
    if builtin.kind == "field":
        return f"`{builtin.name}` is a name that the language gives, so what is matched with it by name must keep it"
    return f"`{builtin.name}` is built in"
