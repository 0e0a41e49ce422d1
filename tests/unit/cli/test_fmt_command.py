"""`apwa fmt`: what it reads and writes, what it says, and its exit codes."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from apwa_lang.cli.main import run

LOOSE = "record  Note{id:str}\n"
NEAT = "record Note { id: str }\n"
BROKEN = "record { id: str }\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_standard_input_goes_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, LOOSE)
    assert run(["fmt", "-"]) == 0
    assert capsys.readouterr() == (NEAT, "")


def test_standard_input_that_does_not_parse_gives_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, BROKEN)
    assert run(["fmt", "-"]) == 2
    assert capsys.readouterr() == ("", told("<stdin>"))


def told(path: str) -> str:
    """What is said of BROKEN."""
    return (
        f"error[APWA001]: expected a name after `record`\n --> {path}:1:7\n  |\n1 | {BROKEN}  |       ^\n"
        f"note: run `apwa explain APWA001`\nerror: cannot format `{path}`: it does not parse\n"
    )


def test_what_does_not_parse_is_shown_as_by_check_and_the_others_are_formatted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("a.apwa").write_text(BROKEN)
    Path("b.apwa").write_text(LOOSE)
    assert run(["fmt"]) == 2
    assert capsys.readouterr() == ("reformatted b.apwa\n1 file reformatted\n", told("a.apwa"))
    assert (Path("a.apwa").read_text(), Path("b.apwa").read_text()) == (BROKEN, NEAT)


def test_standard_input_has_a_name_and_its_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("lib").mkdir()
    Path("lib/apwa.toml").write_text("[format]\nline_length = 40\n")
    long = "param p: list[str] = [first, second, third, fourth]\n"
    give(monkeypatch, long)
    assert run(["fmt", "-", "--stdin-filename", "lib/a.apwa"]) == 0
    assert capsys.readouterr().out.count("\n") == 6
    give(monkeypatch, BROKEN)
    assert run(["fmt", "-", "--stdin-filename", "lib/a.apwa"]) == 2
    assert capsys.readouterr().err == told("lib/a.apwa")
    assert not Path("lib/a.apwa").exists()


def test_standard_input_is_checked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    give(monkeypatch, LOOSE)
    assert run(["fmt", "--check", "-"]) == 1
    assert capsys.readouterr().out == "would reformat <stdin>\n1 file would be reformatted\n"


def test_line_ends_and_byte_order_marks_of_files_stay() -> None:
    Path("a.apwa").write_bytes(b"\xef\xbb\xbf" + LOOSE.replace("\n", "\r\n").encode())
    assert run(["fmt", "a.apwa"]) == 0
    assert Path("a.apwa").read_bytes() == b"\xef\xbb\xbf" + NEAT.replace("\n", "\r\n").encode()


def test_a_file_that_is_formatted_is_not_written() -> None:
    Path("a.apwa").write_text(NEAT)
    before = Path("a.apwa").stat()
    assert run(["fmt"]) == 0
    after = Path("a.apwa").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(LOOSE)
    Path("a.apwa").chmod(0o444)
    assert run(["fmt", "a.apwa"]) == 2
    assert capsys.readouterr().err == "error: cannot write `a.apwa`: permission denied\n"
    assert Path("a.apwa").read_text() == LOOSE


def test_a_difference_tells_a_missing_line_end(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(NEAT.rstrip("\n"))
    assert run(["fmt", "--diff", "a.apwa"]) == 1
    assert capsys.readouterr().out == (
        "--- a.apwa\n+++ a.apwa\n@@ -1 +1 @@\n"
        "-record Note { id: str }\n\\ No newline at end of file\n+record Note { id: str }\n"
    )


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("line_length = true", "`line_length` under `[format]` is a number from 40 to 400"),
        ("line_length = 10", "`line_length` under `[format]` is a number from 40 to 400"),
        ("indent = 4", "there is no setting `indent` under `[format]`; it knows `line_length`"),
    ],
)
def test_settings_that_make_no_sense(folder: Path, capsys: pytest.CaptureFixture[str], toml: str, line: str) -> None:
    Path("apwa.toml").write_text(f"[format]\n{toml}\n")
    Path("a.apwa").write_text(LOOSE)
    assert run(["fmt", "a.apwa"]) == 2
    assert capsys.readouterr().err == f"error: `{folder / 'apwa.toml'}`: {line}\n"
    assert Path("a.apwa").read_text() == LOOSE
