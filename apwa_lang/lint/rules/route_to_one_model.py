"""A route whose arms are one model (APWA533)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import by_local
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

ROUTE_TO_ONE = register(
    "APWA533",
    "a route to one model",
    severity=Severity.WARNING,
    explanation="""
Every arm of the route names the same model, so its conditions decide nothing. Usually a line was copied and the name
in it not changed.
""",
    fix="Name another model in one of the arms, or write `model`.",
    bad=by_local(
        "route: { small when len(note.text) < 800, small }",
        'prompt: "Sum up: {{ note.text }}"',
    ),
    good=by_local(
        "model: small",
        'prompt: "Sum up: {{ note.text }}"',
    ),
)


@rule(ROUTE_TO_ONE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each route of two or more arms that all name one model."""
    for place in subject.all(ast.Setting):
        if not isinstance(place.value, ast.Route) or len(place.value.arms) < 2:
            continue
        names = {arm.target.text for arm in place.value.arms}
        if len(names) == 1:
            name = names.pop()
            yield ROUTE_TO_ONE.at(
                place.value.span,
                f"every arm of the route is `{name}`",
                "the conditions decide nothing",
                help=f"name another model, or write `model: {name}`",
                fix=Fix(f"write `model: {name}`", (Edit(place.span, f"model: {name}"),), safe=False),
            )
