"""Runs the folders of tests/cases: a command line, its files, and what it must print, exit with and write.

See tests/README.md for the layout of a case.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from apwa_lang.cli.main import run
from tests.support.command import python

ROOT = Path(__file__).parent / "cases"
CASES = sorted(file.parent for file in ROOT.rglob("cmd"))
NOT_COPIED = ("cmd", "stdout", "stderr", "exit", "expected")

# These commands import the case's own modules or start a cluster, so each gets a process of its own.
OWN_PROCESS = ("run",)


@pytest.fixture
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "APWA_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.relative_to(ROOT)))
@pytest.mark.usefixtures("plain_terminal")
def test_case(
    case: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pytestconfig: pytest.Config,
) -> None:
    work = tmp_path / case.name
    shutil.copytree(case, work, ignore=shutil.ignore_patterns(*NOT_COPIED))
    monkeypatch.chdir(work)
    code = 0
    out, err = "", ""
    for line in (case / "cmd").read_text().splitlines():
        code, printed, complained = execute(shlex.split(line), work, capsys)
        out += printed
        err += complained
    got = {
        "stdout": normal(out, work),
        "stderr": normal(err, work),
        "exit": f"{code}\n",
    }
    if pytestconfig.getoption("--bless"):
        bless(case, work, got)
    for name, default in (("exit", "0\n"), ("stderr", ""), ("stdout", "")):
        file = case / name
        assert got[name] == (file.read_text() if file.exists() else default), f"{name} of `apwa {line}`"
    for file in sorted((case / "expected").rglob("*")):
        if file.is_file():
            written = work / file.relative_to(case / "expected")
            assert written.exists(), f"{written.name} was not written"
            assert written.read_bytes() == file.read_bytes(), written.name


def execute(arguments: list[str], work: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `apwa` with these arguments."""
    if arguments[0] in OWN_PROCESS:
        ended = python("-m", "apwa_lang.cli", *arguments, cwd=work, timeout=120)
        return ended.code, ended.out, ended.err
    capsys.readouterr()
    code = run(arguments)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def normal(text: str, work: Path) -> str:
    """Output without what differs from run to run: the folder, the run's name, time and memory."""
    text = text.replace(str(work.resolve()), "[dir]").replace(str(work), "[dir]")
    text = re.sub(r"\b\d{8}-\d{6}-[0-9a-f]{4}\b", "[run]", text)
    text = re.sub(r" in \d+\.\d s( \([\d.,]+/s\))?", " in [time]", text)
    return re.sub(r"peak memory [\d,]+ MiB", "peak memory [size]", text)


def bless(case: Path, work: Path, got: dict[str, str]) -> None:
    """Write what was seen as what is expected; an `expected` folder says which files are compared."""
    for name, default in (("stdout", ""), ("stderr", ""), ("exit", "0\n")):
        if got[name] == default:
            (case / name).unlink(missing_ok=True)
        else:
            (case / name).write_text(got[name])
    for file in list((case / "expected").rglob("*")):
        if file.is_file():
            shutil.copyfile(work / file.relative_to(case / "expected"), file)
