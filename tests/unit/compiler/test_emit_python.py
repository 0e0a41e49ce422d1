"""Plans as stand-alone Python programs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from plans import COUNT, DIGEST, NOTE, more_than, save, small, step, task, wards

from apwa_compiler.emit.python import python
from apwa_compiler.pipeline import optimise
from apwa_compiler.plan import Parameter, Plan, Prompt, Select
from apwa_lang.semantics.core import Apply, Const
from apwa_lang.semantics.types import FLOAT, JSON, STR, RecordType


def rebuilt(plan: Plan) -> Any:
    """The plan that the emitted program builds."""
    scope: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(python(plan), "program.py", "exec"), scope)
    return scope["PLAN"]


def awkward() -> Iterator[Plan]:
    yield wards()
    yield optimise(wards())
    yield small()
    yield small(step("long", more_than(3), "counts"), save("long"), tasks=(task("f", "mod:fn"),))
    yield small(parameters=(Parameter("text", STR, 'a """quoted"""\n\\ text'),))
    yield small(parameters=(Parameter("data", JSON, {"a": [1, None, {"$": True}], "b": float("inf")}),))
    yield replace(small(), program='/tmp/odd """name\\.apwa')
    long = Apply("+", (Const("x" * 90, STR), Const("y" * 90, STR)))
    yield small(step("made", Select((("id", long), ("words", Const(0.5, FLOAT)))), "counts"))
    prompt = 'Say "it\'s".\n\nThen {% if x %}…{% endif %}\n' + "z" * 130 + "\n"
    yield replace(wards(), tasks=(replace(wards().tasks[0], body=Prompt(prompt, ("small",), "Be brief.")),))
    twin = RecordType("Note", NOTE.fields[:2])
    yield replace(small(), steps=(replace(small().steps[0], record=twin), wards().steps[0]))


@pytest.mark.parametrize("plan", list(awkward()))
def test_the_program_builds_the_same_plan(plan: Plan) -> None:
    assert rebuilt(plan) == plan


def test_names_of_rows_are_python_names() -> None:
    text = python(wards())
    assert "\nNOTE = types.RecordType(\n" in text
    assert "\nPER_WARD = types.RecordType(" in text
    assert text.count('types.RecordType(\n    "Note"') == 1


def test_two_records_of_one_name_get_two_names() -> None:
    other = replace(DIGEST, fields=COUNT.fields)
    plan = replace(wards(), steps=(*wards().steps, replace(small().steps[0], record=other)))
    assert "DIGEST_2 = " in python(plan)
    assert rebuilt(plan) == plan


def test_the_docstring_says_where_it_comes_from_and_how_to_run_it() -> None:
    text = python(wards(), "wards.py")
    assert text.startswith('"""Flow `main` of notes.apwa, compiled by `apwa compile`.\n')
    assert "python wards.py" in text
    assert 'style = "short"' in text


def test_secrets_are_named_and_not_held() -> None:
    assert 'Secret(name="LLM_KEY", hidden=True)' in python(wards())


@pytest.mark.parametrize("plan", [wards(), small(), small(step("long", more_than(3), "counts"), save("long"))])
def test_the_program_is_tidy(plan: Plan, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(python(plan))
    for command in (["format", "--diff"], ["check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--config", "line-length = 120", "--isolated", str(program)]
        done = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
