"""A tool of a program that nothing in it uses (APWA504)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import SIZES
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.lint.unused import unused
from apwa_lang.syntax import nodes as ast

UNUSED_TOOL = register(
    "APWA504",
    "a tool that no task has",
    severity=Severity.WARNING,
    explanation="""
An agent may call the tools that its task lists in `tools`, and no others. No task of the file lists this one.
""",
    fix="Remove the tool, or use it.",
    bad="## Looks a word up.\ntool sum_up = calculate\n" + SIZES,
    good=SIZES,
)


@rule(UNUSED_TOOL)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each tool of a file with a flow that the file does not name."""
    return unused(subject, UNUSED_TOOL, "tool", ast.Tool, "no task lists it in `tools`")
