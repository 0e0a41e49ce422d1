"""A table put together with itself (APWA564)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

UNION_WITH_ITSELF = register(
    "APWA564",
    "a table twice in a union",
    severity=Severity.WARNING,
    explanation="""
`union` takes the rows of each table in turn, so a table that stands there twice has every row twice. Usually the name
of the other one was meant.
""",
    fix="Name the other table.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  all = union(notes, notes)
  save all to "out/all.jsonl"
}
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
table more: Note = read "more.jsonl"
flow main {
  all = union(notes, more)
  save all to "out/all.jsonl"
}
""",
)


@rule(UNION_WITH_ITSELF)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each table that stands twice in a `union`, and each that is joined with itself."""
    for node in subject.all(ast.UnionRelation):
        seen: dict[str, Span] = {}
        for table in node.tables:
            first = seen.setdefault(table.text, table.span)
            if first is not table.span:
                yield UNION_WITH_ITSELF.at(
                    table.span,
                    f"every row of `{table.text}` comes twice",
                    "again",
                    also=((first, "first here"),),
                    help="name the other table, or leave this one out",
                )
