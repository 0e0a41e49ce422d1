"""A choice between a value and itself (APWA607)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import replacement
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

ONE_CHOICE = register(
    "APWA607",
    "a choice of one value",
    severity=Severity.WARNING,
    explanation="""
Both values of `choose(condition, then, else)` are the same, so the condition decides nothing.
""",
    fix="Change one of the values, or write the value alone.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  sized = notes select { id: id, size: choose(len(text) > 200, "short", "short") }
  save sized to "out/sized.jsonl"
}
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  sized = notes select { id: id, size: choose(len(text) > 200, "long", "short") }
  save sized to "out/sized.jsonl"
}
""",
)


@rule(ONE_CHOICE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `choose` whose two values are the same text."""
    for node in subject.all(ast.Call):
        if node.function.text == "choose" and len(node.arguments) == 3:
            then, otherwise = (argument.value.span for argument in node.arguments[1:])
            if then.text == otherwise.text:
                yield ONE_CHOICE.at(
                    node.span,
                    f"this is `{then.text}` either way",
                    "the condition decides nothing",
                    also=((otherwise, "the same again"),),
                    help="change one of the values",
                    fix=Fix(f"write `{then.text}`", (replacement(node.span, then.text),), safe=False),
                )
