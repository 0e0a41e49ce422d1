"""A secret field that a prompt sends away (APWA540)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.paid import is_outside
from apwa_lang.lint.rule import rule
from apwa_lang.lint.secrets import secret_given, secrets_in
from apwa_lang.lint.splits import split_of
from apwa_lang.lint.subject import Prompt, Subject
from apwa_lang.semantics.program import (
    Map,
    Model,
)
from apwa_lang.syntax.source import Span

SECRET_IN_PROMPT = register(
    "APWA540",
    "a secret in a prompt",
    severity=Severity.WARNING,
    explanation="""
The field is `@secret`, and the prompt sends it to a server. What is logged and shown leaves it out; the server, and
whoever runs it, has it. A model in the process (`provider: "local"`) and servers of this machine are not meant.
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
    """Each secret field, and each record shown whole that has one, in a prompt to a server elsewhere."""
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
        yield from _given(prompt, outside, subject)


def _given(prompt: Prompt, outside: Model, subject: Subject) -> Iterator[Diagnostic]:
    """Each secret field that a `map` gives for a parameter that the prompt shows."""
    shown = prompt.body.template.names | (prompt.body.system.names if prompt.body.system is not None else frozenset())
    reported: set[Span] = set()
    for flow, step in subject.steps:
        if not isinstance(step.operation, Map) or step.operation.task != prompt.task.name or step.span in reported:
            continue
        split = split_of(flow, step.operation.split)
        for parameter, argument in step.operation.arguments if split is not None else ():
            field = secret_given(argument, split.subproblem) if split is not None and parameter in shown else None
            if field is not None:
                reported.add(step.span)
                yield SECRET_IN_PROMPT.at(
                    step.extent or step.span,
                    f"the secret `{field}` is sent to the server of `{outside.name}`",
                    f"given for `{parameter}`, which the prompt shows",
                    also=((prompt.body.template.span, "the prompt"), (outside.span, "it is asked elsewhere")),
                    help='leave it out, or ask a model of `provider: "local"`',
                )
