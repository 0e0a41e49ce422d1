"""A secret that stands in the program (APWA537)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import LIMITS, by_server
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

WRITTEN_SECRET = register(
    "APWA537",
    "a secret is written in the program",
    severity=Severity.WARNING,
    explanation="""
The text looks like a key of a service. Who reads the program, its history or its compiled plan has it.
`secret("NAME")` reads it from the environment where it is used, and is never stored.
""",
    fix='Take the key out, revoke it, and read the new one with `secret("NAME")`.',
    bad=by_server(
        *LIMITS,
        model=(
            'name: "gpt-5-mini"',
            'base_url: "https://models.example.com/v1"',
            'headers: { "X-Auth": "Bearer 4f9a8c1be2d74b02aa51c0" }',
        ),
    ),
    good=by_server(
        *LIMITS,
        model=(
            'name: "gpt-5-mini"',
            'base_url: "https://models.example.com/v1"',
            'headers: { "X-Auth": secret("MODEL_TOKEN") }',
        ),
    ),
)


_KEYS = re.compile(
    r"\bsk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bxox[abprs]-[A-Za-z0-9-]{20,}"
    r"|\bAIza[A-Za-z0-9_-]{35}|\bhf_[A-Za-z0-9]{30,}|\bglpat-[A-Za-z0-9_-]{20}|\bBearer [A-Za-z0-9._~+/-]{20,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
_MARKS = (
    "sk-",
    "AKIA",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "xox",
    "AIza",
    "hf_",
    "glpat-",
    "Bearer ",
    "PRIVATE KEY",
)
"""What stands in each of them, which is found faster."""


@rule(WRITTEN_SECRET)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each text with the form of a key, but for `api_key`, whose literals are found without lint."""
    if not any(mark in subject.module.source.text for mark in _MARKS):
        return
    known = {place.value.span for place in subject.all(ast.Setting) if place.name.text == "api_key"}
    for text in subject.all(ast.StringLiteral):
        found = _KEYS.search(text.value) if text.span not in known else None
        if found is not None:
            yield WRITTEN_SECRET.at(
                text.place(*found.span()),
                "this looks like a key, and stands in the program",
                "readable by everyone who has the file",
                help='revoke it, and write `secret("NAME")`',
            )
