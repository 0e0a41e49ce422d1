"""What the rules about unused declarations share.

In: a subject and a kind of declaration. Out: a finding for each that nothing in its file names. A file without a flow
is a library, whose declarations are for others.
"""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix
from apwa_lang.diagnostics.registry import Code
from apwa_lang.lint.edits import removal_of_declaration
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

Declared = ast.Param | ast.Record | ast.Table | ast.Model | ast.Tool | ast.Task | ast.Split


def unused(subject: Subject, code: Code, word: str, kind: type[Declared], why: str) -> Iterator[Diagnostic]:
    """A finding of ``code`` for each ``kind`` of declaration, a ``word`` for people, that nothing uses."""
    if not subject.all(ast.Flow):
        return
    for node in subject.module.declarations:
        if isinstance(node, kind) and node.name.span in subject.unread:
            yield code.at(
                node.name.span,
                f"{word} `{node.name.text}` is not used",
                why,
                help="remove it, or use it",
                fix=Fix(f"remove {word} `{node.name.text}`", (removal_of_declaration(node.span),), safe=False),
            )
