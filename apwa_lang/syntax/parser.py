"""The parser.

In: the source of one file. Out: its :class:`Module` and a diagnostic for each syntax error. Never raises: what
could not be read is a hole in the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.build import Builder
from apwa_lang.syntax.comments import attach_docs
from apwa_lang.syntax.machine import Machine
from apwa_lang.syntax.recover import recover, whole_item
from apwa_lang.syntax.slips import mend
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.tokens import Scan, Token, scan

Parsed = tuple[n.Module, tuple[Diagnostic, ...]]
Parse = Callable[[Source], Parsed]


def parse(source: Source) -> Parsed:
    """The tree of a file and what is wrong with its syntax, in order of place. Linear in the length of the file."""
    scanned = scan(source)
    docs, module_doc = attach_docs(source, scanned.comments, scanned.tokens)
    builder = Builder(source, docs)
    problems: list[Diagnostic] = []
    declarations = whole_file(builder, scanned.tokens)
    if declarations is None:
        mended = mend(source, scanned)
        if mended is not None:
            scanned = mended
            builder = Builder(source, docs)
            declarations = whole_file(builder, scanned.tokens)
    if declarations is None:
        builder = Builder(source, docs)
        declarations, problems = recover(builder, scanned, partial(whole_item, builder, scanned.tokens))
    return parsed(source, scanned, declarations, module_doc, [*builder.diagnostics, *problems])


def whole_file(builder: Builder, tokens: Sequence[Token]) -> tuple[n.Declaration, ...] | None:
    """The declarations of a text without a syntax error; None where there is one."""
    machine = Machine(builder, "module")
    if machine.run(tokens, 0) != len(tokens) or not machine.finish():
        return None
    found: tuple[n.Declaration, ...] = machine.result
    return found


def parsed(
    source: Source,
    scanned: Scan,
    declarations: tuple[n.Declaration, ...],
    module_doc: str,
    problems: list[Diagnostic],
) -> Parsed:
    """The tree and the diagnostics, put together."""
    comments = tuple(n.Comment(Span(source, start, end)) for start, end in scanned.comments)
    found = [*scanned.diagnostics, *problems]
    return n.Module(source, declarations, comments, module_doc), tuple(sorted(found, key=lambda item: item.sort_key))
