"""Python functions that take several sub-problems in one call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apwa_compiler.plan import Policy, Python
from apwa_lang.semantics.types import INT, Field, RecordType
from apwa_runtime.bodies.protocol import Body, Done
from tests.unit.runtime.hosted_bodies import NUMBERED, made, outcomes, reasons, texts, values

MODULE = """
import os

def sizes(texts):
    return [f"{text}/{len(texts)}" for text in texts]

def named(texts, numbers):
    return tuple(f"{text}{number}" for text, number in zip(texts, numbers))

def records(items):
    return [item.n + 1 for item in items]

def picky(texts):
    if "exit" in texts:
        os._exit(3)
    if "memory" in texts:
        raise MemoryError
    return [1 if text == "number" else text for text in texts]

def lazy(texts):
    return map(str, texts)
"""
ITEM = RecordType("Item", (Field("n", INT),))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "functions.py").write_text(MODULE)
    return tmp_path


def batched(project: Path, name: str, isolation: str = "shared", **given: Any) -> Body:
    return made(project, Python(f"functions:{name}", str(project), isolation), **{"batch": 3, **given})


def test_a_call_takes_up_to_n(project: Path) -> None:
    found = outcomes(batched(project, "sizes"), texts(*"abcde"))
    assert values(found) == ["a/3", "b/3", "c/3", "d/2", "e/2"]


def test_calls_that_must_not_share_a_process_take_one(project: Path) -> None:
    assert values(outcomes(batched(project, "sizes", "own"), texts("a", "b"))) == ["a/1", "b/1"]


def test_each_parameter_is_a_list(project: Path) -> None:
    body = batched(project, "named", parameters=NUMBERED)
    assert values(outcomes(body, [{"text": text, "number": 1} for text in "ab"])) == ["a1", "b1"]


def test_records_are_instances(project: Path) -> None:
    body = batched(project, "records", result=INT, parameters=(("item", ITEM),))
    assert values(outcomes(body, [{"item": {"n": n}} for n in range(4)])) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("exit", "its process ended with exit code 3"),
        ("memory", "MemoryError (functions.py:17 in picky)"),
        ("number", "`functions:picky` returned a value that is no str: expected str, found 1"),
    ],
)
def test_one_bad_item_costs_no_neighbour(project: Path, bad: str, reason: str) -> None:
    found = outcomes(batched(project, "picky", policy=Policy(retry=1, backoff=0.0)), texts("a", bad, "c", "d"))
    assert reasons(found) == {1: reason}
    assert [one.value for one in found if isinstance(one, Done)] == ["a", "c", "d"]


def test_a_list_is_asked_for(project: Path) -> None:
    told = "`functions:lazy` must return a list of results, one for each of 1 sub-problems; it returned a `map`"
    assert reasons(outcomes(batched(project, "lazy"), texts("a"))) == {0: told}
