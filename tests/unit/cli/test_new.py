"""`apwa new`: the project it writes is right, as it is and with the model switched on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apwa_lang.cli.main import run


def test_the_project_checks_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "deep" / "project"
    assert run(["new", str(root)]) == 0
    files = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    assert files == [".gitignore", "README.md", "data/tickets.jsonl", "main.apwa"]
    capsys.readouterr()
    assert run(["check", "--deny-warnings", str(root)]) == 0, capsys.readouterr().out


def test_the_model_task_checks_clean_once_switched_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", str(tmp_path)]) == 0
    program = tmp_path / "main.apwa"
    before, _, after = program.read_text().partition("# model small")
    program.write_text(before + re.sub("(?m)^# ?", "", "# model small" + after))
    assert "\nmodel small {" in program.read_text()
    assert run(["check", "--deny-warnings", str(program)]) == 0, capsys.readouterr().out


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "README.md").write_text("mine")
    assert run(["new", str(tmp_path)]) == 2
    assert "README.md` exists, and nothing is overwritten" in capsys.readouterr().err
    assert (tmp_path / "README.md").read_text() == "mine"
    assert not (tmp_path / "main.apwa").exists()


def test_a_file_in_the_way_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run(["new", str(tmp_path / "file")]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error: cannot write to")
