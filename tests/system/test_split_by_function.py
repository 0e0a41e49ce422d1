"""Splits by a Python function: what it gives is a decomposition, or the run ends with the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import apwa

PROGRAM = """
record Note { id: str @key  words: int }
record Part { count: int  first: str }
table notes: Note = read "notes.jsonl"
task weigh(index: int, notes: list[Note]) -> Part {
  return: { count: len(notes), first: notes[0].id }
  writes: "out/{{ index }}.json"
}
task count(index: int, notes: list[Note]) -> int { python: "work:count" }
split parts = notes by python("parts:TARGET")
flow main {
  weights = map weigh(index, rows) over parts keep index
  few = notes where words < 4
  split some = few by python("parts:odd")
  counts = map count(index, rows) over some
  save weights to "weights.jsonl"
  save counts to "counts.jsonl"
}
"""
PARTS = """
from pathlib import Path


def by_weight(rows):
    part = []
    for row in sorted(rows, key=lambda row: -row.words):
        if part and sum(one.words for one in part) + row.words > 10:
            yield part
            part = []
        part.append(row)
    yield part


def odd(rows):
    return [[number for number, row in enumerate(rows) if row.words % 2], []]


def overlap(rows):
    return [rows, rows[2:3]]


def for_ever(rows):
    while True:
        yield rows[:1]


def one_for_ever(rows):
    def again():
        while True:
            yield 0

    return [again()]


def nothing_for_ever(rows):
    while True:
        yield []


def copied(rows):
    return [[row.model_copy() for row in rows]]


def peeks(rows):
    return [[len(Path(__file__).with_name("notes.jsonl").read_text()) * 0]]


def scribbles(rows):
    Path(__file__).with_name("notes.jsonl").write_text("")
    return []


def reads(rows):
    return [[len(open("/etc/hostname").read())]]
"""


def project(folder: Path, target: str = "by_weight") -> None:
    (folder / "main.apwa").write_text(PROGRAM.replace("TARGET", target))
    (folder / "parts.py").write_text(PARTS)
    (folder / "work.py").write_text("def count(index, notes):\n    return len(notes)\n")
    notes = [{"id": f"n{n}", "words": n} for n in range(7)]
    (folder / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in notes))


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_the_parts_of_a_function_are_sub_problems_and_so_are_the_rows_that_it_leaves_out(tmp_path: Path) -> None:
    project(tmp_path)
    ended = apwa("run", "main.apwa", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert rows(tmp_path / "weights.jsonl") == [
        {"count": 4, "first": "n0", "index": 0},
        {"count": 2, "first": "n4", "index": 1},
        {"count": 1, "first": "n6", "index": 2},
    ]
    assert [row["value"] for row in rows(tmp_path / "counts.jsonl")] == [2, 2]
    # What splits is checked, and takes nothing away from what is proved of the body.
    assert "2 checked by process; `work:count`: shared process (proved pure)" in ended.out
    assert "5 of them from earlier runs" in apwa("run", "main.apwa", "--resume", cwd=tmp_path).out
    assert apwa("prove", "main.apwa", cwd=tmp_path).code == 0
    verified = apwa("prove", "--verify", "main.proof.json", cwd=tmp_path)
    assert verified.code == 0, verified.out
    assert "the function that splits runs by itself" in verified.out


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("overlap", 'the row id: "n2" is in parts 1 and 2'),
        ("for_ever", 'the row id: "n0" is in parts 1 and 2'),
        ("one_for_ever", 'the row id: "n0" is twice in part 1'),
        ("nothing_for_ever", "ValueError: more than 1,000,000 parts without a row"),
        ("copied", "TypeError: part 1 holds a `Note` that is none of the rows, nor a row's number"),
    ],
)
def test_what_is_no_decomposition_ends_the_run_before_anything_runs(tmp_path: Path, target: str, problem: str) -> None:
    project(tmp_path, target)
    ended = apwa("run", "main.apwa", "--progress", "none", cwd=tmp_path)
    assert (ended.code, ended.err) == (1, f"error: `parts:{target}` gave no decomposition of `notes`: {problem}\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("target", ["peeks", "scribbles"])
def test_a_function_that_splits_reaches_no_files(tmp_path: Path, target: str) -> None:
    landlock = pytest.importorskip("apwa_runtime.isolation.landlock")
    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    project(tmp_path, target)
    before = (tmp_path / "notes.jsonl").read_bytes()
    ended = apwa("run", "main.apwa", "--progress", "none", cwd=tmp_path)
    assert ended.code == 1
    assert "Permission denied" in ended.err
    assert (tmp_path / "notes.jsonl").read_bytes() == before


def test_what_a_function_surely_touches_is_told_by_check(tmp_path: Path) -> None:
    project(tmp_path, "reads")
    checked = apwa("check", "main.apwa", cwd=tmp_path)
    assert checked.code == 1
    assert "APWA311" in checked.out
    assert "a function that splits has the rows and nothing else" in checked.out
