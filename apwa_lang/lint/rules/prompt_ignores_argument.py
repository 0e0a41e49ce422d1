"""A prompt that does not show an argument (APWA520)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject

IGNORED_ARGUMENT = register(
    "APWA520",
    "a prompt ignores an argument",
    severity=Severity.WARNING,
    explanation="""
The task has this parameter, and neither its prompt nor anything else in it uses it: the model answers without ever
seeing it. Usually a hole is missing in the template.
""",
    fix="Show the argument in the prompt, as `{{ name }}`, or remove the parameter.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
model small { provider: "local" }
task sum_up(note: Note) -> str { model: small  prompt: "Sum up this note in one sentence." }
flow main { sums = map sum_up over per_note save sums to "out/sums.jsonl" }
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
model small { provider: "local" }
task sum_up(note: Note) -> str { model: small  prompt: "Sum up this note in one sentence: {{ note.text }}" }
flow main { sums = map sum_up over per_note save sums to "out/sums.jsonl" }
""",
)


@rule(IGNORED_ARGUMENT)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each parameter of a prompt task that nothing in the task names."""
    for prompt in subject.prompts:
        for parameter in prompt.node.parameters:
            name = parameter.name.text
            if parameter.name.span in subject.unread:
                yield IGNORED_ARGUMENT.at(
                    parameter.name.span,
                    f"the prompt of `{prompt.task.name}` ignores `{name}`",
                    "the model never sees it",
                    also=((prompt.body.template.span, "the prompt"),),
                    help=f"show it with `{{{{ {name} }}}}`, or remove the parameter",
                )
