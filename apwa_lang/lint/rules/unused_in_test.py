"""A name of a test that nothing uses (APWA612)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

UNUSED_IN_TEST = register(
    "APWA612",
    "a test does not look at what it has made",
    severity=Severity.WARNING,
    explanation="""
The test gives this name a value and never uses it again, so what came out is not looked at.
""",
    fix="Expect something of it, or remove it.",
    bad="""
task shout(text: str) -> str { return: upper(text) }
test "shouts" {
  got = shout("hello")
  other = shout("bye")
  expect got == "HELLO"
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


@rule(UNUSED_IN_TEST)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each name of a test with an `expect` that nothing reads."""
    for node in subject.all(ast.Test):
        if not any(isinstance(statement, ast.Expect) for statement in node.statements):
            continue
        for statement in node.statements:
            if isinstance(statement, ast.Let | ast.Fixture) and statement.name.span in subject.unread:
                yield UNUSED_IN_TEST.at(
                    statement.name.span,
                    f"nothing looks at `{statement.name.text}`",
                    "not used",
                    help=f"expect something of it: `expect {statement.name.text} == …`",
                    fix=Fix(f"remove `{statement.name.text}`", (removal(statement.span),), safe=False),
                )
