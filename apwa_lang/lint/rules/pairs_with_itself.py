"""A table crossed with itself (APWA557)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast

PAIRS_WITH_ITSELF = register(
    "APWA557",
    "pairs of a table with itself",
    severity=Severity.NOTE,
    explanation="""
`cross` of a table with itself has every pair twice, once each way round, and every row with itself. Where the order of
a pair does not matter half of the work is done twice.
""",
    fix="Choose pairs once with a table of pairs, or say with an ignore comment that both ways are meant.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split pairs = notes by cross(notes)
task alike(left: Note, right: Note) -> bool { return: left.text == right.text }
flow main { found = map alike(left, right) over pairs save found to "out/found.jsonl" }
""",
    good="""
record Note { id: str @key, text: str }
table notes: Note = read "notes.jsonl"
table known: Note = read "known.jsonl"
split pairs = notes by cross(known)
task alike(left: Note, right: Note) -> bool { return: left.text == right.text }
flow main { found = map alike(left, right) over pairs save found to "out/found.jsonl" }
""",
)


@rule(PAIRS_WITH_ITSELF)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each split by `cross` whose two tables are one."""
    for node in subject.all(ast.Split):
        given = node.rule.arguments
        if node.rule.name.text == "cross" and len(given) == 1 and given[0].value.span.text == node.table.text:
            yield PAIRS_WITH_ITSELF.at(
                node.rule.span,
                f"`{node.name.text}` has every pair twice, and every row with itself",
                "the same table",
                help="where (a, b) and (b, a) are one, half of the work is done twice",
            )
