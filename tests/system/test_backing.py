"""Bodies that do what they should not, in real runs: no neighbour sees any of it, and the run says what happened."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from apwa_runtime.isolation import landlock
from tests.support import deeds
from tests.support.command import Ended, apwa

PROGRAM = """
record Item { n: int @key  deed: str  base: str }
record Seen {
  count: int  attribute: str  variable: str  listing: str  folder: str  threads: int  random: bool
}
table items: Item = read "items.jsonl"
task precious() -> str { return: "precious" writes: ["out/precious.txt"] }
task act(item: Item) -> Seen { python: "deeds:act" retry: 0 timeout: 3s }
split each = items by row
flow main {
  first = precious()
  seen = map act over each keep n, deed after first
  save seen to "seen.jsonl"
}
"""
# What each deed says when it fails; where the kernel cannot confine, only those that end their own call do.
OUTSIDE = {
    "absolute": "evil.txt",
    "published": "out/precious.txt",
    "remove_published": "out/precious.txt",
    "rename_published": "out/precious.txt",
    "upwards": "evil.txt",
    "neighbour": "neighbour",
    "through_link": "evil.txt",
}
ENDING = {
    "exits": "its process ended with exit code 3",
    "kills_itself": "its process was killed by SIGKILL",
    "late": "timed out after 3 s",
}
HARMLESS = ("module_state", "environment", "thread", "background", "daemon", "second_answer", "fills_scratch")

confined = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")


@dataclass
class Run:
    folder: Path
    ended: Ended
    seen: dict[int, dict[str, object]]
    failures: dict[str, str]
    backing: dict[str, object]


def run(folder: Path, names: list[str], env: dict[str, str] | None = None) -> Run:
    """One run on one slot in which a neighbour follows each deed."""
    base = folder / "project"
    base.mkdir()
    (base / "main.apwa").write_text(PROGRAM)
    shutil.copy(deeds.__file__, base / "deeds.py")
    rows = [deed for name in names for deed in (name, "nothing")]
    (base / "items.jsonl").write_text(
        "".join(
            json.dumps({"n": n, "deed": deed, "base": str(base)}) + "\n" for n, deed in enumerate(["nothing", *rows])
        )
    )
    (folder / "tmp").mkdir()
    ended = apwa(
        *("run", "main.apwa", "--workers", "1", "--progress", "none"),
        cwd=base,
        env={"TMPDIR": str(folder / "tmp"), **(env or {})},
    )
    (kept,) = (base / ".apwa/runs").iterdir()
    failures = [json.loads(line) for line in (kept / "failures.jsonl").read_text().splitlines()]
    seen = [json.loads(line) for line in (base / "seen.jsonl").read_text().splitlines()]
    return Run(
        base,
        ended,
        {row["n"]: row for row in seen},
        {failure["row"]["deed"]: failure["reason"] for failure in failures},
        json.loads((kept / "backing.json").read_text()),
    )


@pytest.fixture(scope="module")
def kept_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    names = [*OUTSIDE, *ENDING, *HARMLESS, "kills_parent", "connects"]
    yield run(tmp_path_factory.mktemp("kept_apart"), names)


@pytest.fixture(scope="module")
def without_landlock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    yield run(tmp_path_factory.mktemp("without"), ["absolute", *ENDING, *HARMLESS], {landlock.SWITCH: "off"})


@pytest.fixture(params=["kept_apart", "without_landlock"])
def any_level(request: pytest.FixtureRequest) -> Run:
    found: Run = request.getfixturevalue(request.param)
    return found


def test_no_neighbour_sees_anything_of_a_deed(any_level: Run) -> None:
    neighbours = [row for row in any_level.seen.values() if row["deed"] == "nothing"]
    assert len(neighbours) > len(ENDING) + len(HARMLESS)
    untouched = {"count": 0, "attribute": "fresh", "variable": "", "listing": "", "folder": "scratch", "threads": 1}
    for row in neighbours:
        assert row == {**untouched, "n": row["n"], "deed": "nothing", "random": neighbours[0]["random"]}


@pytest.mark.parametrize("deed", ENDING)
def test_a_call_that_ends_its_process_fails_alone_and_says_how(any_level: Run, deed: str) -> None:
    assert any_level.failures[deed] == ENDING[deed]


@pytest.mark.parametrize("deed", HARMLESS)
def test_what_only_touches_the_process_does_not_fail(any_level: Run, deed: str) -> None:
    assert deed not in any_level.failures


@confined
@pytest.mark.parametrize("deed", OUTSIDE)
def test_a_write_outside_the_scratch_folder_is_denied_and_explained(kept_apart: Run, deed: str) -> None:
    reason = kept_apart.failures[deed]
    assert "`deeds:act` tried to write to `" in reason
    assert OUTSIDE[deed] in reason
    assert "outside its scratch folder; declare the file under `writes`" in reason
    assert f"in {deed})" in reason


@confined
def test_nothing_outside_has_changed(kept_apart: Run) -> None:
    assert (kept_apart.folder / "out/precious.txt").read_text() == "precious"
    assert not list(kept_apart.folder.parent.rglob("evil.txt"))


@confined
def test_a_connection_that_is_not_declared_is_denied_and_explained(kept_apart: Run) -> None:
    reason = kept_apart.failures["connects"]
    assert "tried to connect to 127.0.0.1:9, but the task declares no `network`" in reason


@confined
def test_a_call_cannot_kill_its_parent(kept_apart: Run) -> None:
    assert "PermissionError" in kept_apart.failures["kills_parent"]


def test_scratch_folders_are_gone(any_level: Run) -> None:
    assert not list((any_level.folder.parent / "tmp").glob("apwa-*"))


def test_no_process_is_left(any_level: Run) -> None:
    commands = [command for path in Path("/proc").glob("[0-9]*/cmdline") if (command := _read(path))]
    assert not [command for command in commands if str(any_level.folder / deeds.LATE) in command]


def test_the_run_says_what_was_left_behind(any_level: Run) -> None:
    # Two shells, and what they may have started by then.
    (body,) = any_level.backing["bodies"]  # type: ignore[misc]
    assert body["left"] >= 2
    assert "its calls left" in any_level.ended.out


@confined
def test_the_level_that_was_reached_is_told_and_kept(kept_apart: Run) -> None:
    level = f"own process, confined by Landlock (ABI {landlock.version()})"
    assert f"`deeds:act`: {level}" in kept_apart.ended.out
    (body,) = kept_apart.backing["bodies"]  # type: ignore[misc]
    assert list(body["levels"]) == [level]


def test_without_landlock_the_run_says_that_nothing_confines(without_landlock: Run) -> None:
    assert "`deeds:act`: own process, not confined: APWA_LANDLOCK is off" in without_landlock.ended.out
    assert "absolute" not in without_landlock.failures


def _read(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
