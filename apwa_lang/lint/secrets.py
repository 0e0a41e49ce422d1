"""Where templates show what is secret.

In: the place of a template, or a task with its templates; and a subject. Out: the places that show a `@secret` field,
or a record with one; the steps that give a secret for what is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from apwa_lang.lint.leaks import Given, of_type, paths_of
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.program import Step, Task, Template
from apwa_lang.semantics.types import holds_secret
from apwa_lang.syntax.source import Span

_SHOWN_WHOLE = re.compile(r"\s*(?:\|\s*(?:json|tojson|string)\b|-?\}\})")


def secrets_in(template: Span, subject: Subject) -> Iterator[tuple[Span, str]]:
    """Each place of a template that shows something secret, with words for it."""
    secret = subject.secret_fields
    if not secret:
        return
    text = template.source.text
    for use in subject.uses.of_file(template.source):
        if not template.start <= use.span.start < template.end:
            continue
        if use.declaration.span in secret:
            yield use.span, f"the secret `{use.declaration.name}`"
        elif use.type is not None and holds_secret(use.type) and _SHOWN_WHOLE.match(text, use.span.end):
            yield use.span, f"`{use.declaration.name}`, which has a secret field,"


@dataclass(frozen=True)
class Shown:
    """A ``step`` gives the secret ``field`` for a ``parameter`` that a ``template`` of its task shows."""

    step: Step
    field: str
    parameter: str
    template: Template


def secrets_given(task: Task, templates: tuple[Template, ...], subject: Subject) -> Iterator[Shown]:
    """Each step that gives what is secret to a task that shows it, where the type of the parameter does not say so."""
    reported: set[Span] = set()
    for _, leaks in subject.leaks:
        for given in leaks.given:
            if given.task.name == task.name and given.step.span not in reported:
                found = next(_shown(given, templates), None)
                if found is not None:
                    reported.add(given.step.span)
                    yield found


def _shown(given: Given, templates: tuple[Template, ...]) -> Iterator[Shown]:
    types = dict(given.task.parameters)
    for parameter, secret in given.secrets.items():
        declared = {path for path, _ in paths_of(of_type(types[parameter]))}
        for template in templates:
            if parameter in template.names:
                for path, field in paths_of(secret):
                    if path not in declared and _names(template, path):
                        yield Shown(given.step, field, parameter, template)


def _names(template: Template, path: tuple[str, ...]) -> bool:
    """Whether a template that names a parameter shows what lies at a path in it."""
    return all(re.search(rf"\.\s*{re.escape(name)}\b", template.text) for name in path)
