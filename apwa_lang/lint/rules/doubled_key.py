"""Two rows of a literal table with one key (APWA592)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal_of_item
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.program import (
    LiteralSource,
)
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

DOUBLED_KEY = register(
    "APWA592",
    "a key that two rows have",
    severity=Severity.WARNING,
    explanation="""
The key tells rows apart, and doubled keys stop every run of the program before it begins. These two rows stand in the
program itself.
""",
    fix="Change one of the two, or remove it.",
    bad="""
record Person { name: str @key, year: int }
table people: Person = [
  { name: "Ada", year: 1815 },
  { name: "Ada", year: 1906 },
]
""",
    good="""
record Person { name: str @key, year: int }
table people: Person = [
  { name: "Ada", year: 1815 },
  { name: "Grace", year: 1906 },
]
""",
)


@rule(DOUBLED_KEY)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each row of a literal table whose key an earlier one has."""
    for node in subject.all(ast.Table):
        table = subject.program.tables.get(node.name.text)
        if table is None or table.span != node.name.span or not isinstance(node.source, ast.LiteralSource):
            continue
        keys = [index for index, field in enumerate(table.record.fields) if field.key]
        items = node.source.rows.items
        if not isinstance(table.source, LiteralSource) or not keys or len(items) != len(table.source.rows):
            continue
        seen: dict[str, Span] = {}
        rows: dict[str, object] = {}
        for item, row in zip(items, table.source.rows, strict=True):
            key = repr([row[index] for index in keys])
            first = seen.setdefault(key, item.span)
            rows.setdefault(key, row)
            if first is not item.span:
                names = " and ".join(f"`{table.record.fields[index].name}`" for index in keys)
                # Rows that differ are two things, of which only their author knows the names.
                same = row == rows[key]
                yield DOUBLED_KEY.at(
                    item.span,
                    f"another row of `{node.name.text}` has the same {names}",
                    "the same key",
                    also=((first, "first here"),),
                    help="change one of the two: doubled keys stop the run",
                    fix=Fix("remove this row", (removal_of_item(item.span),), safe=False) if same else None,
                )
