"""`apwa plan`, `apwa compile` and `apwa graph` from the command line."""

from __future__ import annotations

import json
import py_compile
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click import Command
from click.testing import CliRunner, Result
from programs import COUNTS, FIRST_PAGE, build_plan, program

from apwa_compiler.pipeline import optimise
from apwa_compiler.plan_json import from_json
from apwa_lang.cli import compile as compile_module
from apwa_lang.cli import graph as graph_module
from apwa_lang.cli import plan as plan_module

COMPILE = compile_module.command
GRAPH = graph_module.command
PLAN = plan_module.command


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    file = tmp_path / "notes.apwa"
    file.write_text(FIRST_PAGE)
    return file


def run(command: Command, *arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_compile_writes_the_optimised_plan(notes: Path) -> None:
    done = run(COMPILE, notes)
    assert done.exit_code == 0, done.output
    assert from_json(done.stdout).steps == optimise(build_plan(program(FIRST_PAGE, notes), None, {})).steps


def test_compile_writes_a_program_where_the_file_s_name_says_so(notes: Path, tmp_path: Path) -> None:
    done = run(COMPILE, notes, "-o", tmp_path / "new" / "notes.py")
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    py_compile.compile(str(tmp_path / "new" / "notes.py"), doraise=True)


def test_compile_binds_parameters(notes: Path) -> None:
    done = run(COMPILE, notes, "--to", "python", "--param", "style=full")
    assert 'Parameter(name="style", type=types.Choice(("short", "full")), value="full")' in done.stdout


def test_graph_draws_mermaid_and_svg(notes: Path, tmp_path: Path) -> None:
    assert run(GRAPH, notes).stdout.startswith("flowchart TD\n")
    assert run(GRAPH, notes, "-o", tmp_path / "notes.svg").exit_code == 0
    ElementTree.parse(tmp_path / "notes.svg")


@pytest.mark.parametrize("command", [COMPILE, GRAPH, PLAN])
def test_errors_in_the_program_end_with_1(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "bad.apwa"
    file.write_text('flow main { save nothing to "a.csv" }')
    done = run(command, file)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "nothing" in done.stderr


@pytest.mark.parametrize("command", [COMPILE, GRAPH, PLAN])
def test_a_wrong_parameter_is_bad_usage_and_says_so(command: Command, notes: Path) -> None:
    done = run(command, notes, "--param", "style=long")
    assert (done.exit_code, done.stdout) == (2, "")
    assert '"long" is not one of "short", "full"' in done.stderr


@pytest.mark.parametrize("command", [COMPILE, GRAPH, PLAN])
def test_an_unreadable_program_ends_with_2(command: Command, tmp_path: Path) -> None:
    assert run(command, tmp_path / "gone.apwa").exit_code == 2


def test_an_output_that_cannot_be_written_ends_with_2(notes: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert run(COMPILE, notes, "-o", tmp_path / "taken" / "out.json").exit_code == 2


def test_plan_runs_nothing_and_says_what_a_run_would_do(tmp_path: Path) -> None:
    file = tmp_path / "counts.apwa"
    file.write_text(COUNTS + 'flow main { grown = map grow over each save grown to "grown.csv" }')
    done = run(PLAN, file, "--output-format", "json")
    assert done.exit_code == 0, done.output
    shown = json.loads(done.stdout)
    assert shown["steps"][0]["subproblems"] == 2
    assert shown["results"] == [{"table": "grown", "path": str(tmp_path / "grown.csv"), "rows": 2}]
    assert [path.name for path in tmp_path.iterdir()] == ["counts.apwa"]


def test_plan_of_a_missing_table_ends_with_2(notes: Path) -> None:
    done = run(PLAN, notes)
    assert done.exit_code == 2
    assert "notes.jsonl" in done.stderr


def test_a_compiled_program_runs_without_the_program_text(tmp_path: Path) -> None:
    file = tmp_path / "counts.apwa"
    file.write_text(COUNTS + 'flow main { grown = map grow over each save grown to "out/grown.csv" }')
    assert run(COMPILE, file, "-o", tmp_path / "counts.py").exit_code == 0
    file.unlink()
    done = subprocess.run(
        [sys.executable, "counts.py", "--progress", "none"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "grown.csv").read_text().splitlines() == ["id,words", "a,4", "b,6"]
