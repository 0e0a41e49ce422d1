"""A conversion of what is of that type already (APWA603)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import replacement
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

NEEDLESS_CONVERSION = register(
    "APWA603",
    "a conversion that changes nothing",
    severity=Severity.NOTE,
    explanation="""
`str` of a text, or `int` of a whole number, is the value itself.
""",
    fix="Leave the conversion out.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  some = notes where starts_with(str(id), "A")
  save some to "out/some.jsonl"
}
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  some = notes where starts_with(id, "A")
  save some to "out/some.jsonl"
}
""",
)


_CONVERSIONS = {"str": "str", "int": "int", "float": "float", "bool": "bool"}


@rule(NEEDLESS_CONVERSION)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `str`, `int`, `float` and `bool` of a name that is of that type."""
    for node in subject.all(ast.Call):
        wanted = _CONVERSIONS.get(node.function.text)
        if wanted is None or len(node.arguments) != 1:
            continue
        value = node.arguments[0].value
        if isinstance(value, ast.Variable | ast.FieldAccess) and str(subject.type_at(value)) == wanted:
            text = value.span.text
            yield NEEDLESS_CONVERSION.at(
                node.span,
                f"`{text}` is `{wanted}` already",
                "changes nothing",
                help=f"write `{text}`",
                fix=Fix(f"write `{text}`", (replacement(node.span, text),)),
            )
