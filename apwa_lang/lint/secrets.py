"""Where templates show what is secret.

In: the place of a template, and a subject; or an argument of a `map`. Out: the places that show a `@secret` field, or a
record with one; or the secret field that is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.core import Core, GetField, Var
from apwa_lang.semantics.types import Field, ListOf, Optional, RecordType, Type, holds_secret
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


def secret_given(argument: Core, record: RecordType) -> str | None:
    """The name of the `@secret` field that an expression over the fields of ``record`` takes, or None."""
    field = _field(argument, record)
    return field.name if field is not None and field.secret else None


def _field(core: Core, record: RecordType) -> Field | None:
    match core:
        case Var(name):
            return record.field(name)
        case GetField(base, name):
            outer = _field(base, record)
            inside = _record(outer.type) if outer is not None else None
            return inside.field(name) if inside is not None else None
        case _:
            return None


def _record(type: Type) -> RecordType | None:
    while isinstance(type, Optional | ListOf):
        type = type.inner if isinstance(type, Optional) else type.item
    return type if isinstance(type, RecordType) else None
