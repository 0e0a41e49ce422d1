"""A record of a program that nothing in it uses (APWA501)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import SIZES
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.lint.unused import unused
from apwa_lang.syntax import nodes as ast

UNUSED_RECORD = register(
    "APWA501",
    "a record that is not used",
    severity=Severity.WARNING,
    explanation="""
No table, field, parameter or result of the file has this record as its type. It was left behind, or something that
should have it has another one. Files without a flow are libraries, and may declare what only others use.
""",
    fix="Remove the record, or use it.",
    bad="record Span { kind: str, value: str }\n" + SIZES,
    good=SIZES,
)


@rule(UNUSED_RECORD)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each record of a file with a flow that the file does not name."""
    return unused(subject, UNUSED_RECORD, "record", ast.Record, "nothing has this type")
