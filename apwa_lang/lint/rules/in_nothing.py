"""A value looked for in an empty list (APWA606)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

IN_NOTHING = register(
    "APWA606",
    "nothing is in an empty list",
    severity=Severity.WARNING,
    explanation="""
`x in []` never holds, and `x not in []` always does. The list may have been meant to be filled.
""",
    fix="Fill the list, or remove the condition.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  some = notes where ward in []
  save some to "out/some.jsonl"
}
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  some = notes where ward in ["1", "2"]
  save some to "out/some.jsonl"
}
""",
)


@rule(IN_NOTHING)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `in []` and `not in []`."""
    for node in subject.all(ast.Binary):
        if node.operator in ("in", "not in") and isinstance(node.right, ast.ListLiteral) and not node.right.items:
            yield IN_NOTHING.at(
                node.span,
                f"this is always {'true' if node.operator == 'not in' else 'false'}",
                "the list is empty",
                help="fill the list, or remove the condition",
            )
