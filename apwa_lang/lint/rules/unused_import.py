"""An import of which nothing is used (APWA500)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal_of_declaration
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

UNUSED_IMPORT = register(
    "APWA500",
    "an import that is not used",
    severity=Severity.WARNING,
    explanation="""
Nothing in the file names a declaration of the imported one. An import alone does nothing: its tables are read and its
tasks run only where something uses them.
""",
    fix="Remove the import.",
)


@rule(UNUSED_IMPORT)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each import whose prefix stands before no name."""
    for node in subject.all(ast.Import):
        if node.alias.span in subject.unread:
            yield UNUSED_IMPORT.at(
                node.alias.span,
                f"nothing of `{node.alias.text}` is used",
                "imported for nothing",
                help="remove the import",
                fix=Fix("remove the import", (removal_of_declaration(node.span),)),
            )
