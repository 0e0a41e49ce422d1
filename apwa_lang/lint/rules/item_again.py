"""A list of constants that holds one twice (APWA605)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal_of_item
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

ITEM_AGAIN = register(
    "APWA605",
    "a constant twice in a list",
    severity=Severity.WARNING,
    explanation="""
`in` asks whether a value stands in the list at all, so the second of two equal ones changes nothing. Usually another
value was meant in its place.
""",
    fix="Remove it, or write the value that was meant.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  some = notes where ward in ["1", "2", "2"]
  save some to "out/some.jsonl"
}
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  some = notes where ward in ["1", "2"]
  save some to "out/some.jsonl"
}
""",
)


@rule(ITEM_AGAIN)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each constant of a list behind `in` or `not in` that stands there before."""
    for node in subject.all(ast.Binary):
        if node.operator not in ("in", "not in") or not isinstance(node.right, ast.ListLiteral):
            continue
        seen: dict[tuple[type, object], Span] = {}
        for item in node.right.items:
            if not isinstance(item, ast.StringLiteral | ast.IntLiteral):
                continue
            first = seen.setdefault((type(item), item.value), item.span)
            if first is not item.span:
                yield ITEM_AGAIN.at(
                    item.span,
                    f"`{item.span.text}` stands twice in this list",
                    "again",
                    also=((first, "first here"),),
                    help="remove it, or write the value that was meant",
                    fix=Fix("remove it", (removal_of_item(item.span),)),
                )
