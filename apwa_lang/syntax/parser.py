"""The parser.

In: the source of one file. Out: its :class:`Module` and a diagnostic for each syntax error. Never raises: what
could not be read is a hole in the tree.
"""

from __future__ import annotations

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.build import Builder
from apwa_lang.syntax.comments import attach_docs
from apwa_lang.syntax.machine import Machine
from apwa_lang.syntax.recover import recover
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.tokens import scan


def parse(source: Source) -> tuple[n.Module, tuple[Diagnostic, ...]]:
    """The tree of a file and what is wrong with its syntax, in order of place. Linear in the length of the file."""
    scanned = scan(source)
    docs, module_doc = attach_docs(source, scanned.comments, scanned.tokens)
    builder = Builder(source, docs)
    machine = Machine(builder, "module")
    problems: list[Diagnostic] = []
    if machine.run(scanned.tokens, 0) == len(scanned.tokens) and machine.finish():
        declarations = machine.result
    else:
        builder = Builder(source, docs)
        declarations, problems = recover(builder, scanned)
    found = [*scanned.diagnostics, *builder.diagnostics, *problems]
    comments = tuple(n.Comment(Span(source, start, end)) for start, end in scanned.comments)
    return n.Module(source, declarations, comments, module_doc), tuple(sorted(found, key=lambda item: item.sort_key))
