"""A test that expects nothing (APWA610)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

NOTHING_EXPECTED = register(
    "APWA610",
    "a test without `expect`",
    severity=Severity.WARNING,
    explanation="""
The test passes whatever comes out, as long as nothing fails.
""",
    fix="Say what is expected: `expect got == …`.",
    bad="""
task shout(text: str) -> str { return: upper(text) }
test "shouts" {
  got = shout("hello")
}
""",
    good="""
task shout(text: str) -> str { return: upper(text) }
test "shouts" {
  got = shout("hello")
  expect got == "HELLO"
}
""",
)


@rule(NOTHING_EXPECTED)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each test without an `expect`."""
    for node in subject.all(ast.Test):
        if not any(isinstance(statement, ast.Expect) for statement in node.statements):
            yield NOTHING_EXPECTED.at(
                node.name.span,
                "this test passes whatever comes out",
                "nothing is expected",
                help="say what is expected: `expect got == …`",
            )
