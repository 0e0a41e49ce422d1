"""A table with a secret field that is saved (APWA542)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, record_of
from apwa_lang.semantics.program import (
    Save,
    as_written,
)
from apwa_lang.semantics.types import holds_secret
from apwa_lang.syntax.source import Span

SECRET_SAVED = register(
    "APWA542",
    "a secret is saved",
    severity=Severity.WARNING,
    explanation="""
The table has a field that is `@secret`, and the saved file has its values in the clear.
""",
    fix="Leave the field out with `select` before saving.",
    bad="""
record Patient { id: str @key, text: str, phone: str @secret }
table patients: Patient = read "patients.jsonl"
flow main {
  long = patients where len(text) > 100
  save long to "out/long.jsonl"
}
""",
    good="""
record Patient { id: str @key, text: str, phone: str @secret }
table patients: Patient = read "patients.jsonl"
flow main {
  long = patients where len(text) > 100
  open = long select { id: id, text: text }
  save open to "out/long.jsonl"
}
""",
)


@rule(SECRET_SAVED)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `save` of a table some of whose fields are secret."""
    reported: set[Span] = set()
    for flow, step in subject.steps:
        if not isinstance(step.operation, Save) or step.span in reported:
            continue
        record = record_of(step.operation.table, flow, subject.program)
        hidden = [one.name for one in record.fields if one.secret or holds_secret(one.type)] if record else []
        if hidden:
            reported.add(step.span)
            names = " and ".join(f"`{name}`" for name in hidden)
            yield SECRET_SAVED.at(
                step.operation.path.span,
                f"what is secret in `{as_written(step.operation.table)}` is saved: {names}",
                "will hold the values in the clear",
                help="leave it out first: `open = t select { … }`",
            )
