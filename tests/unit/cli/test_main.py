"""The front of the command line: help, exit codes, and what it does not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from apwa_lang.cli import main
from apwa_lang.cli.main import COMMANDS, cli, run

HEAVY = {"dask", "distributed", "torch", "aiohttp", "pyarrow", "xllamacpp", "fsspec", "pydantic", "rich"}

RECORDS = "\n".join(f"record R{n} {{ id: str @key, text: str? }}" for n in range(20))
PROGRAM = f"""
{RECORDS}
record Result {{ size: int }}

table rows: R0 = read "rows.jsonl"

model small {{
  provider: "openai"
  name: "small"
  base_url: "http://localhost:1"
}}

task measure(row: R0) -> Result {{
  return: {{ size: len(row.id) }}
  writes: ["out/{{{{ row.id }}}}.json"]
}}

task ask(row: R0) -> Result {{
  model: small
  prompt: \"\"\"How long is {{{{ row.id | upper }}}}?\"\"\"
}}

split each = rows by row

flow main {{
  sizes = map measure over each keep id
  total = reduce size over sizes by sum
  asked = map ask over each keep id
  save total to "out/total.jsonl"
  save asked to "out/asked.jsonl"
}}
"""


def imported(*arguments: str, cwd: Path) -> set[str]:
    """The top-level modules that a process has after running this command line without findings."""
    script = (
        "import sys; from apwa_lang.cli.main import run; code = run(sys.argv[1:]);"
        "print('\\nMODULES', *sys.modules); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return {name.partition(".")[0] for name in done.stdout.rpartition("MODULES")[2].split()}


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    modules = imported("--help", cwd=tmp_path)
    assert not modules & (HEAVY | {"lark", "jinja2", "apwa_compiler", "apwa_runtime"})


def test_check_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "main.apwa").write_text(PROGRAM)
    assert not imported("check", "main.apwa", cwd=tmp_path) & HEAVY


def test_help_lists_every_command_with_its_own_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    context = click.Context(cli)
    for name, (_, summary) in COMMANDS.items():
        assert f"{name} {summary}" in shown
        command = cli.get_command(context, name)
        assert command is not None
        assert command.help, f"`apwa {name} --help` says nothing"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("apwa 0.")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chekc"], "no such command `chekc`; did you mean `check`?"),
        (["frobnicate"], "no such command `frobnicate`"),
        (["check", "--frobnicate"], "No such option"),
        (["explain"], "give a CODE, or --list"),
        (["run"], "Missing argument"),
    ],
)
def test_bad_usage_ends_with_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Usage: apwa")
    assert f"error: {message}" in printed.err
    assert "Traceback" not in printed.err


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Makes the command `new` raise."""

    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr(main, "_raising", command, raising=False)
    monkeypatch.setitem(COMMANDS, "new", ("apwa_lang.cli.main:_raising", ""))


def test_an_interrupt_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    raising(monkeypatch, KeyboardInterrupt())
    assert run(["new"]) == 130
    assert capsys.readouterr().err.strip() == "interrupted"


def test_a_bug_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    raising(monkeypatch, RuntimeError("first\nsecond"))
    monkeypatch.delenv("APWA_DEBUG", raising=False)
    assert run(["new"]) == 70
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("internal error: RuntimeError: first second (a bug in apwa, please report it")


def test_a_bug_has_a_traceback_when_debugging(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(monkeypatch, RuntimeError("oh"))
    monkeypatch.setenv("APWA_DEBUG", "1")
    assert run(["new"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "apwa_lang.cli", "explain", "--list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
    assert (process.returncode, complaint) == (141, b"")
