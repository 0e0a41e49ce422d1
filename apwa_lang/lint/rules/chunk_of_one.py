"""Chunks of one row (APWA554)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

CHUNK_OF_ONE = register(
    "APWA554",
    "chunks of one row",
    severity=Severity.WARNING,
    explanation="""
`chunk(1)` makes a sub-problem of each row, as `row` does, but wraps it in a list and knows it by its number instead of
its key: results have no key to be joined by, and a row that is put in front makes all numbers new.
""",
    fix="Write `by row`, or make the chunks larger.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split parts = notes by chunk(1)
task size(rows: list[Note]) -> int { return: len(rows[0].text) }
flow main { sizes = map size(rows) over parts save sizes to "out/sizes.jsonl" }
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
task size(note: Note) -> int { return: len(note.text) }
flow main { sizes = map size over per_note keep id save sizes to "out/sizes.jsonl" }
""",
)


@rule(CHUNK_OF_ONE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each split by `chunk(1)` or by `window(1)`."""
    for node in subject.all(ast.Split):
        first = next(
            (one.value for one in node.rule.arguments if one.name is None or one.name.text in ("n", "size")), None
        )
        if node.rule.name.text in ("chunk", "window") and isinstance(first, ast.IntLiteral) and first.value == 1:
            yield CHUNK_OF_ONE.at(
                node.rule.span,
                f"`{node.name.text}` has one row in each sub-problem",
                "one row",
                help="write `by row`, which gives the row itself and knows it by its key",
            )
