"""From claims to what a run checks: path checks, isolation, assumptions and notes, and what passes do to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from programs import program

from apwa_compiler.build import build_plan
from apwa_compiler.passes.prune import prune
from apwa_compiler.passes.share_scans import share_scans
from apwa_compiler.plan import CASE, ClaimNote, EffectRef, PathCheck, Plan, Python
from apwa_compiler.plan_json import from_json, to_json
from apwa_lang.proofs.claims import Backing, Claim, Verdict
from apwa_lang.proofs.pairs import CASE as CASE_HYPOTHESIS
from apwa_lang.semantics.program import Effect, Literal, Program, Template
from apwa_lang.syntax.source import Span

TEXT = """
param both: bool = true
record Item { n: int @key }
table items: Item = read "items-*.jsonl"
table again: Item = read "items-*.jsonl"
task act(item: Item) -> Item {
  python: "acts:act"
  reads: { a: "in/{{ item.n }}", b: "more/{{ item.n }}" }
  writes: { c: "out/{{ item.n }}" }
}
split each = items by row
flow main {
  done = map act over each
  others = again where n > 1
  save others to "others.jsonl"
  if (both) { save done to "done.jsonl" }
}
"""
PROGRAM = program(TEXT, Path("/project/main.apwa"))


def template(text: str) -> Template:
    span = Span(PROGRAM.source, 0, 0)
    return Template(text, frozenset(), (Literal(text, span),), span)


def declared(kind: str, number: int = 0) -> Effect:
    return [effect for effect in PROGRAM.tasks["act"].effects if effect.kind == kind][number]


def claim(left: tuple[str, Effect], right: tuple[str, Effect], verdict: Verdict, **more: object) -> Claim:
    rule = str(more.pop("rule", ""))
    found = Claim("main", left[0], right[0], left[1], right[1], verdict, rule)
    return replace(found, **more)  # type: ignore[arg-type]


def state(verdict: Verdict, **more: object) -> Claim:
    effect = replace(declared("read"), kind="state", target=template("acts:act"))
    return claim(("done", effect), ("done", effect), verdict, **more)


def saved(program: Program = PROGRAM, place: int = 0) -> tuple[str, Effect]:
    steps = [step for step in program.flows["main"].steps if step.record is None]
    effect = replace(declared("write"), target=template("others.jsonl"))
    return steps[place].name, effect


def plan(*claims: Claim, **params: object) -> Plan:
    return build_plan(PROGRAM, None, params, claims)


def body(made: Plan) -> Python:
    found = made.task("act").body
    assert isinstance(found, Python)
    return found


LAUNCH = {"verdict": Verdict.CHECKED, "backing": Backing.LAUNCH}


def test_effects_are_named_by_their_place_in_the_task() -> None:
    made = plan(claim(("done", declared("read", 1)), ("done", declared("write")), **LAUNCH))
    assert made.checks == (PathCheck(EffectRef("done", "read", 1), EffectRef("done", "write")),)
    assert from_json(to_json(made)) == made


def test_saves_and_tables_have_one_effect() -> None:
    table = replace(declared("read"), target=template("items-*.jsonl"))
    made = plan(claim(("table items", table), saved(), **LAUNCH))
    assert made.checks == (PathCheck(EffectRef("items", "read"), EffectRef(saved()[0], "write")),)


@pytest.mark.parametrize(
    "other",
    [
        {"verdict": Verdict.PROVED, "rule": "P4"},
        {"verdict": Verdict.CHECKED, "backing": Backing.COMMIT},
        {"verdict": Verdict.TRUSTED},
        {**LAUNCH, "flow": "another"},
    ],
    ids=["proved", "commit", "trusted", "another-flow"],
)
def test_nothing_else_is_compared(other: dict[str, object]) -> None:
    verdict = other.pop("verdict")
    assert isinstance(verdict, Verdict)
    assert plan(claim(("done", declared("write")), ("done", declared("write")), verdict, **other)).checks == ()


def test_claims_about_branches_that_are_not_taken_are_dropped() -> None:
    about = claim(("done", declared("write")), saved(place=1), **LAUNCH)
    assert len(plan(about).checks) == 1
    assert plan(about, both="false").checks == ()
    assert plan(about, both="false").claims == ()


@pytest.mark.parametrize(
    ("claims", "isolation", "grounds"),
    [
        pytest.param([], "own", "", id="none"),
        pytest.param([state(Verdict.CHECKED, backing=Backing.PROCESS)], "own", "", id="process"),
        pytest.param([state(Verdict.PROVED, rule="P1")], "shared", "proved pure", id="pure"),
        pytest.param([state(Verdict.TRUSTED, reason="a cache")], "shared", "trusted: a cache", id="trusted"),
        pytest.param([state(Verdict.PROVED, rule="P3")], "own", "", id="alone-is-not-pure"),
        pytest.param(
            [state(Verdict.PROVED, rule="P1"), state(Verdict.CHECKED, backing=Backing.PROCESS)], "own", "", id="both"
        ),
    ],
)
def test_isolation(claims: list[Claim], isolation: str, grounds: str) -> None:
    made = body(plan(*claims))
    assert (made.isolation, made.grounds) == (isolation, grounds)


def test_notes_count_what_is_proved_and_name_the_rest() -> None:
    ways = ("done", declared("read"))
    made = plan(
        claim(ways, ways, Verdict.PROVED, rule="P1"),
        claim(ways, ways, Verdict.PROVED, rule="P1"),
        claim(ways, ("done", declared("write")), **LAUNCH),
        state(Verdict.CHECKED, backing=Backing.PROCESS),
    )
    assert made.claims == (
        ClaimNote("proved", "P1", count=2),
        ClaimNote(
            "checked",
            subject='two sub-problems of `done`: reads "in/{{ item.n }}", writes "out/{{ item.n }}"',
            backing="launch",
        ),
        ClaimNote(
            "checked", subject='two sub-problems of `done`: runs "acts:act"', function="acts:act", backing="process"
        ),
    )


def test_what_proofs_take_for_granted_is_looked_at() -> None:
    ways = ("done", declared("write"))
    proved = claim(ways, ways, Verdict.PROVED, rule="P5", hypotheses=(CASE_HYPOTHESIS,))
    assert plan(proved).assumes == (CASE,)
    assert plan().assumes == ()


def test_a_check_follows_its_table_into_a_shared_scan() -> None:
    table = replace(declared("read"), target=template("items-*.jsonl"))
    made = plan(claim(("table again", table), ("done", declared("write")), **LAUNCH))
    assert made.checks[0].left.step == "again"
    assert share_scans(made).checks == (PathCheck(EffectRef("items", "read"), EffectRef("done", "write")),)


def test_a_check_of_a_table_that_is_not_read_goes_with_it() -> None:
    table = replace(declared("read"), target=template("items-*.jsonl"))
    made = plan(claim(("table again", table), ("done", declared("write")), **LAUNCH))
    unread = replace(made, steps=tuple(step for step in made.steps if "others" not in (step.name, *step.inputs)))
    assert prune(unread).checks == ()
    assert prune(made).checks == made.checks


@pytest.mark.parametrize(("step", "expected"), [("items", set()), ("done", {"items"}), ("others", {"again"})])
def test_what_has_ended_before_a_step(step: str, expected: set[str]) -> None:
    assert plan().ended_before(step) == expected


def test_endpoints_go_with_the_task() -> None:
    text = TEXT.replace('python: "acts:act"', 'python: "acts:act" network: ["https://example.org/"]')
    made = build_plan(program(text, Path("/project/main.apwa")), None, {})
    assert made.task("act").network == ("https://example.org/",)
