"""A parameter that a `return` or `shell` task does not use (APWA509)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.program import (
    ReturnBody,
    ShellBody,
)

UNUSED_ARGUMENT = register(
    "APWA509",
    "a task does not use a parameter",
    severity=Severity.WARNING,
    explanation="""
Neither the body of the task nor its contract, its paths or its resources use this parameter. A `python` or `torch`
body is handed every argument, and a `prompt` has a rule of its own (APWA520).
""",
    fix="Use the parameter, or remove it with the arguments that are given for it.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task size(ward: str, text: str) -> int { return: len(text) }
flow main { sizes = map size(ward, text) over per_note save sizes to "out/sizes.jsonl" }
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task size(text: str) -> int { return: len(text) }
flow main { sizes = map size(text) over per_note save sizes to "out/sizes.jsonl" }
""",
)


@rule(UNUSED_ARGUMENT)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each parameter of a `return` or `shell` task that nothing in the task names."""
    for node, task in subject.tasks:
        if not isinstance(task.body, ReturnBody | ShellBody):
            continue
        for parameter in node.parameters:
            if parameter.name.span in subject.unread:
                yield UNUSED_ARGUMENT.at(
                    parameter.name.span,
                    f"task `{task.name}` does not use `{parameter.name.text}`",
                    "given for nothing",
                    help="use it, or remove it and the arguments that are given for it",
                )
