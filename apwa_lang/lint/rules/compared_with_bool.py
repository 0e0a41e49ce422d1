"""A comparison with `true` or `false` (APWA604)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import replacement
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

COMPARED_WITH_BOOL = register(
    "APWA604",
    "a comparison with `true` or `false`",
    severity=Severity.NOTE,
    explanation="""
A `bool` is a condition by itself: `passed == true` is `passed`, and `passed == false` is `not passed`. Where the value
may be null the comparison says what null counts for, and is not reported.
""",
    fix="Write the value, or `not` and the value.",
    bad="""
record Mark { id: str @key, score: int @range(0, 10), passed: bool, text: str }
table marks: Mark = read "marks.jsonl"
flow main {
  some = marks where passed == true
  save some to "out/some.jsonl"
}
""",
    good="""
record Mark { id: str @key, score: int @range(0, 10), passed: bool, text: str }
table marks: Mark = read "marks.jsonl"
flow main {
  some = marks where passed
  save some to "out/some.jsonl"
}
""",
)


@rule(COMPARED_WITH_BOOL)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `==` and `!=` of a name of type `bool` with a literal."""
    for node in subject.all(ast.Binary):
        if node.operator not in ("==", "!=") or not isinstance(node.right, ast.BoolLiteral):
            continue
        value = node.left
        if isinstance(value, ast.Variable | ast.FieldAccess) and str(subject.type_at(value)) == "bool":
            holds = node.right.value == (node.operator == "==")
            text = value.span.text if holds else f"not {value.span.text}"
            yield COMPARED_WITH_BOOL.at(
                node.span,
                f"this is `{text}`",
                "a comparison of a truth with a truth",
                help=f"write `{text}`",
                fix=Fix(f"write `{text}`", (replacement(node.span, text),)),
            )
