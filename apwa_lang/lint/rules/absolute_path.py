"""A path that is that of one machine (APWA591)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.walk import inside

ABSOLUTE_PATH = register(
    "APWA591",
    "an absolute path",
    severity=Severity.NOTE,
    explanation="""
Relative paths start at the folder of the program, wherever that is copied. An absolute one is there on one machine,
and not on that of a colleague or of a worker.
""",
    fix="Write the path relative to the folder of the program.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "/home/ada/notes.jsonl"
flow main { long = notes where len(text) > 100 save long to "out/long.jsonl" }
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main { long = notes where len(text) > 100 save long to "out/long.jsonl" }
""",
)


@rule(ABSOLUTE_PATH)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each path of a table, a `save`, `reads` or `writes` that begins at the root of a disk."""
    for text in _paths(subject):
        if _ABSOLUTE.match(text.value):
            yield ABSOLUTE_PATH.at(
                text.span,
                "this path is that of one machine",
                "absolute",
                help="write it relative to the folder of the program",
            )


def _paths(subject: Subject) -> Iterator[ast.StringLiteral]:
    yield from (node.path for node in subject.all(ast.ReadSource))
    yield from (node.pattern for node in subject.all(ast.FilesSource))
    yield from (node.path for node in subject.all(ast.Save))
    for place in subject.all(ast.Setting):
        if place.name.text in ("reads", "writes"):
            yield from inside(place.value, ast.StringLiteral)


_ABSOLUTE = re.compile(r"/|~/|[A-Za-z]:[\\/]")
