"""A model that is mocked and not asked (APWA611)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.agents import agents_of
from apwa_lang.semantics.program import (
    PromptBody,
)
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.walk import inside

NEEDLESS_MOCK = register(
    "APWA611",
    "a mock of a model that is not asked",
    severity=Severity.WARNING,
    explanation="""
No task that the test calls asks this model, so the mock answers nobody. Usually the task was changed to another model,
and the test not.
""",
    fix="Mock the model that is asked, or remove the mock.",
    bad="""
model small { provider: "local" }
task shout(text: str) -> str { return: upper(text) }
test "shouts" {
  mock small = "HELLO"
  got = shout("hello")
  expect got == "HELLO"
}
""",
    good="""
model small { provider: "local" }
task shout(text: str) -> str { return: upper(text) }
test "shouts" {
  got = shout("hello")
  expect got == "HELLO"
}
""",
)


@rule(NEEDLESS_MOCK)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each mock of a model that no task called by the test, all of this file, may ask."""
    for node in subject.all(ast.Test):
        called = {call.function.text for call in inside(node, ast.Call)}
        if any("." in name for name in called):
            continue
        known = subject.program.tasks
        direct = [known[name] for name in called if name in known]
        tasks = [*direct, *(agent for task in direct for agent in agents_of(task, known))]
        asked = {name for task in tasks if isinstance(task.body, PromptBody) for name in task.body.models}
        asked |= {arm.target for task in tasks for arm in task.route}
        for statement in node.statements:
            if isinstance(statement, ast.Mock) and statement.model.text not in asked:
                yield NEEDLESS_MOCK.at(
                    statement.model.span,
                    f"no task of this test asks `{statement.model.text}`",
                    "answers nobody",
                    help="mock the model that is asked, or remove the mock",
                    fix=Fix("remove the mock", (removal(statement.span),), safe=False),
                )
