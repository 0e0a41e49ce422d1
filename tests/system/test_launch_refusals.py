"""Paths that meet stop a run before anything of the step has started; paths that do not let it go on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from apwa_compiler.build import build_plan
from apwa_compiler.pipeline import optimise
from apwa_compiler.plan import ClaimNote, EffectRef, PathCheck, Plan
from apwa_lang.semantics.analysis import analyse
from apwa_lang.syntax.source import Source
from apwa_runtime.engine import RunOptions, run

OVER_A_TABLE = """
record Note { id: str @key  size: int @unique }
record Page { text: str }
table notes: Note = read "notes.jsonl"
task page(slot: int, id: str) -> Page { return: Page { text: id } writes: ["out/{{ slot }}.md"] }
split each = notes by row
flow main { pages = map page(size % 1000, id) over each  save pages to "pages.jsonl" }
"""
OVER_A_MADE_TABLE = OVER_A_TABLE.replace(
    "split each = notes by row\nflow main {",
    """task measure(note: Note) -> Note { python: "measures:measure" }
split all = notes by row
flow main {
  measured = map measure over all
  split each = measured by row
""",
)


CHECK = PathCheck(EffectRef("pages", "write"), EffectRef("pages", "write"))


def planned(folder: Path, text: str, *checks: PathCheck) -> Plan:
    """The plan of a program, held by these checks alone, whatever the prover says of it."""
    file = folder / "main.apwa"
    plan = optimise(build_plan(analyse(Source(text, file.name, file)).program, None, {}))
    notes = tuple(ClaimNote("checked", subject="pages", backing="launch") for _ in checks)
    return replace(plan, checks=checks, claims=notes)


def project(folder: Path, text: str, sizes: list[int]) -> int:
    """Write the tables and run. Returns the exit code."""
    rows = [{"id": f"n{number}", "size": size} for number, size in enumerate(sizes)]
    (folder / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "measures.py").write_text("def measure(note):\n    return {'id': note.id, 'size': note.size + 1000}\n")
    options = RunOptions(progress="none", run_folder=folder / "run")
    return run(planned(folder, text, CHECK), options).exit_code


def written(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out").glob("*"))


def test_rows_of_a_table_that_meet_stop_the_launch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert project(tmp_path, OVER_A_TABLE, [1, 2, 1001]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "error: two sub-problems of `page` meet in one path:",
        '  notes.jsonl:1 (id: "n0") writes out/1.md',
        '  notes.jsonl:3 (id: "n2") writes out/1.md',
        "`pages` has not started; put a field into the path that tells the rows apart, or mend the rows",
    ]
    assert written(tmp_path) == []
    assert not (tmp_path / "pages.jsonl").exists()


def test_rows_of_a_made_table_that_meet_stop_the_step_that_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project(tmp_path, OVER_A_MADE_TABLE, [1, 2, 1001]) == 1
    told = capsys.readouterr()
    assert 'sub-problem 0 of `pages` (id: "n0"' in told.err
    assert 'sub-problem 2 of `pages` (id: "n2"' in told.err
    assert "3 done" in told.out
    assert written(tmp_path) == []


@pytest.mark.parametrize("text", [OVER_A_TABLE, OVER_A_MADE_TABLE], ids=["table", "made"])
def test_rows_that_do_not_meet_are_let_through_and_the_run_says_what_was_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert project(tmp_path, text, [1, 2, 3]) == 0
    assert written(tmp_path) == ["1.md", "2.md", "3.md"]
    assert "claims: 1 checked by launch; 3 paths compared at launch" in capsys.readouterr().out
    backing = json.loads((tmp_path / "run/backing.json").read_text())
    assert backing["paths compared"] == 3
    assert backing["claims"] == [{"verdict": "checked", "subject": "pages", "backing": "launch", "count": 1}]


UNORDERED = """
record Item { n: int @key }
table items: Item = [{ n: 1 }]
table more: Item = [{ n: 1 }, { n: 2 }]
task one(item: Item) -> Item { return: item writes: ["out/same.jsonl"] }
task other(item: Item) -> str { python: "slow:wait" writes: { page: "out/same.jsonl" } retry: 0 }
split each = items by row
flow main { %s }
"""


@pytest.mark.parametrize(
    ("steps", "refused"),
    [
        pytest.param("ones = map one over each  others = map other over each after ones", None, id="ordered-tasks"),
        pytest.param(
            "ones = map one over each  others = map other over each", "by sub-problem 0 of `ones`", id="unordered-tasks"
        ),
        pytest.param('others = map other over each  save more to "out/same.jsonl"', "by `", id="save-and-task"),
    ],
)
def test_a_second_commit_to_a_path_is_refused_unless_the_flow_orders_the_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], steps: str, refused: str | None
) -> None:
    # The slow body waits for the file, so that it is always the second to commit.
    (tmp_path / "slow.py").write_text(
        "import time\nfrom pathlib import Path\n\n"
        f"def wait(item, page):\n    while not Path({str(tmp_path / 'out/same.jsonl')!r}).exists():\n"
        "        time.sleep(0.01)\n    Path(page).write_text('second')\n    return 'done'\n"
    )
    # The prover refuses it, and no path is compared: only publication is left to hold it.
    result = run(planned(tmp_path, UNORDERED % steps), RunOptions(progress="none", run_folder=tmp_path / "run"))
    told = capsys.readouterr().err
    content = (tmp_path / "out/same.jsonl").read_text()
    if refused is None:
        assert (result.exit_code, content) == (0, "second"), told
    else:
        assert result.exit_code == 1
        assert f"`out/same.jsonl` was already written {refused}" in told
        assert content != "second"
