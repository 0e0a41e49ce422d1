"""Constants: literals as JSON-able values.

In: the tree of a literal and the type it must have. Out: its value as JSON would hold it: dates, times and durations as
ISO-8601 text, bytes as base64, records as objects with every field. What is no constant is reported.
"""

from __future__ import annotations

from dataclasses import replace

from apwa_lang.diagnostics.codes import literals as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.semantics.core import Const, Core, MakeList, MakeMap, MakeRecord
from apwa_lang.semantics.expressions import check_against
from apwa_lang.semantics.scope import Scope
from apwa_lang.semantics.types import Type
from apwa_lang.syntax import nodes
from apwa_lang.syntax.source import Span


def constant(
    expr: nodes.Expr,
    expected: Type,
    scope: Scope,
    what: str = "this value",
    because: tuple[Span, str] | None = None,
) -> object | None:
    """The value of ``expr``, which must be a literal of type ``expected``; None, reported, where it is not.

    None is also the value of ``null``.
    """
    findings = 0

    def report(diagnostic: Diagnostic) -> None:
        nonlocal findings
        findings += 1
        scope.report(diagnostic)

    watched = replace(scope, report=report)
    core = check_against(expr, expected, watched, what, because)
    if findings:
        return None
    try:
        return value_of(core)
    except ValueError:
        report(codes.not_constant(expr.span))
        return None


def value_of(core: Core) -> object:
    """The JSON-able value of a constant. Raises ValueError for an expression that must be evaluated."""
    match core:
        case Const(value):
            return value
        case MakeList(items):
            return [value_of(item) for item in items]
        case MakeRecord(_, fields) | MakeMap(fields):
            return {name: value_of(value) for name, value in fields}
        case _:
            raise ValueError("not a constant")
