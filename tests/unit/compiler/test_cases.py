"""Folders under tests/cases: a program each, and the text that the compiler makes of it.

``APWA_BLESS=1`` writes the expected files anew; read the difference before keeping it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from programs import build_plan, program

from apwa_compiler.emit.mermaid import mermaid
from apwa_compiler.passes.order import order
from apwa_compiler.pipeline import PASSES, optimise
from apwa_compiler.plan import Plan
from apwa_compiler.show import print_plan
from apwa_lang.cli.plan import command as plan_command

CASES = Path(__file__).parents[2] / "cases"
PASS_CASES = sorted(path.parent for path in CASES.glob("compile/*/*/program.apwa"))


def cases(stage: str) -> list[Path]:
    return sorted(path.parent for path in (CASES / stage).glob("*/program.apwa"))


def name(path: Path) -> str:
    return str(path.relative_to(CASES))


def built(case: Path) -> Plan:
    file = case / "program.apwa"
    return build_plan(program(file.read_text(), file), None, {})


def the_pass(name: str) -> Callable[[Plan], Plan]:
    found: Callable[[Plan], Plan] = getattr(import_module(f"apwa_compiler.passes.{name}"), name)
    return found


def expect(file: Path, text: str, case: Path) -> None:
    """Compare with the file, where the case's folder is written as ``…``."""
    text = text.replace(str(case), "…")
    if os.environ.get("APWA_BLESS"):
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize("case", PASS_CASES, ids=name)
def test_a_pass(case: Path) -> None:
    improve: Callable[[Plan], Plan] = getattr(
        import_module(f"apwa_compiler.passes.{case.parent.name}"), case.parent.name
    )
    before = built(case)
    after = improve(before)
    expect(case / "before.txt", print_plan(before), case)
    expect(case / "after.txt", print_plan(after), case)
    assert improve(after) == after
    assert order(after).steps


def test_every_pass_has_a_case() -> None:
    assert {case.parent.name for case in PASS_CASES} == {improve.__name__ for improve in PASSES}


@pytest.mark.parametrize("case", cases("graph"), ids=name)
def test_a_drawing(case: Path) -> None:
    expect(case / "expected.mmd", mermaid(optimise(built(case))), case)


@pytest.mark.parametrize("case", cases("plan"), ids=name)
@pytest.mark.parametrize(("output_format", "suffix"), [("text", "txt"), ("json", "json")])
def test_an_estimate(case: Path, output_format: str, suffix: str) -> None:
    done = CliRunner().invoke(plan_command, [str(case / "program.apwa"), "--output-format", output_format])
    assert done.exit_code == 0, done.output
    expect(case / f"expected.{suffix}", done.stdout, case)
