"""An operator between a value and itself (APWA600)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

SAME_OPERANDS = register(
    "APWA600",
    "both sides are the same",
    severity=Severity.WARNING,
    explanation="""
`a == a` always holds, `a and a` is `a`, `a - a` is 0. Usually one of the two sides was copied and not changed.
""",
    fix="Change one of the sides.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  some = notes where id == id
  save some to "out/some.jsonl"
}
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  some = notes where id == "AAAA0001"
  save some to "out/some.jsonl"
}
""",
)


_TELLING = {"==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or", "-", "/", "//", "%"}


@rule(SAME_OPERANDS)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each comparison, `and`, `or` and subtraction whose two sides are the same text."""
    for node in subject.all(ast.Binary):
        same = "".join(node.left.span.text.split()) == "".join(node.right.span.text.split())
        if same and node.operator in _TELLING and not isinstance(node.left, ast.ErrorExpr | ast.IntLiteral):
            yield SAME_OPERANDS.at(
                node.span,
                f"both sides of `{node.operator}` are `{node.left.span.text}`",
                "the same twice",
                help="change one of the sides",
            )
