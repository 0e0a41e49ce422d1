"""Whole numbers that are calculated from columns, and that are never equal.

In: two pieces of paths that show such numbers. Out: whether no values of the columns give equal ones: the solutions of
one linear equation in whole numbers, within the ranges of the columns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from apwa_lang.verifier.paths import Shown
from apwa_lang.verifier.types import INT


@dataclass(frozen=True, slots=True)
class _Line:
    """``factor * n + offset`` for whole ``n`` from ``low`` to ``high``."""

    factor: int
    offset: int
    low: float
    high: float


def never_equal(left: Shown, right: Shown, same_column: bool) -> bool:
    """Whether the two never show one number; with ``same_column``, unless they are about one value of it."""
    one, other = _line(left), _line(right)
    if one is None or other is None:
        return False
    divisor = math.gcd(one.factor, other.factor)
    difference = other.offset - one.offset
    if difference % divisor:
        return True
    # All solutions are n = first + step * t, and m = start + slope * t on the other side, for whole t.
    step = abs(other.factor // divisor)
    first = difference // divisor * pow(one.factor // divisor, -1, step) % step if step > 1 else 0
    start = (one.factor * first + one.offset - other.offset) // other.factor
    slope = one.factor * step // other.factor
    bounds = (_steps(first, step, one), _steps(start, slope, other))
    least, most = max(low for low, _ in bounds), min(high for _, high in bounds)
    if least > most:
        return True
    if not same_column:
        return False
    if step == slope:
        return first == start
    at = (start - first) // (step - slope)
    return least == most == at and first + step * at == start + slope * at


def _line(shown: Shown) -> _Line | None:
    """What a hole calculates from a column; None where it is not that simple."""
    column = shown.column
    if shown.origin != "field" or column.type != INT:
        return None
    factor, offset = 1, 0
    for one in shown.filters:
        number = one.arguments[0] if one.arguments else None
        if one.name == "string":
            continue
        if one.name not in ("+", "*") or not isinstance(number, int) or isinstance(number, bool):
            return None
        factor, offset = (factor, offset + number) if one.name == "+" else (factor * number, offset * number)
    low = -math.inf if column.low is None else column.low
    high = math.inf if column.high is None else column.high
    return _Line(factor, offset, low, high) if factor else None


def _steps(first: int, step: int, line: _Line) -> tuple[float, float]:
    """The least and the greatest whole t for which ``first + step * t`` is in the range of a line."""
    low, high = (line.low, line.high) if step > 0 else (line.high, line.low)
    least = -math.inf if math.isinf(low) else -((first - math.ceil(low)) // step) if step > 0 else _up(low, first, step)
    most = (
        math.inf if math.isinf(high) else (math.floor(high) - first) // step if step > 0 else _down(high, first, step)
    )
    return least, most


def _up(bound: float, first: int, step: int) -> int:
    """The least t with ``first + step * t`` at most the bound, for a step below zero."""
    return -((math.floor(bound) - first) // -step)


def _down(bound: float, first: int, step: int) -> int:
    """The greatest t with ``first + step * t`` at least the bound, for a step below zero."""
    return (first - math.ceil(bound)) // -step
