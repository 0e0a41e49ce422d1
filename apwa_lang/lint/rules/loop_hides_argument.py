"""A loop of a template that hides an argument (APWA512)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

LOOP_HIDES = register(
    "APWA512",
    "a loop hides an argument",
    severity=Severity.WARNING,
    explanation="""
Inside the loop the name is the item, not the argument of the task or the parameter of the program that has it too.
After the loop it is that again.
""",
    fix="Give the item another name.",
    bad="""
model small { provider: "local" }
task merge(text: str, notes: list[str]) -> str {
  model: small
  prompt: "{{ text }}: {% for text in notes %}{{ text }} {% endfor %}"
}
""",
    good="""
model small { provider: "local" }
task merge(text: str, notes: list[str]) -> str {
  model: small
  prompt: "{{ text }}: {% for note in notes %}{{ note }} {% endfor %}"
}
""",
)


_LOOP = re.compile(r"\{%[-+]?\s*for\s+(\w+)\s+in\b")


@rule(LOOP_HIDES)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `{% for name in … %}` of a task whose name is that of an argument or of a parameter."""
    parameters = {node.name.text: node.name.span for node in subject.all(ast.Param)}
    for node in subject.all(ast.Task):
        known = parameters | {parameter.name.text: parameter.name.span for parameter in node.parameters}
        for place in node.settings:
            if place.name.text not in ("prompt", "system", "shell") or not isinstance(place.value, ast.StringLiteral):
                continue
            for loop in _LOOP.finditer(place.value.value):
                if loop[1] in known:
                    yield LOOP_HIDES.at(
                        place.value.place(*loop.span(1)),
                        f"`{loop[1]}` is the item here, and hides another `{loop[1]}`",
                        "the item",
                        also=((known[loop[1]], "hidden in the loop"),),
                        help="give the item another name",
                    )
