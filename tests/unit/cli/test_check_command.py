"""`apwa check`: what it reads, what it says, and its exit codes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from apwa_lang.cli.main import run

CLEAN = "record Note { id: str }\n"
BROKEN = "record Note { id: Strang }\n"
WARNED = "# apwa: ignore[APWA901]\nrecord Note { id: str }\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def test_a_folder_stands_for_the_programs_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    write("b/two.apwa", CLEAN)
    write("a.apwa", CLEAN)
    write(".hidden/three.apwa", BROKEN)
    write("b/other.txt", BROKEN)
    assert run(["check", "."]) == 0
    assert capsys.readouterr().out == "no problems found in 2 files\n"


def test_without_arguments_the_current_folder_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.apwa", BROKEN)
    assert run(["check"]) == 1
    assert capsys.readouterr().out.endswith("\n1 error in 1 file\n")


def test_a_file_named_twice_is_checked_once(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.apwa", BROKEN)
    assert run(["check", "a.apwa", "."]) == 1
    assert capsys.readouterr().out.endswith("\n1 error in 1 file\n")


def test_findings_of_several_files_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.apwa", BROKEN + "record Note { id: str }\n")
    write("b.apwa", WARNED)
    write("c.apwa", CLEAN)
    assert run(["check", "a.apwa", "b.apwa", "c.apwa"]) == 1
    assert capsys.readouterr().out.endswith("\n2 errors, 1 warning in 2 files\n")


def test_warnings_fail_only_when_denied() -> None:
    write("a.apwa", WARNED)
    assert run(["check", "a.apwa"]) == 0
    assert run(["check", "a.apwa", "--deny-warnings"]) == 1


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BROKEN.encode())))
    assert run(["check", "-"]) == 1
    assert " --> <stdin>:1:19\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("none.apwa", "cannot read `none.apwa`: no such file or directory"),
        ("empty", "no .apwa file in `empty`"),
        ("latin.apwa", "cannot read `latin.apwa`: not UTF-8 text (byte 0xe9 in line 2)"),
    ],
)
def test_unreadable_input_ends_with_2(argument: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    Path("latin.apwa").write_bytes(b"# one\n# caf\xe9\n")
    write("good.apwa", BROKEN)
    assert run(["check", argument, "good.apwa"]) == 2
    printed = capsys.readouterr()
    assert printed.err == f"error: {message}\n"
    assert "1 error in 1 file" in printed.out, "the other files are checked all the same"


def test_json_on_standard_output_is_all_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.apwa", BROKEN)
    assert run(["check", "a.apwa", "--output-format", "json"]) == 1
    [found] = json.loads(capsys.readouterr().out)
    assert found["file"] == "a.apwa"


def test_paths_are_relative_to_the_current_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write("sub/a.apwa", BROKEN)
    assert run(["check", str(folder / "sub")]) == 1
    assert " --> sub/a.apwa:1:19\n" in capsys.readouterr().out


def test_fix_mends_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.apwa", WARNED)
    assert run(["check", "--fix", "a.apwa"]) == 0
    assert capsys.readouterr().out == "fixed 1 problem; no problems found in 1 file\n"
    assert Path("a.apwa").read_text() == CLEAN


def test_fix_leaves_what_it_cannot_mend(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.apwa", WARNED + "# apwa: ignore[APWA9999]\n")
    assert run(["check", "--fix", "a.apwa", "--output-format", "json"]) == 0
    printed = capsys.readouterr()
    assert len(json.loads(printed.out)) == 1
    assert printed.err == "fixed 1 problem\n"


def test_standard_input_cannot_be_fixed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--fix", "-"]) == 2
    assert "cannot mend standard input" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "colored"), [("always", True), ("never", False), ("auto", False)])
def test_color(option: str, colored: bool, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.apwa", BROKEN)
    run(["check", "--color", option, "a.apwa"])
    assert ("\x1b[" in capsys.readouterr().out) == colored


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("no_color", "colored"), [("", True), ("1", False)])
def test_color_on_a_terminal(no_color: str, colored: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.apwa", BROKEN)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", no_color)
    run(["check", "a.apwa"])
    assert ("\x1b[" in terminal.getvalue()) == colored
