"""A tree of merges whose result depends on how it is cut (APWA560)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting
from apwa_lang.semantics.program import (
    Reduce,
)
from apwa_lang.syntax import nodes as ast

MEAN_OF_MEANS = register(
    "APWA560",
    "a merge that depends on the tree",
    severity=Severity.WARNING,
    explanation="""
`tree(n)` merges n results at a time, and then the results of that. A mean of means, or the number of parts, is another
one where the parts are cut otherwise: `mean(parts.x)` weighs a part of two rows as one of a thousand.
""",
    fix="Carry sums and counts through the tree, and divide at the end.",
    bad="""
record Row { id: str @key, mean: float, count: int }
table rows: Row = read "rows.jsonl"
task merge(parts: list[Row]) -> Row { return: { id: parts[0].id, mean: mean(parts.mean), count: sum(parts.count) } }
flow main {
  whole = reduce merge over rows by tree(8)
  save whole to "out/whole.json"
}
""",
    good="""
record Row { id: str @key, mean: float, count: int }
table rows: Row = read "rows.jsonl"
task merge(parts: list[Row]) -> Row { return: { id: parts[0].id, mean: sum(parts.mean), count: sum(parts.count) } }
flow main {
  whole = reduce merge over rows by tree(8)
  save whole to "out/whole.json"
}
""",
)


@rule(MEAN_OF_MEANS)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each field of a `return` task that merges by a tree and is a mean, or the number, of its parts."""
    merged = {
        step.operation.task: step
        for _, step in subject.steps
        if isinstance(step.operation, Reduce) and step.operation.strategy == "tree" and step.operation.task
    }
    for node, task in subject.tasks:
        place = setting(node, "return")
        if task.name not in merged or place is None or len(task.parameters) != 1:
            continue
        parts = task.parameters[0][0]
        for call in _results(place.value):
            counted = call.function.text in ("len", "count") and call.arguments[0].value.span.text == parts
            averaged = call.function.text == "mean" and _is_of(call.arguments[0].value, parts)
            if counted or averaged:
                what = "the number of parts" if counted else "a mean of means"
                yield MEAN_OF_MEANS.at(
                    call.span,
                    f"this is {what}, which depends on how the tree is cut",
                    what,
                    also=((merged[task.name].span, "merged by a tree"),),
                    help="carry the sum and the count through the tree, and divide at the end",
                )


def _results(value: ast.Expr) -> Iterator[ast.Call]:
    """The calls that are results or fields of one."""
    if isinstance(value, ast.Call) and value.arguments:
        yield value
    elif isinstance(value, ast.RecordLiteral):
        for entry in value.entries:
            yield from _results(entry.value)


def _is_of(value: ast.Expr, name: str) -> bool:
    return isinstance(value, ast.FieldAccess) and isinstance(value.base, ast.Variable) and value.base.name == name
