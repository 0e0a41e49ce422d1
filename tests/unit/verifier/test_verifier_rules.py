"""Single rules of the verifier: numbers against all values of small ranges, and what may be said of a body."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from apwa_lang.syntax.source import Source, Span
from apwa_lang.verifier.applied import Filter
from apwa_lang.verifier.bodies import Body
from apwa_lang.verifier.document import Said
from apwa_lang.verifier.hypotheses import CASE, Hypothesis, stateless
from apwa_lang.verifier.numbers import never_equal
from apwa_lang.verifier.paths import Shown
from apwa_lang.verifier.shared import body_objection
from apwa_lang.verifier.types import INT, Column

SPAN = Span(Source("", "a.apwa", None), 0, 0)
PROVED = Said("proved", "B2", frozenset(), None, None, None)
SERVER = Hypothesis("`api.example` keeps nothing of one call for another", "trusted")


@pytest.mark.parametrize("seed", range(300))
def test_numbers_are_never_equal_just_when_no_values_make_them_so(seed: int) -> None:
    chance = random.Random(seed)
    sides = []
    for _ in "ab":
        factor, offset = chance.choice([-6, -4, -3, -2, -1, 1, 2, 3, 4, 6]), chance.randint(-9, 9)
        low = chance.randint(-6, 6)
        high = low + chance.randint(0, 9)
        column = Column("n", INT, low=low, high=high)
        shown = Shown("field", "n", column, (Filter("*", (factor,)), Filter("+", (offset,)), Filter("string")))
        sides.append((shown, [(n, factor * n + offset) for n in range(low, high + 1)]))
    (left, values), (right, others) = sides
    equal = [(n, m) for n, value in values for m, other in others if value == other]
    assert never_equal(left, right, False) == (not equal)
    assert never_equal(left, right, True) == all(n == m for n, m in equal)


def test_numbers_without_bounds_are_equal_unless_a_divisor_parts_them() -> None:
    free = Shown("field", "n", Column("n", INT), (Filter("*", (2,)),))
    odd = replace(free, filters=(Filter("*", (4,)), Filter("+", (1,))))
    assert never_equal(free, odd, False)
    assert not never_equal(free, replace(odd, filters=(Filter("*", (3,)),)), False)
    assert not never_equal(free, replace(odd, filters=(Filter("*", (2,)), Filter("//", (3,)))), False)


@pytest.mark.parametrize(
    ("language", "said", "accepted"),
    [
        ("python", PROVED, True),
        ("python", replace(PROVED, hypotheses=frozenset({SERVER})), True),
        ("python", replace(PROVED, hypotheses=frozenset({CASE})), False),
        ("python", replace(PROVED, rule="B1"), False),
        ("python", replace(PROVED, reason="because"), False),
        ("python", replace(PROVED, backing="process"), False),
        ("python", Said("trusted", "", frozenset(), None, None, "I looked"), True),
        ("python", Said("trusted", "", frozenset(), None, None, "I did not"), False),
        ("python", Said("checked", "", frozenset(), None, "launch", None), False),
        ("prompt", Said("proved", "B1", frozenset({stateless("small")}), None, None, None), True),
        ("prompt", Said("proved", "B1", frozenset(), None, None, None), False),
        ("prompt", Said("trusted", "", frozenset(), None, None, "I looked"), False),
        ("shell", PROVED, False),
        ("server", PROVED, False),
    ],
)
def test_what_may_be_said_of_a_body(language: str, said: Said, accepted: bool) -> None:
    body = Body(language, "x", SPAN, ("small",))
    assert (body_objection(body, "I looked", said, None) is None) == accepted


OWN = Said(
    "checked",
    "",
    frozenset(),
    None,
    "process",
    "each sub-problem has a server of its own that may write to its scratch folder only",
)
REMOTE = Said(
    "trusted",
    "",
    frozenset(),
    None,
    None,
    "what one sub-problem asks of this server is taken to change nothing there for another",
)
VOUCHED = Said("trusted", "", frozenset(), None, None, "I wrote it")


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (Body("server", "x", SPAN), OWN),
        (Body("server", "x", SPAN, remote=True), REMOTE),
        (Body("server", "x", SPAN, trust="I wrote it"), VOUCHED),
        (Body("server", "x", SPAN, remote=True, trust="I wrote it"), VOUCHED),
        (Body("server", "x", SPAN, remote=True, together=True, trust="I wrote it"), VOUCHED),
        (Body("server", "x", SPAN, together=True), None),
        (Body("server", "x", SPAN, remote=True, together=True), None),
    ],
)
def test_one_thing_may_be_said_of_a_server(server: Body, said: Said | None) -> None:
    accepted = [
        one for one in (OWN, REMOTE, VOUCHED, PROVED) if body_objection(server, "of the task", one, None) is None
    ]
    assert accepted == ([] if said is None else [said])


@pytest.mark.parametrize(("together", "accepted"), [(False, True), (True, False)])
def test_no_process_keeps_apart_what_one_call_takes_together(together: bool, accepted: bool) -> None:
    reason = "each call runs in a process of its own that may write to its scratch folder only: it is unknown"
    body = Body("python", "x", SPAN, together=together)
    said = Said("checked", "", frozenset(), None, "process", reason)
    assert (body_objection(body, None, said, None) is None) == accepted
