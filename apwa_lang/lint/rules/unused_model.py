"""A model of a program that nothing in it uses (APWA503)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import SIZES
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.lint.unused import unused
from apwa_lang.syntax import nodes as ast

UNUSED_MODEL = register(
    "APWA503",
    "a model that is not used",
    severity=Severity.WARNING,
    explanation="""
No task, route or split of the file asks this model. Where it was declared as a second choice, a task must name it.
""",
    fix="Remove the model, or use it.",
    bad='model large { provider: "local" }\n' + SIZES,
    good=SIZES,
)


@rule(UNUSED_MODEL)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each model of a file with a flow that the file does not name."""
    return unused(subject, UNUSED_MODEL, "model", ast.Model, "nothing asks it")
