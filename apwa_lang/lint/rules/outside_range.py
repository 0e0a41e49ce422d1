"""A comparison that a field's range decides (APWA602)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, record_of
from apwa_lang.semantics.program import (
    Select,
    Where,
)
from apwa_lang.semantics.types import Field
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span
from apwa_lang.syntax.walk import inside

OUTSIDE_RANGE = register(
    "APWA602",
    "a comparison that always has one answer",
    severity=Severity.WARNING,
    explanation="""
For every value that the `@range` of the field allows, this comparison has the same answer: it always holds, or never. A
length is never below 0 either.
""",
    fix="Compare with a value inside the range, or correct the range.",
    bad="""
record Mark { id: str @key, score: int @range(0, 10), passed: bool, text: str }
table marks: Mark = read "marks.jsonl"
flow main {
  some = marks where score > 10
  save some to "out/some.jsonl"
}
""",
    good="""
record Mark { id: str @key, score: int @range(0, 10), passed: bool, text: str }
table marks: Mark = read "marks.jsonl"
flow main {
  some = marks where score > 8
  save some to "out/some.jsonl"
}
""",
)


@rule(OUTSIDE_RANGE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each comparison of a field with a number that lies outside its range, and of a length with one below 0."""
    comparisons = [node for node in subject.all(ast.Binary) if node.operator in _TURNED]
    columns = _columns(subject) if comparisons else {}
    for node in comparisons:
        for value, number, operator in (
            (node.left, node.right, node.operator),
            (node.right, node.left, _TURNED[node.operator]),
        ):
            against, bounds = _number(number), _bounds(value, columns, subject)
            if against is None or bounds is None:
                continue
            answer = _answer(operator, bounds, against)
            if answer is not None:
                yield OUTSIDE_RANGE.at(
                    node.span,
                    f"this is always {'true' if answer else 'false'}",
                    f"`{value.span.text}` is {_shown(bounds)}",
                    help="compare with a value inside the range",
                )


Bounds = tuple[float | None, float | None]
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _number(expr: ast.Expr) -> float | None:
    match expr:
        case ast.IntLiteral(value=value) | ast.FloatLiteral(value=value):
            return float(value)
        case ast.Unary(operator="-", operand=operand):
            found = _number(operand)
            return None if found is None else -found
        case _:
            return None


def _bounds(expr: ast.Expr, columns: dict[Span, Field], subject: Subject) -> Bounds | None:
    """The least and the greatest value of a length or of a field with a range."""
    match expr:
        case ast.Call(function=function) if function.text in ("len", "count", "tokens"):
            return 0.0, None
        case ast.Variable(span=span):
            field = columns.get(span)
        case ast.FieldAccess():
            field = subject.field_at(expr)
        case _:
            return None
    if field is None or (field.minimum is None and field.maximum is None):
        return None
    return field.minimum, field.maximum


def _columns(subject: Subject) -> dict[Span, Field]:
    """The fields that names in `where` and `select` stand for, which need not be the declared ones."""
    nodes = {node.name.span: node.relation for node in subject.all(ast.Assign)}
    found: dict[Span, Field] = {}
    for flow, step in subject.steps:
        relation = nodes.get(step.span)
        if relation is None or not isinstance(step.operation, Where | Select):
            continue
        record = record_of(step.operation.table, flow, subject.program)
        for variable in inside(relation, ast.Variable) if record is not None else ():
            field = record.field(variable.name) if record is not None else None
            if field is not None:
                found[variable.span] = field
    return found


def _shown(bounds: Bounds) -> str:
    ends = (("at least", bounds[0]), ("at most", bounds[1]))
    return " and ".join(f"{words} {bound:g}" for words, bound in ends if bound is not None)


def _answer(operator: str, bounds: Bounds, number: float) -> bool | None:
    """What a comparison comes to for every value within the bounds, or None."""
    low, high = bounds
    below = low is not None and number < low
    above = high is not None and number > high
    match operator:
        case "==" | "!=" if below or above:
            return operator == "!="
        case ">" if below or (high is not None and number >= high):
            return below
        case ">=" if above or (low is not None and number <= low):
            return not above
        case "<" if above or (low is not None and number <= low):
            return above
        case "<=" if below or (high is not None and number >= high):
            return not below
        case _:
            return None
