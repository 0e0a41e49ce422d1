"""A value that a shell script runs as code (APWA544)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting
from apwa_lang.semantics.program import (
    ShellBody,
)
from apwa_lang.syntax import nodes as ast

VALUE_AS_CODE = register(
    "APWA544",
    "a value becomes code",
    severity=Severity.WARNING,
    explanation="""
Holes of a shell script are quoted, so that a value is one word whatever it holds. `eval`, `sh -c` and their like read
that word as a script once more: a row that holds `$(rm -r ~)` would then be run.
""",
    fix="Run the program itself, with the value as an argument.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task size(note: Note) -> int { shell: "sh -c {{ note.text }} | wc -c" }
flow main { sizes = map size over per_note save sizes to "out/sizes.jsonl" }
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task size(note: Note) -> int { shell: "printf %s {{ note.text }} | wc -c" }
flow main { sizes = map size over per_note save sizes to "out/sizes.jsonl" }
""",
)


_READERS = re.compile(
    r"\b(?:eval|(?:ba|da|k|z)?sh[ \t]+-\w*c|python[0-9.]*[ \t]+-c|perl[ \t]+-e)\b[^\n|;&]*?\{\{[^}]*\}\}"
)


@rule(VALUE_AS_CODE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each hole behind a command of a shell body that reads its argument as code."""
    for node, task in subject.tasks:
        place = setting(node, "shell")
        if place is None or not isinstance(task.body, ShellBody) or not isinstance(place.value, ast.StringLiteral):
            continue
        for found in _READERS.finditer(place.value.value):
            hole = found[0].rindex("{{")
            yield VALUE_AS_CODE.at(
                place.value.place(found.start() + hole, found.end()),
                f"`{node.name.text}` runs this value as code",
                "whatever a row holds here is run",
                help="run the program itself, with the value as an argument",
            )
