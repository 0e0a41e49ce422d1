"""A task without a word about it (APWA620)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

UNDOCUMENTED_TASK = register(
    "APWA620",
    "a task without documentation",
    severity=Severity.NOTE,
    default=False,
    explanation="""
A `##` comment above a task is shown by editors wherever the task is used. For one that asks a model it says what the
prompt is to achieve, apart from how it says so.
""",
    fix="Write a `##` comment above the task.",
    bad="""
task shout(text: str) -> str { return: upper(text) }
""",
    good="""
## The text in capitals.
task shout(text: str) -> str { return: upper(text) }
""",
)


@rule(UNDOCUMENTED_TASK)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each task without a `##` comment."""
    for node in subject.all(ast.Task):
        if not node.doc.strip():
            yield UNDOCUMENTED_TASK.at(
                node.name.span,
                f"nothing says what `{node.name.text}` is for",
                "no `##` comment",
                help="write one above it",
            )
