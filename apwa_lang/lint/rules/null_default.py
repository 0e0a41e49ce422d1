"""A default that says what is so without it (APWA590)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

NULL_DEFAULT = register(
    "APWA590",
    "a default of null",
    severity=Severity.NOTE,
    explanation="""
A field of type `T?` may be absent, and is null then. `= null` says it again.
""",
    fix="Remove the default.",
    bad="""
record Note { id: str @key, ward: str? = null }
""",
    good="""
record Note { id: str @key, ward: str? }
""",
)


@rule(NULL_DEFAULT)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each field of an optional type with `= null`."""
    for node in subject.all(ast.FieldDecl):
        if isinstance(node.default, ast.NullLiteral) and isinstance(node.type, ast.OptionalType):
            last = node.attributes[-1].span if node.attributes else node.type.span
            rest = Span(last.source, last.end, node.default.span.end)
            yield NULL_DEFAULT.at(
                node.default.span,
                f"`{node.name.text}` is null without this too",
                "says nothing",
                help="remove it",
                fix=Fix("remove the default", (Edit(rest, ""),)),
            )
