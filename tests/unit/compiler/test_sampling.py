"""How long prompts will be, judged by the first rows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from plans import NOTE, Where, step, wards

from apwa_compiler.estimate import Share
from apwa_compiler.plan import Map, Plan, Prompt, ReadSource, Scan, Split
from apwa_lang.semantics.core import Apply, Const, GetField, Var
from apwa_lang.semantics.types import INT, STR, Field, RecordType
from apwa_runtime.sampling import prompt_sample
from apwa_runtime.tokens import count_tokens


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """The first page's flow over three notes."""
    rows = [{"id": f"AAAA000{n}", "ward": "3", "text": "word " * n, "taken": None} for n in (1, 2, 3)]
    file = tmp_path / "notes.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    built = wards()
    notes = replace(built.step("notes"), operation=Scan(ReadSource(str(file), "jsonl")))
    return replace(built, steps=(notes, *built.steps[1:]))


def rendered(count: int) -> int:
    return count_tokens('Replace "personal" data by its kind.\nNote: ' + "word " * count)


def test_the_mean_over_rendered_prompts(plan: Plan) -> None:
    shares = prompt_sample(plan)(plan.step("clean"))
    assert shares == {"small": Share(1.0, pytest.approx(sum(map(rendered, (1, 2, 3))) / 3))}


def test_a_route_is_followed(plan: Plan) -> None:
    short = Apply("<", (Apply("len", (GetField(Var("note"), "text"),)), Const(len("word " * 2), INT)))
    first = plan.task("redact")
    assert isinstance(first.body, Prompt)
    routed = replace(first, body=replace(first.body, models=("small", "large"), route=(short, None)))
    plan = replace(plan, tasks=tuple(routed if task is first else task for task in plan.tasks))
    assert prompt_sample(plan)(plan.step("clean")) == {
        "small": Share(pytest.approx(1 / 3), rendered(1)),
        "large": Share(pytest.approx(2 / 3), (rendered(2) + rendered(3)) / 2),
    }


def test_filters_between_table_and_map_are_applied(plan: Plan) -> None:
    last = replace(step("last", Where(Apply("==", (Var("id"), Const("AAAA0003", STR)))), "notes"), record=NOTE)
    clean = replace(plan.step("clean"), inputs=("last",))
    plan = replace(plan, steps=(plan.steps[0], last, clean))
    assert prompt_sample(plan)(clean) == {"small": Share(1.0, rendered(3))}


def test_splits_are_applied(plan: Plan) -> None:
    piece = RecordType("<piece>", (Field("row", NOTE), Field("index", INT), Field("text", STR)))
    by_tokens = Split("tokens", (("field", "text"), ("size", 1), ("overlap", 0)), piece, ("row.id", "index"))
    one_word = replace(plan.step("clean"), operation=Map("redact", by_tokens, (("note", Var("@")),)))
    shares = prompt_sample(plan)(one_word)
    assert shares is not None
    assert shares["small"].tokens < rendered(2)


@pytest.mark.parametrize("name", ["digests", "week", "notes"])
def test_what_the_first_rows_do_not_tell_is_left_open(plan: Plan, name: str) -> None:
    assert prompt_sample(plan)(plan.step(name)) is None
