"""Whole numbers that are calculated from one field each: can two of them be equal?

In: fields with ranges, each with a chain of ``+`` and ``*`` by constants. Out: an exact answer, by the extended
Euclidean algorithm (the dependence test of Banerjee, with the bounds taken in).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from apwa_lang.semantics.program import Filter
from apwa_lang.semantics.types import INT, Field


@dataclass(frozen=True, slots=True)
class Line:
    """``factor * n + offset`` for whole ``n`` from ``low`` to ``high``; a bound that is None is none."""

    factor: int
    offset: int
    low: int | None
    high: int | None


def line(field: Field, filters: tuple[Filter, ...]) -> Line | None:
    """What a chain of filters calculates from a field, or None where that is not so simple."""
    if field.type != INT:
        return None
    factor, offset = 1, 0
    for one in filters:
        by = one.arguments[0] if one.arguments else None
        if one.name == "string":
            continue
        if one.name not in ("+", "*") or not isinstance(by, int):
            return None
        factor, offset = (factor, offset + by) if one.name == "+" else (factor * by, offset * by)
    low = None if field.minimum is None or not math.isfinite(field.minimum) else math.ceil(field.minimum)
    high = None if field.maximum is None or not math.isfinite(field.maximum) else math.floor(field.maximum)
    return Line(factor, offset, low, high) if factor else None


def never_equal(left: Line, right: Line, same_field: bool) -> bool:
    """Whether no two numbers give equal values. With ``same_field``, equal numbers do not count."""
    divisor = math.gcd(left.factor, right.factor)
    difference = right.offset - left.offset
    if difference % divisor:
        return True
    # All solutions are (x + t * step_x, y + t * step_y) for whole t.
    _, x, y = _euclid(left.factor, right.factor)
    scale = difference // divisor
    x, y = x * scale, -y * scale
    step_x, step_y = right.factor // divisor, left.factor // divisor
    first: int | None = None
    last: int | None = None
    for start, step, one in ((x, step_x, left), (y, step_y, right)):
        # The bounds on x (or y) as bounds on t; dividing by a negative step exchanges them.
        low, high = (one.low, one.high) if step > 0 else (one.high, one.low)
        if low is not None:
            first = _larger(first, -((start - low) // step))
        if high is not None:
            last = _smaller(last, (high - start) // step)
    if first is not None and last is not None and first > last:
        return True
    if not same_field:
        return False
    if step_x == step_y:
        return x == y
    # x + t * step_x == y + t * step_y for one t at most.
    return first is not None and first == last and x + first * step_x == y + first * step_y


def _larger(one: int | None, other: int) -> int:
    return other if one is None else max(one, other)


def _smaller(one: int | None, other: int) -> int:
    return other if one is None else min(one, other)


def _euclid(a: int, b: int) -> tuple[int, int, int]:
    """``g, s, t`` with ``g = s * a + t * b``; g may be negative if ``a`` and ``b`` are."""
    s, t, next_s, next_t = 1, 0, 0, 1
    while b:
        quotient = a // b
        a, b = b, a - quotient * b
        s, next_s = next_s, s - quotient * next_s
        t, next_t = next_t, t - quotient * next_t
    return (a, s, t) if a > 0 else (-a, -s, -t)
