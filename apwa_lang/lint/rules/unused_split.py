"""A split that no step maps over (APWA506)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal_of_declaration
from apwa_lang.lint.examples import SIZES
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

UNUSED_SPLIT = register(
    "APWA506",
    "a split that is not used",
    severity=Severity.WARNING,
    explanation="""
A split says how a table falls apart, and only a `map … over` it makes sub-problems. No step of the file maps over this
one. Files without a flow are libraries, and may declare what only others use.
""",
    fix="Remove the split, or map a task over it.",
    bad=SIZES + "split by_tens = notes by chunk(10)\n",
    good=SIZES,
)


@rule(UNUSED_SPLIT)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each split, of the file or of a flow, that no step of the file maps over."""
    if not subject.all(ast.Flow):
        return
    for node in subject.all(ast.Split):
        if node.name.span in subject.unread:
            yield UNUSED_SPLIT.at(
                node.name.span,
                f"split `{node.name.text}` is not used",
                "no step maps over it",
                help="remove it, or map a task over it",
                fix=Fix(f"remove split `{node.name.text}`", (removal_of_declaration(node.span),), safe=False),
            )
