"""The parser's state at a place in a text that is being written.

In: a file and an offset. Out: :class:`Prefix`: what has been read up to there, which terminals may come next, and the
string or comment that the place lies in. Only the text before the place is read, and of it only the declaration that it
lies in; errors in it are mended as in any file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from apwa_grammar.tables import END
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.build import Builder
from apwa_lang.syntax.items import HEADS, items
from apwa_lang.syntax.machine import Machine
from apwa_lang.syntax.recover import machine_after
from apwa_lang.syntax.source import Source
from apwa_lang.syntax.tokens import Scan, Token, scan


@dataclass(frozen=True)
class Prefix:
    """``machine`` has taken ``tokens``, those of the declaration that is open at the place.

    ``machine`` is None where no declaration has begun. ``string`` is the text, not yet closed, that the place is in;
    it is not among the tokens. ``comment`` is where the comment begins that the place is in.
    """

    source: Source
    offset: int
    tokens: Sequence[Token]
    machine: Machine | None
    builder: Builder
    string: Token | None = None
    comment: int | None = None

    @property
    def wanted(self) -> frozenset[str]:
        """The terminals that may come next; ``END`` among them where a declaration may begin."""
        return frozenset((END,)) if self.machine is None else self.machine.wanted()


def prefix(source: Source, module: n.Module, offset: int) -> Prefix:
    """What was read before ``offset``.

    ``module`` is the tree of the text, or of what it was before some edits, and tells where declarations begin.
    """
    cut = Source(source.text[:offset], source.path, source.file)
    scanned = scan(cut, _start(cut.text, module))
    comment = next((start for start, end in scanned.comments if _is_inside(cut, start, end)), None)
    string = scanned.tokens[-1] if scanned.tokens and scanned.tokens[-1].start in scanned.broken else None
    if string is not None and string.kind == "STRING":
        scanned.tokens.pop()
    else:
        string = None
    builder = Builder(cut, {})
    start, machine = _machine(builder, scanned)
    return Prefix(source, offset, scanned.tokens[start:], machine, builder, string, comment)


def _start(text: str, module: n.Module) -> int:
    """Where the last declaration of ``module`` begins whose place is the same in ``text``."""
    starts = [declaration.span.start for declaration in module.declarations]
    old = module.source.text
    for start in reversed(starts[: bisect_right(starts, len(text) - 1)]):
        if text.startswith(old[:start]):
            return start
    return 0


def _is_inside(cut: Source, start: int, end: int) -> bool:
    """Whether the text ends in a comment."""
    return "\n" not in cut.text[end:]


def _machine(builder: Builder, scanned: Scan) -> tuple[int, Machine | None]:
    """The state behind the last item, and where that begins."""
    tokens = scanned.tokens
    if not tokens:
        return 0, None
    start, stop = items(builder.source, tokens)[-1]
    machine = Machine(builder, "declaration")
    reached = start + machine.run(tokens[start:stop], 0)
    while reached < stop and tokens[reached].kind in HEADS and machine.survives((END,)):
        start = reached
        machine = Machine(builder, "declaration")
        reached = start + machine.run(tokens[start:stop], 0)
    if reached == stop:
        return start, machine
    return start, machine_after(Builder(builder.source, {}), scanned, start, stop)
