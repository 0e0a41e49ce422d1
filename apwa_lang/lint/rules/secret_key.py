"""A key that is secret (APWA543)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

SECRET_KEY = register(
    "APWA543",
    "a secret that is a key",
    severity=Severity.WARNING,
    explanation="""
The key is what a row is known by: it stands in the journal, in listings of what failed, and in file names. What is
`@secret` must not be shown. One field cannot be both.
""",
    fix="Make another field the key, or take `@secret` off.",
    bad="""
record Patient { phone: str @key @secret, text: str }
""",
    good="""
record Patient { id: str @key, phone: str @secret, text: str }
""",
)


@rule(SECRET_KEY)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each field with both `@key` and `@secret`."""
    for node in subject.all(ast.FieldDecl):
        marks = {attribute.name.text: attribute.span for attribute in node.attributes}
        if "key" in marks and "secret" in marks:
            yield SECRET_KEY.at(
                marks["secret"],
                f"`{node.name.text}` is the key, which is shown wherever a row is named",
                "cannot be kept secret",
                also=((marks["key"], "the key"),),
                help="make another field the key",
            )
