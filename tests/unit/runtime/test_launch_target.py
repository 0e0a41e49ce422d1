"""What the proofs take for granted of the place where files go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from apwa_compiler.build import build_plan
from apwa_compiler.pipeline import optimise
from apwa_compiler.plan import CASE, LINKS, EffectRef, PathCheck, Plan
from apwa_lang.semantics.analysis import analyse
from apwa_lang.syntax.source import Source
from apwa_runtime.errors import RunError
from apwa_runtime.launch import target
from apwa_runtime.launch.target import folded, target_checks

PROGRAM = """
record Item { n: int @key }
table items: Item = [{ n: 1 }, { n: 2 }]
task one(item: Item) -> Item { return: item writes: ["left/{{ item.n }}"] }
task other(item: Item) -> Item { return: item writes: ["right/{{ item.n }}"] }
split each = items by row
flow main { ones = map one over each  others = map other over each %s }
"""
ONES, OTHERS = EffectRef("ones", "write"), EffectRef("others", "write")


def plan(folder: Path, assumes: tuple[str, ...], after: str = "") -> Plan:
    file = folder / "main.apwa"
    found = optimise(build_plan(analyse(Source(PROGRAM % after, file.name, file)).program, None, {}))
    return replace(found, assumes=assumes)


def test_claims_that_take_nothing_for_granted_ask_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "_folds_case", lambda folder: True)
    (tmp_path / "left").mkdir()
    (tmp_path / "right").symlink_to(tmp_path / "left")
    assert target_checks(plan(tmp_path, ())) == ()


def test_a_target_that_folds_case_asks_for_every_unordered_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "_folds_case", lambda folder: folder == str(tmp_path / "right"))
    every = target_checks(plan(tmp_path, (CASE,)))
    assert set(every) == {PathCheck(ONES, ONES), PathCheck(OTHERS, OTHERS), PathCheck(ONES, OTHERS)}
    assert PathCheck(ONES, OTHERS) not in target_checks(plan(tmp_path, (CASE,), "after ones"))


def test_this_target_is_looked_at_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "Probe").touch()
    folds = (tmp_path / "pROBE").exists()
    assert bool(target_checks(plan(tmp_path, (CASE,)))) == folds
    assert [path.name for path in tmp_path.iterdir()] == ["Probe"]


def test_a_written_folder_that_is_a_link_into_another_is_refused(tmp_path: Path) -> None:
    (tmp_path / "left").mkdir()
    (tmp_path / "right").symlink_to(tmp_path / "left")
    with pytest.raises(RunError, match=r"`.*right` is or lies behind a link into `.*left`") as error:
        target_checks(plan(tmp_path, (LINKS,)))
    assert error.value.exit_code == 1
    assert target_checks(plan(tmp_path, (LINKS,), "after ones")) == ()


def test_a_link_to_a_place_that_the_run_does_not_use_is_fine(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "right").symlink_to(tmp_path / "elsewhere")
    assert target_checks(plan(tmp_path, (LINKS,))) == ()


SHOWN = """
record Item { n: int @key  scan: image }
table items: Item = [{ n: 1, scan: "scans/1.png" }]
table scans: File = files "%s/*.png"
model eye { provider: "openai" name: "eye" }
task look(item: Item) -> str { model: eye prompt: "{{ item.scan }}" writes: ["out/{{ item.n }}"] }
task list(doc: File) -> str { model: eye prompt: "{{ doc.path | image }}" }
split each = items by row
split one = scans by file
flow main { x = map look over each  y = map list over one }
"""


@pytest.mark.parametrize(
    ("listed", "linked", "refused"),
    [
        ("scans", "scans", True),
        ("../listed", "../listed", True),
        ("../listed", "scans", True),
        ("../listed", "../elsewhere", False),
    ],
)
def test_a_written_folder_that_is_a_link_to_shown_files_is_refused(
    listed: str, linked: str, refused: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "program"
    for name in ("scans", "../listed", "../elsewhere"):
        (folder / name).mkdir(parents=True)
    (folder / "out").symlink_to(folder / linked)
    file = folder / "main.apwa"
    program = analyse(Source(SHOWN % listed, file.name, file)).program
    checked = replace(optimise(build_plan(program, None, {})), assumes=(LINKS,))
    if not refused:
        assert target_checks(checked) == ()
        return
    with pytest.raises(RunError, match=r"`.*out` is or lies behind a link into `.*(scans|listed)`"):
        target_checks(checked)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("/a/B", "/A/b", True), ("/stra\u00dfe", "/STRASSE", True), ("/e\u0301", "/\u00e9", True), ("/a", "/b", False)],
)
def test_folding(one: str, other: str, same: bool) -> None:
    assert (folded(one) == folded(other)) is same
