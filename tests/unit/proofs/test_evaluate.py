"""Expressions as the prover computes them, against the runtime; and conditions that contradict each other."""

from __future__ import annotations

import itertools

import pytest

from apwa_lang.proofs.conditions import contradict, narrowed
from apwa_lang.proofs.evaluate import NotKnownError, value_of
from apwa_lang.semantics.core import Apply, Const, Core, MakeList, Var
from apwa_lang.semantics.types import BOOL, INT, STR, Choice, Field, ListOf
from apwa_runtime.expressions import EvaluationError, compile_core

TEXTS = [Const(text, STR) for text in ("", "a", "aB", "a/b.txt", " x ", "1")]
NUMBERS = [Const(number, INT) for number in (-3, 0, 1, 2, 7)]
ON_TEXTS = ["len", "lower", "upper", "strip", "words", "key", "sha256", "basename", "stem", "dirname", "suffix", "str"]
ON_NUMBERS = ["neg", "abs", "str", "key", "int", "round"]
ON_TWO_TEXTS = ["+", "==", "!=", "<", "<=", "in", "contains", "starts_with", "ends_with"]
ON_TWO_NUMBERS = ["+", "-", "*", "//", "%", "==", "<", ">=", "min", "max"]


def both(core: Core) -> tuple[object, object]:
    """What the prover and the runtime make of an expression; None where it fails."""
    try:
        proved = value_of(core, {})
    except NotKnownError:
        proved = None
    try:
        return proved, compile_core(core)({})
    except EvaluationError:
        return proved, None


@pytest.mark.parametrize("name", [*ON_TEXTS, *ON_NUMBERS])
def test_functions_of_one_value(name: str) -> None:
    for value in TEXTS if name in ON_TEXTS else NUMBERS:
        mine, theirs = both(Apply(name, (value,)))
        assert mine == theirs


@pytest.mark.parametrize("name", [*ON_TWO_TEXTS, *ON_TWO_NUMBERS])
def test_functions_of_two_values(name: str) -> None:
    values = TEXTS if name in ON_TWO_TEXTS else NUMBERS
    if name in ON_TWO_TEXTS and name in ON_TWO_NUMBERS:
        values = [*TEXTS[:3]]
    for pair in itertools.product(values, repeat=2):
        mine, theirs = both(Apply(name, pair))
        assert mine == theirs, (name, pair)


def test_dates_are_not_calculated_with() -> None:
    day = Const("2024-01-01", STR)
    with pytest.raises(NotKnownError):
        value_of(Apply("+", (day, Const("P1D", STR))), {})


N, S, FLAG = Var("n"), Var("s"), Var("flag")


def compare(word: str, core: Core, value: object) -> Core:
    return Apply(word, (core, Const(value, INT if isinstance(value, int) else STR)))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (compare("<", N, 5), compare(">=", N, 5), True),
        (compare("<=", N, 5), compare(">=", N, 5), False),
        (compare("==", S, "a"), compare("==", S, "b"), True),
        (compare("==", S, "a"), compare("!=", S, "a"), True),
        (compare("!=", S, "a"), compare("!=", S, "b"), False),
        (FLAG, Apply("not", (FLAG,)), True),
        (compare("==", Apply("%", (N, Const(2, INT))), 0), compare("==", Apply("%", (N, Const(2, INT))), 1), True),
        (Apply("and", (compare(">", N, 1), FLAG)), compare("<", N, 1), True),
        (Apply("or", (compare(">", N, 1), FLAG)), compare("<", N, 1), False),
        (Apply("<", (N, Var("m"))), Apply(">=", (N, Var("m"))), True),
        (Apply("<", (N, Var("m"))), Apply("<", (Var("m"), N)), True),
        (Apply("in", (S, MakeList((Const("a", STR), Const("b", STR))))), compare("==", S, "c"), True),
        (Apply("in", (S, Const(["a", "b"], ListOf(STR)))), compare("==", S, "b"), False),
        # A null is neither equal to true nor to false.
        (Apply("!=", (FLAG, Const(True, BOOL))), Apply("!=", (FLAG, Const(False, BOOL))), False),
        # NaN is on neither side of a bound.
        (Apply("not", (compare("<", N, 5),)), Apply("not", (compare(">", N, 3),)), False),
    ],
)  # fmt: skip
def test_contradictions(one: Core, other: Core, apart: bool) -> None:
    assert contradict([(one, True), (other, True)]) is apart


@pytest.mark.parametrize(
    ("field", "core", "expected", "left"),
    [
        (Field("s", STR), compare("==", S, "a"), True, Field("s", Choice(("a",)))),
        (Field("s", STR), compare("!=", S, "a"), True, Field("s", STR)),
        (Field("s", Choice(("a", "b"))), compare("!=", S, "a"), True, Field("s", Choice(("b",)))),
        (Field("n", INT), compare("<", N, 5), True, Field("n", INT, maximum=4)),
        (Field("n", INT, maximum=3), compare("<", N, 5), True, Field("n", INT, maximum=3)),
        (Field("n", INT), compare("<", N, 5), False, Field("n", INT, minimum=5)),
        (Field("n", INT), Apply("or", (compare("<", N, 5), FLAG)), True, Field("n", INT)),
    ],
)
def test_what_a_condition_leaves(field: Field, core: Core, expected: bool, left: Field) -> None:
    assert narrowed(field, core, expected, field.name) == left
