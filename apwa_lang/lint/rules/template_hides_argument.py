"""A name of a template that hides an argument (APWA512)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.hiding import outer_names
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

TEMPLATE_HIDES = register(
    "APWA512",
    "a template hides an argument",
    severity=Severity.WARNING,
    explanation="""
A `for` or `set` of the template makes a name that an argument of the task, a parameter of the program or a loop around
it has too. Inside the loop, and after the `set`, the name is that of the template, and the other value cannot be used.
`{% set text = text | trim %}`, which makes a value of the one that it hides, is not reported.
""",
    fix="Give the name in the template another one.",
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


_TAG = re.compile(
    r"\{#.*?#\}|\{%[-+]?\s*(?:for\s+(?P<item>\w+)\s+in\b|set\s+(?P<set>\w+)\s*=(?P<value>.*?)%\}|(?P<end>endfor)\b)",
    re.DOTALL,
)


@rule(TEMPLATE_HIDES)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each name that a template of a task makes and that an argument, a parameter or a loop around it has too."""
    outer = outer_names(subject)
    for node in subject.all(ast.Task):
        known = outer | {parameter.name.text: parameter.name.span for parameter in node.parameters}
        for place in node.settings:
            if place.name.text in ("prompt", "system", "shell") and isinstance(place.value, ast.StringLiteral):
                for span, hidden in _hiding(place.value, known):
                    yield TEMPLATE_HIDES.at(
                        span,
                        f"`{span.text}` is made by the template, and hides another `{span.text}`",
                        "from here on it is this one",
                        also=((hidden, "hidden there"),),
                        help="give it another name",
                    )
    yield from _loop(subject, outer)


def _hiding(text: ast.StringLiteral, known: Mapping[str, Span]) -> Iterator[tuple[Span, Span]]:
    """Where a template makes a name that is taken, and the other of that name."""
    loops: list[Mapping[str, Span]] = [known]
    for tag in _TAG.finditer(text.value):
        if tag["end"] and len(loops) > 1:
            loops.pop()
        name = tag["item"] or tag["set"]
        if name is None or (tag["value"] and re.search(rf"\b{name}\b", tag["value"])):
            continue
        span = text.place(*tag.span("item" if tag["item"] else "set"))
        if name in loops[-1]:
            yield span, loops[-1][name]
        if tag["item"]:
            loops.append({**loops[-1], name: span})


def _loop(subject: Subject, outer: Mapping[str, Span]) -> Iterator[Diagnostic]:
    """Each `loop` that is what Jinja2 says of a loop, where an argument or a parameter is called so."""
    tasks = subject.all(ast.Task)
    for use in subject.uses.of_file(subject.module.source):
        if use.declaration.name != "loop" or use.declaration.kind != "variable" or use.declaration.span is not None:
            continue
        owner = next((node for node in tasks if node.span.start <= use.span.start < node.span.end), None)
        own = {one.name.text: one.name.span for one in owner.parameters} if owner is not None else {}
        hidden = own.get("loop") or outer.get("loop")
        if hidden is not None:
            yield TEMPLATE_HIDES.at(
                use.span,
                "`loop` is where the loop stands here, and hides another `loop`",
                "that of the template",
                also=((hidden, "hidden in every loop"),),
                help="give the other one another name",
            )
