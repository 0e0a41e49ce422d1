"""A secret field that a prompt sends away (APWA540)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.paid import is_outside
from apwa_lang.lint.rule import rule
from apwa_lang.lint.secrets import secrets_given, secrets_in
from apwa_lang.lint.subject import Subject

SECRET_IN_PROMPT = register(
    "APWA540",
    "a secret in a prompt",
    severity=Severity.WARNING,
    explanation="""
The field is `@secret`, and the prompt sends it to a server. What is logged and shown leaves it out; the server, and
whoever runs it, has it. Models in the process (`provider: "local"`) and servers on this machine are not reported.
""",
    fix="Leave the field out of the prompt, or ask a local model.",
    bad="""
record Patient { id: str @key, text: str, phone: str @secret }
table patients: Patient = read "patients.jsonl"
split each = patients by row
model server { provider: "openai"  name: "m"  base_url: env("LLM_URL") }
task sum_up(patient: Patient) -> str { model: server  prompt: "Who calls {{ patient.phone }}? {{ patient.text }}" }
flow main { sums = map sum_up over each keep id save sums to "out/sums.jsonl" }
""",
    good="""
record Patient { id: str @key, text: str, phone: str @secret }
table patients: Patient = read "patients.jsonl"
split each = patients by row
model server { provider: "openai"  name: "m"  base_url: env("LLM_URL") }
task sum_up(patient: Patient) -> str { model: server  prompt: "Who calls? {{ patient.text }}" }
flow main { sums = map sum_up over each keep id save sums to "out/sums.jsonl" }
""",
)


@rule(SECRET_IN_PROMPT)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each secret field, record with one that is shown whole, and secret argument in a prompt to a server elsewhere."""
    for prompt in subject.prompts:
        outside = next((model for model in prompt.models if is_outside(model)), None)
        if outside is None:
            continue
        bodies = (prompt.body.template, prompt.body.system)
        for span, what in (one for body in bodies if body is not None for one in secrets_in(body.span, subject)):
            yield SECRET_IN_PROMPT.at(
                span,
                f"{what} is sent to the server of `{outside.name}`",
                "secret",
                also=((outside.span, "it is asked elsewhere"),),
                help='leave it out, or ask a model of `provider: "local"`',
            )
        for shown in secrets_given(prompt.task, tuple(body for body in bodies if body is not None), subject):
            yield SECRET_IN_PROMPT.at(
                shown.step.extent or shown.step.span,
                f"the secret `{shown.field}` is sent to the server of `{outside.name}`",
                f"given for `{shown.parameter}`, which the prompt shows",
                also=((shown.template.span, "the prompt"), (outside.span, "it is asked elsewhere")),
                help='leave it out, or ask a model of `provider: "local"`',
            )
