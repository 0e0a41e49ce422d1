"""A merge whose result depends on how it is cut (APWA560)."""

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
    "a merge that depends on how it is cut",
    severity=Severity.WARNING,
    explanation="""
`tree(n)` merges n results at a time, and then the results of that; `fold` merges what there is with the next. The parts
that a call sees are not the rows: `mean(parts.x)` weighs a part of two rows as one of a thousand, `len(parts)` is never
the number of rows, and `parts[0].x - parts[1].x` changes its sign with the level.
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
    """Each result of a merging `return` task that is made of a mean, the number or a difference of its parts."""
    merged = {
        step.operation.task: step
        for _, step in subject.steps
        if isinstance(step.operation, Reduce) and step.operation.strategy in ("tree", "fold") and step.operation.task
    }
    for node, task in subject.tasks:
        place = setting(node, "return")
        if task.name not in merged or place is None or len(task.parameters) != 1:
            continue
        parts = task.parameters[0][0]
        for value in _results(place.value):
            what = _depends(value, parts)
            if what is not None:
                yield MEAN_OF_MEANS.at(
                    value.span,
                    f"this is {what}, which is another one where parts are merged otherwise",
                    what,
                    also=((merged[task.name].span, "merges some parts at a time"),),
                    help="carry the sum and the count through the merges, and divide at the end",
                )


def _depends(value: ast.Expr, parts: str) -> str | None:
    """What of the parts that are merged at a time a value is, where that says something of how they are cut."""
    match value:
        case ast.Call(function=ast.Name(text="len"), arguments=[one]) if _is(one.value, parts):
            return "the number of parts"
        case ast.Call(function=ast.Name(text="mean"), arguments=[one]) if _is_of(one.value, parts):
            return "a mean of means"
        case ast.Binary(operator="-" | "/", left=left, right=right) if _is_one_of(left, parts) and _is_one_of(
            right, parts
        ):
            return "a difference of parts" if value.operator == "-" else "a ratio of parts"
        case _:
            return None


def _results(value: ast.Expr) -> Iterator[ast.Expr]:
    """The expressions that are results or fields of one, and what these are worked out from."""
    yield value
    match value:
        case ast.RecordLiteral(entries=entries):
            for entry in entries:
                yield from _results(entry.value)
        case ast.Binary(left=left, right=right):
            yield from _results(left)
            yield from _results(right)
        case ast.Unary(operand=operand):
            yield from _results(operand)
        case ast.Call(function=ast.Name(text="round" | "int" | "float" | "str"), arguments=arguments):
            for argument in arguments:
                yield from _results(argument.value)
        case _:
            pass


def _is(value: ast.Expr, name: str) -> bool:
    return isinstance(value, ast.Variable) and value.name == name


def _is_of(value: ast.Expr, name: str) -> bool:
    return isinstance(value, ast.FieldAccess) and _is(value.base, name)


def _is_one_of(value: ast.Expr, name: str) -> bool:
    """Whether a value is one of the parts, or a field of one."""
    while isinstance(value, ast.FieldAccess):
        value = value.base
    return isinstance(value, ast.Index) and _is(value.base, name)
