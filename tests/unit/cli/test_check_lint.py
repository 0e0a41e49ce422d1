"""`apwa check` and its lint: which rules, baselines, and watching."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from apwa_lang.cli.main import run

IDLE = "task f(a: int) -> int { return: 1 }\n"
SILENT = 'test "t" { got = 1 }\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def codes(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The codes that a check of the folder shows."""
    capsys.readouterr()
    run(["check", "--output-format", "json", *arguments])
    return [one["code"] for one in json.loads(capsys.readouterr().out)]


def settings(text: str) -> None:
    Path("apwa.toml").write_text(text)


def test_select_takes_the_place_of_what_is_on_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(IDLE + SILENT)
    assert codes(capsys) == ["APWA509", "APWA610"]
    assert codes(capsys, "--select", "APWA509") == ["APWA509"]
    assert codes(capsys, "--select", "default,APWA62") == ["APWA620", "APWA509", "APWA610"]
    settings('[lint]\nselect = ["APWA61"]\n')
    assert codes(capsys) == ["APWA610"]
    assert codes(capsys, "--select", "APWA50") == ["APWA509"]


def test_ignore_wins_over_select(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(IDLE + SILENT)
    assert codes(capsys, "--ignore", "APWA61") == ["APWA509"]
    settings('[lint]\nselect = ["all"]\nignore = ["APWA5", "APWA620"]\n')
    assert codes(capsys) == ["APWA610"]
    assert codes(capsys, "--ignore", "APWA610") == []


def test_errors_are_never_ignored(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text("record N { id: Strange }\n")
    assert codes(capsys, "--ignore", "APWA") == ["APWA102"]


def test_files_have_rules_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    for file in (Path("a.apwa"), Path("old/b.apwa"), Path("old/c_test.apwa")):
        file.parent.mkdir(exist_ok=True)
        file.write_text(IDLE + SILENT)
    settings('[lint.per_file]\n"old/*" = ["APWA509"]\n"*_test.apwa" = ["APWA610"]\n')
    assert codes(capsys) == ["APWA509", "APWA610", "APWA610"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[lint]\nselect = ["APWA7"]\n', "`select` under `[lint]` names `APWA7`"),
        ('[lint]\nignore = ["all"]\n', "`ignore` under `[lint]` names `all`"),
        ('[lint]\nignore = "APWA509"\n', "`ignore` under `[lint]` is a list"),
        ('[lint.per_file]\n"*" = ["X"]\n', "`per_file.*` under `[lint]` names `X`"),
        ("[lint]\nper_file = 1\n", "[lint.per_file]"),
        ("[lint]\nbaseline = 1\n", "`baseline` under `[lint]` is the path of a file"),
        ('[lint]\nbaseline = "none.json"\n', "none.json`: no such file"),
        ("[lint]\nselects = []\n", "no setting `selects` under `[lint]`"),
        ("lint = 1\n", "write `[lint]`"),
    ],
)
def test_settings_that_cannot_be_used_end_with_a_line(text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(SILENT)
    settings(text)
    assert run(["check"]) == 2
    error = capsys.readouterr().err
    assert (said in error and "apwa.toml" in error) or "none.json" in error
    assert error.count("\n") == 1


def test_unknown_codes_on_the_command_line_are_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(SILENT)
    assert run(["check", "--select", "APWA9999"]) == 2
    assert run(["check", "--ignore", "default"]) == 2
    assert "APWA9999" in capsys.readouterr().err


def test_a_baseline_hides_what_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(IDLE + SILENT)
    assert run(["check", "--write-baseline", "known.json"]) == 0
    assert codes(capsys, "--baseline", "known.json") == []
    settings('[lint]\nbaseline = "known.json"\n')
    Path("a.apwa").write_text("# moved\n\n  " + IDLE + SILENT + IDLE.replace("f(", "g("))
    assert codes(capsys) == ["APWA509"], "lines that moved are known, another task is not"


def test_a_second_finding_on_an_equal_line_is_new(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(
        'record N { w: str @key }\ntable n: N = read "n.jsonl"\n'
        'flow a { x = n where w in ["b", "b"]\nsave x to "a.csv" }\n'
    )
    assert run(["check", "--write-baseline", "known.json"]) == 0
    text = Path("a.apwa").read_text()
    Path("a.apwa").write_text(text + text.splitlines()[2].replace("flow a", "flow b") + '\nsave x to "b.csv" }\n')
    assert codes(capsys, "--baseline", "known.json") == ["APWA605"]


def test_errors_are_in_no_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text("record N { id: Strange }\n")
    assert run(["check", "--write-baseline", "known.json"]) == 1
    assert json.loads(Path("known.json").read_text())["findings"] == []
    assert codes(capsys, "--baseline", "known.json") == ["APWA102"]


def test_what_is_gone_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(IDLE + SILENT)
    run(["check", "--write-baseline", "known.json"])
    Path("a.apwa").write_text(SILENT)
    capsys.readouterr()
    assert run(["check", "--baseline", "known.json"]) == 0
    assert "1 finding of the baseline is no longer there" in capsys.readouterr().err
    run(["check", "--baseline", "known.json", "--select", "APWA62"])
    assert capsys.readouterr().err == "", "what is not looked for is not gone"
    run(["check", "--write-baseline", "known.json"])
    assert [one["code"] for one in json.loads(Path("known.json").read_text())["findings"]] == ["APWA610"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "findings": []}', '{"version": 1, "findings": [{}]}'])
def test_a_file_that_is_no_baseline_ends_with_a_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(SILENT)
    Path("known.json").write_text(text)
    assert run(["check", "--baseline", "known.json"]) == 2
    assert "--write-baseline" in capsys.readouterr().err


def test_only_safe_fixes_are_applied_without_being_asked(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(
        'record N { id: str @key, ward: str? = null }\nmodel m { provider: "local" }\n'
        'table n: N = read "n.jsonl"\nflow main { save n to "o.jsonl" }\n'
    )
    assert run(["check", "--fix"]) == 0
    assert "null" not in Path("a.apwa").read_text() and "model m" in Path("a.apwa").read_text()
    assert "1 fix more with --unsafe-fixes" in capsys.readouterr().out
    assert run(["check", "--fix", "--unsafe-fixes"]) == 0
    assert "model m" not in Path("a.apwa").read_text()


def test_warnings_stop_no_other_command(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.apwa").write_text(
        'record N { id: str }\nrecord M { id: str }\ntable n: N = [{ id: "a" }]\nflow main { save n to "o.jsonl" }\n'
    )
    assert codes(capsys) == ["APWA501"]
    assert run(["graph", "a.apwa"]) == 0
    assert capsys.readouterr().err == ""


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """What a process says, as it says it; fails when it is silent for a minute."""
    said: Queue[str] = Queue()
    assert process.stdout is not None
    reader = threading.Thread(target=lambda out: [said.put(line) for line in out], args=(process.stdout,), daemon=True)
    reader.start()
    while True:
        yield said.get(timeout=60)


def test_watch_checks_again_when_something_changes(folder: Path) -> None:
    Path("lib.apwa").write_text("record N { id: str }\n")
    Path("a.apwa").write_text(
        'import "lib.apwa" as lib\ntable n: lib.N = [{ id: "a" }]\nflow main { save n to "o.csv" }\n'
    )
    command = [sys.executable, "-m", "apwa_lang.cli", "check", "--watch", "a.apwa"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        said = lines(process)

        def until(text: str) -> None:
            while text not in next(said):
                pass

        try:
            until("no problems found")
            until("watching")
            Path("lib.apwa").write_text("record N { name: str }\n")
            until("2 errors")
            until("watching")
            Path("lib.apwa").write_text("record N { id: str }\n")
            until("no problems found")
            until("watching")
            settings("[lint]\nselect = 1\n")
            until("apwa.toml")
            until("watching")
            Path("apwa.toml").unlink()
            until("no problems found")
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
        finally:
            process.kill()


def test_standard_input_is_not_watched() -> None:
    assert run(["check", "--watch", "-"]) == 2
