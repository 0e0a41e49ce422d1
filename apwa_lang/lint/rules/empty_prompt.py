"""A prompt without a word (APWA521)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting
from apwa_lang.syntax import nodes as ast

EMPTY_PROMPT = register(
    "APWA521",
    "a prompt is empty",
    severity=Severity.WARNING,
    explanation="""
The template has no text at all, so the model is asked nothing.
""",
    fix="Write what the model is to do.",
    bad="""
model small { provider: "local" }
task idea() -> str { model: small  prompt: "" }
flow main { made = idea() save made to "out/idea.jsonl" }
""",
    good="""
model small { provider: "local" }
task idea() -> str { model: small  prompt: "Name a song for a rainy day." }
flow main { made = idea() save made to "out/idea.jsonl" }
""",
)


@rule(EMPTY_PROMPT)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each prompt and each system prompt that is empty or blank."""
    for node in subject.all(ast.Task):
        for name in ("prompt", "system"):
            place = setting(node, name)
            if place is not None and isinstance(place.value, ast.StringLiteral) and not place.value.value.strip():
                yield EMPTY_PROMPT.at(
                    place.value.span,
                    f"the {'system ' if name == 'system' else ''}prompt of `{node.name.text}` is empty",
                    "nothing is asked",
                    help="write what the model is to do" if name == "prompt" else "write it, or remove `system`",
                )
