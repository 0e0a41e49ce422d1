"""Folders under tests/cases/passes: a program each, its plan before the pass of that name, and after.

`make bless` writes the listings anew; read the difference before keeping it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from programs import build_plan, program

from apwa_compiler.pipeline import PASSES
from apwa_compiler.plan import Plan
from apwa_compiler.show import print_plan

ROOT = Path(__file__).parents[2] / "cases" / "passes"
CASES = sorted(path.parent for path in ROOT.glob("*/*/program.apwa"))


def the_pass(name: str) -> Callable[[Plan], Plan]:
    found: Callable[[Plan], Plan] = getattr(import_module(f"apwa_compiler.passes.{name}"), name)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.relative_to(ROOT)))
def test_a_pass(case: Path, pytestconfig: pytest.Config) -> None:
    improve = the_pass(case.parent.name)
    file = case / "program.apwa"
    before = build_plan(program(file.read_text(), file), None, {})
    after = improve(before)
    for name, plan in (("before.txt", before), ("after.txt", after)):
        listing = print_plan(plan).replace(str(case), "…")
        if pytestconfig.getoption("--bless"):
            (case / name).write_text(listing)
        assert listing == (case / name).read_text()
    assert improve(after) == after


def test_every_pass_has_a_case() -> None:
    assert {case.parent.name for case in CASES} == {improve.__name__ for improve in PASSES}
