"""The launch check over real datasets: the paths are the worker's, and a refusal names rows, path and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from apwa_compiler.build import build_plan
from apwa_compiler.pipeline import optimise
from apwa_compiler.plan import EffectRef, PathCheck, Plan
from apwa_lang.semantics.analysis import analyse
from apwa_lang.syntax.source import Source
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.errors import RunError
from apwa_runtime.launch.check import LaunchCheck
from apwa_runtime.launch.render import rendered
from apwa_runtime.launch.target import folded
from apwa_runtime.values.arrow import to_batch

NOTES = """
record Note { id: str  ward: str  size: int?  pass: str @secret }
table notes: Note = read "notes.jsonl"
"""
PAGES = (
    NOTES
    + """
task page(note: Note) -> Note { return: note %s }
split each = notes by row
flow main { pages = map page over each }
"""
)
ROWS: list[dict[str, object]] = [
    {"id": "a", "ward": "w", "size": 1, "pass": "tell-no-one"},
    {"id": "b", "ward": "w", "size": None, "pass": "tell-no-one"},
    {"id": "a", "ward": "x", "size": 3, "pass": "tell-no-one"},
]
WRITE, READ = EffectRef("pages", "write"), EffectRef("pages", "read")


def plan_of(text: str, folder: Path) -> Plan:
    """The plan of a program, whatever the prover says of it."""
    file = folder / "main.apwa"
    return optimise(build_plan(analyse(Source(text, file.name, file)).program, None, {}))


def dataset(plan: Plan, folder: Path, rows: list[dict[str, object]], step: str = "notes") -> Dataset:
    record = plan.step(step).record
    assert record is not None
    writer = DatasetWriter(folder / step, record)
    writer.add(0, to_batch(rows, record))
    return writer.finish()


def refused(plan: Plan, datasets: Mapping[str, Dataset], *checks: PathCheck) -> str:
    with pytest.raises(RunError) as error:
        LaunchCheck(plan, datasets, checks).before_all()
    assert error.value.exit_code == 1
    return str(error.value)


def paths(plan: Plan, ref: EffectRef, datasets: Mapping[str, Dataset]) -> list[tuple[int, str | None]]:
    found = rendered(plan, plan.step(ref.step), [ref], datasets)
    return [(ordinal, paths[0] if paths else None) for ordinal, (paths,) in found]


@pytest.mark.parametrize(
    ("effects", "expected"),
    [
        pytest.param(
            'writes: ["out/{{ note.id }}.md"]', [(0, "out/a.md"), (1, "out/b.md"), (2, "out/a.md")], id="field"
        ),
        pytest.param('writes: ["out/../{{ note.ward }}"]', [(0, "w"), (1, "w"), (2, "x")], id="normalised"),
        pytest.param('writes: ["{{ note.id | upper }}"]', [(0, "A"), (1, "B"), (2, "A")], id="filter"),
        pytest.param('writes: ["{{ note.size }}"]', [(0, "1"), (1, None), (2, "3")], id="null-has-no-path"),
        pytest.param('require: note.ward == "w" writes: ["{{ note.id }}"]', [(0, "a"), (1, "b")], id="require"),
        pytest.param('writes: ["{{ note | sha256 | truncate(1) }}"]', None, id="whole-row"),
    ],
)
def test_paths_are_those_of_the_worker(tmp_path: Path, effects: str, expected: list[tuple[int, str]] | None) -> None:
    plan = plan_of(PAGES % effects, tmp_path)
    found = paths(plan, WRITE, {"notes": dataset(plan, tmp_path, ROWS)})
    if expected is None:
        assert len(found) == 3
    else:
        assert found == [(at, path and str(tmp_path / path)) for at, path in expected]


def test_two_rows_that_meet_are_named_with_their_lines_and_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_text(
        '\n{"id": "a", "ward": "w", "pass": "tell-no-one"}\n{"id": "a", "ward": "x", "pass": "tell-no-one"}\n'
    )
    plan = plan_of(PAGES % 'writes: ["out/{{ note.id }}-{{ note.pass }}.md"]', tmp_path)
    rows = [{**row, "size": None} for row in (ROWS[0], ROWS[2])]
    text = refused(plan, {"notes": dataset(plan, tmp_path, rows)}, PathCheck(WRITE, WRITE))
    assert "two sub-problems of `page`" in text
    assert 'notes.jsonl:2 (id: "a", ward: "w"' in text
    assert 'notes.jsonl:3 (id: "a", ward: "x"' in text
    assert "out/a-<secret>.md" in text
    assert "tell-no-one" not in text


def test_a_read_and_a_write_of_other_rows_meet_but_not_of_the_same_row(tmp_path: Path) -> None:
    plan = plan_of(PAGES % 'reads: ["{{ note.id }}"] writes: ["{{ note.ward }}"]', tmp_path)
    own = [{**ROWS[0], "id": name, "ward": name} for name in "pqr"]
    LaunchCheck(plan, {"notes": dataset(plan, tmp_path, own)}, [PathCheck(READ, WRITE)]).before_all()
    crossed = [{**ROWS[0], "id": one, "ward": other} for one, other in ("pq", "qr")]
    text = refused(plan, {"notes": dataset(plan, tmp_path / "crossed", crossed)}, PathCheck(READ, WRITE))
    assert "reads" in text
    assert "writes" in text


def test_paths_that_fold_into_one_meet_where_case_is_one(tmp_path: Path) -> None:
    plan = plan_of(PAGES % 'writes: ["{{ note.id }}"]', tmp_path)
    datasets = {"notes": dataset(plan, tmp_path, [{**ROWS[0], "id": name} for name in ("Straße", "STRASSE")])}
    LaunchCheck(plan, datasets, [PathCheck(WRITE, WRITE)]).before_all()
    with pytest.raises(RunError, match="where upper and lower case are one") as error:
        LaunchCheck(plan, datasets, [PathCheck(WRITE, WRITE)], fold=folded).before_all()
    assert "/Straße" in str(error.value)


TWO_STEPS = (
    NOTES
    + """
task page(note: Note) -> Note { return: note writes: ["out/{{ note.id }}"] }
task leaf(note: Note) -> Note { return: note writes: ["out/{{ note.id }}"] }
split each = notes by row
flow main {
  some = notes where ward == "w"
  others = notes where ward == "x"
  split some_rows = some by row
  split other_rows = others by row
  pages = map page over some_rows
  leaves = map leaf over other_rows
}
"""
)


def test_a_check_waits_until_both_tables_are_made_and_stops_the_later_step(tmp_path: Path) -> None:
    plan = plan_of(TWO_STEPS, tmp_path)
    datasets = {"notes": dataset(plan, tmp_path, ROWS), "some": dataset(plan, tmp_path, ROWS[:2], "some")}
    launch = LaunchCheck(plan, datasets, [PathCheck(EffectRef("pages", "write"), EffectRef("leaves", "write"))])
    launch.before_all()
    launch.before(plan.step("pages"))
    datasets["others"] = dataset(plan, tmp_path, ROWS[2:], "others")
    with pytest.raises(RunError) as error:
        launch.before(plan.step("leaves"))
    assert "`page` and `leaf` meet in one path, and nothing orders them" in str(error.value)
    assert "sub-problem 0 of `pages`" in str(error.value)
    assert "with `after pages`" in str(error.value)
    with pytest.raises(RunError):
        launch.before(plan.step("leaves"))


def test_steps_without_shared_paths_pass_and_are_counted(tmp_path: Path) -> None:
    plan = plan_of(TWO_STEPS, tmp_path)
    datasets = {
        "notes": dataset(plan, tmp_path, ROWS),
        "some": dataset(plan, tmp_path, ROWS[:1], "some"),
        "others": dataset(plan, tmp_path, ROWS[1:2], "others"),
    }
    launch = LaunchCheck(plan, datasets, [PathCheck(EffectRef("pages", "write"), EffectRef("leaves", "write"))])
    launch.before_all()
    assert launch.compared == 2


SAVED = (
    NOTES
    + """
task page(note: Note) -> Note { return: note writes: ["out/{{ note.id }}"] }
split each = notes by row
flow main {
  pages = map page over each
  save notes to "out/a/"
}
"""
)


def test_a_saved_folder_meets_a_file_in_its_place(tmp_path: Path) -> None:
    plan = plan_of(SAVED, tmp_path)
    (save,) = (step.name for step in plan.steps if step.name not in ("notes", "pages"))
    checks = [PathCheck(EffectRef("pages", "write"), EffectRef(save, "write"))]
    text = refused(plan, {"notes": dataset(plan, tmp_path, ROWS)}, *checks)
    assert f"`page` and `{save}` meet in one path" in text
    LaunchCheck(plan, {"notes": dataset(plan, tmp_path / "b", ROWS[1:2])}, checks).before_all()
