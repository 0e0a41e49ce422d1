"""A table of a program that nothing in it uses (APWA502)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import SIZES
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.lint.unused import unused
from apwa_lang.syntax import nodes as ast

UNUSED_TABLE = register(
    "APWA502",
    "a table that is not used",
    severity=Severity.WARNING,
    explanation="""
No split, statement, query or tool of the file names this table, and yet a run reads and validates all of it.
""",
    fix="Remove the table, or use it.",
    bad='table more: Note = read "data/more.jsonl"\n' + SIZES,
    good=SIZES,
)


@rule(UNUSED_TABLE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each table of a file with a flow that the file does not name."""
    return unused(subject, UNUSED_TABLE, "table", ast.Table, "it is read for nothing")
