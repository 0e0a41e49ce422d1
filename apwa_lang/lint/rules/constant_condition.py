"""A condition that never changes (APWA601)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.builtins import FUNCTIONS
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.walk import walk

CONSTANT_CONDITION = register(
    "APWA601",
    "a condition that is always the same",
    severity=Severity.WARNING,
    explanation="""
No name stands in the condition, so it is the same for every row, for every sub-problem and in every run: a branch is
never taken, a filter keeps all rows or none, a contract is empty. It may have been put there to try something out.
""",
    fix="Remove it, or write what was meant.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  some = notes where 1 < 2
  save some to "out/some.jsonl"
}
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
flow main {
  some = notes where len(text) < 200
  save some to "out/some.jsonl"
}
""",
)


@rule(CONSTANT_CONDITION)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each condition without a name: of `if`, `where`, `until`, `require`, `ensure`, a route or `expect`."""
    for condition, what in _conditions(subject):
        if not any(map(_may_vary, walk(condition))):
            yield CONSTANT_CONDITION.at(
                condition.span,
                f"the condition of {what} is always the same",
                "no name stands in it",
                help="remove it, or write what was meant",
            )


def _may_vary(node: ast.Node) -> bool:
    """Whether a part of a condition is a name, or the call of a task."""
    if isinstance(node, ast.Call):
        return node.function.text not in FUNCTIONS
    return isinstance(node, ast.Variable | ast.FieldAccess | ast.ErrorExpr)


def _conditions(subject: Subject) -> Iterator[tuple[ast.Expr, str]]:
    yield from ((node.condition, "`if`") for node in subject.all(ast.If))
    yield from ((node.condition, "`where`") for node in subject.all(ast.WhereRelation))
    yield from ((node.until, "`until`") for node in subject.all(ast.Repeat))
    yield from ((node.condition, "`expect`") for node in subject.all(ast.Expect))
    yield from ((node.condition, "the route") for node in subject.all(ast.RouteArm) if node.condition is not None)
    for place in subject.all(ast.Setting):
        if place.name.text in ("require", "ensure"):
            yield place.value, f"`{place.name.text}`"
