"""A secret field in a path or an address (APWA541)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.secrets import secrets_given, secrets_in
from apwa_lang.lint.subject import Subject

SECRET_IN_PATH = register(
    "APWA541",
    "a secret in a path",
    severity=Severity.WARNING,
    explanation="""
Paths and addresses are shown and logged: in listings of folders, in the certificate, in the logs of servers. The value
of a `@secret` field would stand there in the clear.
""",
    fix="Make the path of another field, such as the key.",
    bad="""
record Patient { id: str @key, text: str, phone: str @secret }
table patients: Patient = read "patients.jsonl"
split each = patients by row
model server { provider: "openai"  name: "m"  base_url: env("LLM_URL") }
task sum_up(patient: Patient) -> str {
  model: server
  prompt: "Who calls? {{ patient.text }}"
  writes: "out/{{ patient.id | key }}/{{ patient.phone | key }}.txt"
}
flow main { sums = map sum_up over each keep id save sums to "out/sums.jsonl" }
""",
    good="""
record Patient { id: str @key, text: str, phone: str @secret }
table patients: Patient = read "patients.jsonl"
split each = patients by row
model server { provider: "openai"  name: "m"  base_url: env("LLM_URL") }
task sum_up(patient: Patient) -> str {
  model: server
  prompt: "Who calls? {{ patient.text }}"
  writes: "out/{{ patient.id | key }}.txt"
}
flow main { sums = map sum_up over each keep id save sums to "out/sums.jsonl" }
""",
)


@rule(SECRET_IN_PATH)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each secret field or argument in what a task reads, writes or asks."""
    for node, task in subject.tasks:
        targets = [effect.target for effect in task.effects if effect.kind != "secret" and not effect.shown]
        for place in sorted({target.span for target in targets}, key=lambda span: span.start):
            for span, what in secrets_in(place, subject):
                yield SECRET_IN_PATH.at(
                    span,
                    f"{what} becomes part of what `{node.name.text}` touches",
                    "secret, and a path is shown",
                    help="use another field, such as the key",
                )
        for shown in secrets_given(task, tuple(targets), subject):
            yield SECRET_IN_PATH.at(
                shown.step.extent or shown.step.span,
                f"the secret `{shown.field}` becomes part of what `{node.name.text}` touches",
                f"given for `{shown.parameter}`, which stands in the path",
                also=((shown.template.span, "the path"),),
                help="use another field, such as the key",
            )
