"""`idempotent` of a task that writes nothing (APWA573)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal
from apwa_lang.lint.examples import of_sizes
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting
from apwa_lang.semantics.agents import tools_of

IDEMPOTENT_NOTHING = register(
    "APWA573",
    "`idempotent` without a file",
    severity=Severity.WARNING,
    explanation="""
`idempotent: true` lets several sub-problems write one path, with equal bytes. The task writes no path.
""",
    fix="Remove it, or declare what the task `writes`.",
    bad=of_sizes("idempotent: true"),
    good=of_sizes(),
)


@rule(IDEMPOTENT_NOTHING)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each task with `idempotent: true` and no `writes`, of its own or of its tools."""
    for node, task in subject.tasks:
        place = setting(node, "idempotent")
        tools = tools_of(task, subject.program)
        effects = [*task.effects, *(effect for tool in tools for effect in tool.effects)]
        if place is not None and task.idempotent and not any(effect.kind == "write" for effect in effects):
            yield IDEMPOTENT_NOTHING.at(
                place.span,
                f"`{task.name}` writes no file that sub-problems could share",
                "says nothing",
                help="remove it, or declare what the task `writes`",
                fix=Fix("remove `idempotent`", (removal(place.span),)),
            )
