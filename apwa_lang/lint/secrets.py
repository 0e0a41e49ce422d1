"""Where templates show what is secret.

In: the place of a template, and a subject. Out: the places in it that show a `@secret` field, or a record with one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.lint.subject import Subject
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
