"""A GPU that a body cannot use (APWA580)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal, removal_of_item
from apwa_lang.lint.paid import is_server
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting
from apwa_lang.semantics.program import (
    Model,
    PromptBody,
    ReturnBody,
)
from apwa_lang.syntax import nodes as ast

GPU_NOT_USED = register(
    "APWA580",
    "a GPU that is asked for and not used",
    severity=Severity.WARNING,
    explanation="""
A `return`, and a prompt to a server, run without a GPU whatever the worker has. Asked for all the same, it keeps the
task off all other workers, and blocks the GPU for those that need it.
""",
    fix="Remove `gpu` from `resources`.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task size(note: Note) -> int {
  return: len(note.text)
  resources: { gpu: 1, memory: 1GiB }
}
flow main { sizes = map size over per_note save sizes to "out/sizes.jsonl" }
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task size(note: Note) -> int {
  return: len(note.text)
  resources: { memory: 1GiB }
}
flow main { sizes = map size over per_note save sizes to "out/sizes.jsonl" }
""",
)


@rule(GPU_NOT_USED)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `gpu` in the resources of a `return` task or of a prompt to servers."""
    for node, task in subject.tasks:
        place = setting(node, "resources")
        if place is None or not isinstance(place.value, ast.RecordLiteral):
            continue
        entry = next((entry for entry in place.value.entries if entry.key.text == "gpu"), None)
        if entry is None or (isinstance(entry.value, ast.IntLiteral) and entry.value.value == 0):
            continue
        match task.body:
            case ReturnBody():
                why = "a `return` is worked out on the CPU"
            case PromptBody(models=names) if all(is_server(one) for one in _models(names, subject)) and names:
                why = "the model runs on its server"
            case _:
                continue
        edit = removal(place.span) if len(place.value.entries) == 1 else removal_of_item(entry.span)
        yield GPU_NOT_USED.at(
            entry.span,
            f"`{task.name}` asks for a GPU, and {why}",
            "not used",
            help="remove it",
            fix=Fix("remove `gpu`", (edit,)),
        )


def _models(names: Iterable[str], subject: Subject) -> list[Model]:
    return [subject.program.models[name] for name in names if name in subject.program.models]
