"""An answer whose fields are not described (APWA522)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.types import RecordType
from apwa_lang.syntax import nodes as ast

UNDESCRIBED_ANSWER = register(
    "APWA522",
    "an answer without a word about its fields",
    severity=Severity.NOTE,
    explanation="""
The record that a prompt answers with becomes the JSON schema that the model is given, and `##` comments (or
`@description`) its descriptions. Here several fields stand there with their names alone. A few words about what
belongs in each, and in which form, make answers better at no cost.
""",
    fix="Write a `##` comment above the record, or above the fields whose names do not say it all.",
    bad="""
record Verdict { level: int, open: list[str] }
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
model small { provider: "local" }
task sum_up(note: Note) -> Verdict { model: small  prompt: "Judge this note: {{ note.text }}" }
flow main { sums = map sum_up over per_note save sums to "out/sums.jsonl" }
""",
    good="""
record Verdict {
  ## How urgent it is, from 1 to 5.
  level: int
  ## Questions that the note leaves open.
  open: list[str]
}
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
model small { provider: "local" }
task sum_up(note: Note) -> Verdict { model: small  prompt: "Judge this note: {{ note.text }}" }
flow main { sums = map sum_up over per_note save sums to "out/sums.jsonl" }
""",
)


@rule(UNDESCRIBED_ANSWER)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each record of the file of two or more fields that a prompt answers with and that describes nothing."""
    places = {node.name.text: node.name.span for node in subject.all(ast.Record)}
    reported: set[str] = set()
    for prompt in subject.prompts:
        record = prompt.task.result
        if not isinstance(record, RecordType) or record.name not in places or record.name in reported:
            continue
        if len(record.fields) < 2 or record.description or any(field.description for field in record.fields):
            continue
        reported.add(record.name)
        yield UNDESCRIBED_ANSWER.at(
            places[record.name],
            f"a model answers with `{record.name}`, and nothing says what its fields mean",
            "no field is described",
            also=((prompt.task.span, "the task that asks for it"),),
            help="write a `##` comment above the fields; it is sent to the model with the schema",
        )
