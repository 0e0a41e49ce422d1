"""Results of arithmetic that are compared to the last digit (APWA608)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import replacement
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.walk import inside

EQUAL_FLOATS = register(
    "APWA608",
    "sums of floats that must be equal",
    severity=Severity.WARNING,
    explanation="""
Arithmetic with floats rounds: `0.1 + 0.2` is not `0.3`. An equality with a sum, a mean or another result of it fails
now and then for values that are right; where a model is asked again until it holds, that is paid for.
""",
    fix="Compare the difference with what may be lost: `abs(a - b) < 0.01`.",
    bad="""
record Invoice { total: float, amounts: list[float] }
table invoices: Invoice = read "invoices.jsonl"
flow main {
  right = invoices where total == sum(amounts)
  save right to "out/right.jsonl"
}
""",
    good="""
record Invoice { total: float, amounts: list[float] }
table invoices: Invoice = read "invoices.jsonl"
flow main {
  right = invoices where abs(total - sum(amounts)) < 0.01
  save right to "out/right.jsonl"
}
""",
)


@rule(EQUAL_FLOATS)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `==` and `!=`, but for those of tests, with a result of arithmetic over floats on one side."""
    expected = {id(node) for test in subject.all(ast.Expect) for node in inside(test, ast.Binary)}
    for node in subject.all(ast.Binary):
        if node.operator not in ("==", "!=") or id(node) in expected:
            continue
        if any(_is_worked_out(side, subject) for side in (node.left, node.right)):
            text = f"abs({node.left.span.text} - {_operand(node.right)}) {'<' if node.operator == '==' else '>='} 0.01"
            yield EQUAL_FLOATS.at(
                node.span,
                "what arithmetic with floats gives is compared to the last digit",
                "rounding decides",
                help=f"write `{text}`, or how much may be lost",
                fix=Fix(f"write `{text}`", (replacement(node.span, text),), safe=False),
            )


def _is_worked_out(value: ast.Expr, subject: Subject) -> bool:
    """Whether a value is a sum, a mean or the result of an operator, of floats."""
    match value:
        case ast.Call(function=ast.Name(text="sum" | "mean")) | ast.Binary(operator="+" | "-" | "*" | "/"):
            names: list[ast.Variable | ast.FieldAccess] = [
                *inside(value, ast.Variable),
                *inside(value, ast.FieldAccess),
            ]
            return any(str(subject.type_at(name)) in ("float", "list[float]") for name in names)
        case _:
            return False


def _operand(value: ast.Expr) -> str:
    return f"({value.span.text})" if isinstance(value, ast.Binary) else value.span.text
