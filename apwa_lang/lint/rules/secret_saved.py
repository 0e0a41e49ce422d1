"""A table with a secret field that is saved (APWA542)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.leaks import paths_of, secret_of
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.program import (
    ReturnBody,
    Save,
    as_written,
)
from apwa_lang.syntax.source import Span

SECRET_SAVED = register(
    "APWA542",
    "a secret is saved",
    severity=Severity.WARNING,
    explanation="""
The table has a field that is `@secret`, or one that an expression made of it, and the saved file has its values in the
clear. Lengths, sums, comparisons, `sha256`, and what `slice` and `replace` leave are not reported.
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
    """Each `save`, and each result that a `return` task writes, with fields that are secret or made of what is."""
    reported: set[Span] = set()
    for flow, leaks in subject.leaks:
        for step in flow.steps:
            hidden = list(paths_of(leaks.rows.get(step.name))) if isinstance(step.operation, Save) else []
            if not isinstance(step.operation, Save) or not hidden or step.span in reported:
                continue
            reported.add(step.span)
            names = " and ".join(_told(".".join(path), field) for path, field in hidden)
            yield SECRET_SAVED.at(
                step.operation.path.span,
                f"what is secret in `{as_written(step.operation.table)}` is saved: {names}",
                "will hold the values in the clear",
                help="leave it out first: `open = t select { … }`",
            )
        for given in leaks.given:
            task = given.task
            place = next((effect.target.span for effect in task.effects if effect.kind == "write"), None)
            made = secret_of(task.body.value, given.secrets) if isinstance(task.body, ReturnBody) else None
            if place is not None and made and place not in reported:
                reported.add(place)
                names = " and ".join(dict.fromkeys(f"`{field}`" for _, field in paths_of(made)))
                yield SECRET_SAVED.at(
                    given.step.extent or given.step.span,
                    f"`{task.name}` writes what is secret: {names}",
                    "given here",
                    also=((place, "will hold it in the clear"),),
                    help="leave it out of what the task returns",
                )


def _told(path: str, field: str) -> str:
    return f"`{path}`" if path.rpartition(".")[2] == field else f"`{path}`, made of `{field}`"
