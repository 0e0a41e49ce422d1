"""A parameter of a program that nothing in it uses (APWA507)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import SIZES
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.lint.unused import unused
from apwa_lang.syntax import nodes as ast

UNUSED_PARAMETER = register(
    "APWA507",
    "a parameter that is not used",
    severity=Severity.WARNING,
    explanation="""
No expression, template or path of the file uses this parameter of the program, so that setting it changes nothing.
""",
    fix="Remove the parameter, or use it.",
    bad='param style: str = "short"\n' + SIZES,
    good=SIZES,
)


@rule(UNUSED_PARAMETER)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each parameter of a file with a flow that the file does not name."""
    return unused(subject, UNUSED_PARAMETER, "parameter", ast.Param, "setting it changes nothing")
