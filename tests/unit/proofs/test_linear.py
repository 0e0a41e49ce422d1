"""Whole numbers that are calculated from fields: when they are never equal, against trying all of a range."""

from __future__ import annotations

import random

import pytest

from apwa_lang.proofs.linear import Line, line, never_equal
from apwa_lang.semantics.program import Filter
from apwa_lang.semantics.types import INT, STR, Field

WIDE = 60


def drawn(rng: random.Random) -> Line:
    low, high = rng.choice([None, rng.randint(-5, 5)]), rng.choice([None, rng.randint(-5, 8)])
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Line(rng.choice([-6, -3, -2, -1, 1, 2, 3, 4]), rng.randint(-9, 9), low, high)


def numbers(one: Line) -> range:
    return range(-WIDE if one.low is None else one.low, WIDE + 1 if one.high is None else one.high + 1)


@pytest.mark.parametrize("seed", range(8))
def test_equal_values_are_found_exactly(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(1_500):
        left, right = drawn(rng), drawn(rng)
        same = rng.random() < 0.5
        if same:
            right = Line(right.factor, right.offset, left.low, left.high)
        values: dict[int, list[int]] = {}
        for y in numbers(right):
            values.setdefault(right.factor * y + right.offset, []).append(y)
        met = any(not same or x != y for x in numbers(left) for y in values.get(left.factor * x + left.offset, ()))
        assert never_equal(left, right, same) is not met, (left, right, same)


def test_a_chain_of_additions_and_products_is_a_line() -> None:
    chain = (Filter("*", (2,)), Filter("+", (3,)), Filter("*", (-1,)), Filter("string"))
    assert line(Field("n", INT, minimum=0), chain) == Line(-2, -3, 0, None)
    assert line(Field("n", INT), (Filter("*", (0,)),)) is None
    assert line(Field("n", INT), (Filter("%", (3,)),)) is None
    assert line(Field("s", STR), ()) is None
