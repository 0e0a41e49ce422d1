"""A tool that says nothing of itself (APWA523)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

UNDESCRIBED_TOOL = register(
    "APWA523",
    "a tool without a description",
    severity=Severity.NOTE,
    explanation="""
A `##` comment above a tool is what the model is told of it. Without one the model sees a name and the types of the
parameters, and has to guess when the tool helps.
""",
    fix="Write a `##` comment above the tool.",
    bad="""
tool lookup(word: str) -> str { python: "tools:lookup" }
""",
    good="""
## The meaning of a word, from the glossary.
tool lookup(word: str) -> str { python: "tools:lookup" }
""",
)


@rule(UNDESCRIBED_TOOL)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each tool that is a function of the user and has no comment."""
    for node in subject.all(ast.Tool):
        if node.mcp is None and node.builtin is None and not node.doc.strip():
            yield UNDESCRIBED_TOOL.at(
                node.name.span,
                f"the model is not told what `{node.name.text}` does",
                "no description",
                help="write a `##` comment above it, for the model",
            )
