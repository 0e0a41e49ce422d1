"""A task of a program that nothing in it uses (APWA505)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import SIZES
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.lint.unused import unused
from apwa_lang.syntax import nodes as ast

UNUSED_TASK = register(
    "APWA505",
    "a task that is not used",
    severity=Severity.WARNING,
    explanation="""
No flow and no test of the file calls this task. It is checked, and never runs.
""",
    fix="Remove the task, or use it.",
    bad="task shout(note: Note) -> str { return: upper(note.text) }\n" + SIZES,
    good=SIZES,
)


@rule(UNUSED_TASK)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each task of a file with a flow that the file does not name."""
    return unused(subject, UNUSED_TASK, "task", ast.Task, "it never runs")
