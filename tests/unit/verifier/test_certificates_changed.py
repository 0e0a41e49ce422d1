"""A certificate that was changed, or whose program was, is not accepted.

Null changes, which nothing is concluded from: the order of claims, of states and of the entries that others refer to by
number; an entry written twice in a list of states or hypotheses; the name of the tool.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import certified as make
import pytest

LIBRARY = """\
param place: str = "here"
record Mark { mark: str @key @pattern("[a-z]{2}") }
task stamp(mark: Mark) -> Mark { shell: "x" writes: { w: "stamps/{{ place }}/{{ mark.mark }}" } }
"""
TOOLS = """\
kept = []


def look(at):
    return at


def keep(note, at):
    kept.append(note)
    return "x"
"""
PROGRAM = """\
import "lib/marks.apwa" as m
param fast: bool = true
record Note { id: str @key @pattern("[a-z]{1,3}"), ward: str, seen: date, n: int @range(0, 99) }
record Cell { at: int @key }
record Row { k: str @key, v: str }
table notes: Note = read "notes.jsonl"
table marks: m.Mark = read "marks.csv"
table known: Row = [{ k: "a", v: "b-c" }, { k: "a-b", v: "c" }, { k: "b", v: "d" }]
table cells: Cell = read "cells.csv"
split per_note = notes by row
split per_cell = cells by row
split per_mark = marks by row
split per_known = known by row
split per_ward = notes by group(ward, seen)
tool look(at: str) -> str { python: "tools:look" reads: ["seen/{{ at }}"] }
tool files = mcp "npx files"
tool web = mcp "https://api.example/mcp"
tool memo = mcp "npx memo" { shared: true  trust: "it only counts" }
model small { provider: "openai", name: "small", base_url: "http://localhost:8000/v1" }
task page(note: Note) -> str {
  shell: "x"
  writes: { page: "out/{{ note.ward | sha256 }}/{{ note.id }}.md", all: "trees/{{ note.id }}/**" }
  reads: { cfg: "cfg/{{ note.ward }}.yml" }
}
task page_again(id: str, n: int) -> str { shell: "x" writes: { w: "again/{{ id }}{{ n | zfill(3) }}" } }
task chart(ward: str, day: date) -> Row {
  shell: "x"
  writes: { chart: "charts/{{ day }}-{{ ward | hex }}" }
}
task known_row(row: Row) -> Row { shell: "x" writes: { w: "known/{{ row.k }}.{{ row.v | upper }}" } }
task ask_two(note: Note, at: int) -> str {
  python: "tools:keep"
  network: ["api.example/{{ note.id | key }}/{{ at }}", "other.example"]
  trust: "it only counts"
}
task twice(cell: Cell, at: int) -> str {
  shell: "x"
  writes: { even: "number/{{ at }}" }
  reads: { odd: "number/{{ cell.at * 2 + 1 }}" }
}
task low(note: Note) -> str { shell: "x" writes: { w: "half/{{ note.id }}" } }
task high(note: Note) -> str { shell: "x" writes: { w: "half/{{ note.id }}" } }
task count(note: Note) -> str { return: note.id reduces: { "stats/{{ note.ward }}.json": sum } }
task same(note: Note) -> str { shell: "x" writes: { w: "same.txt" } idempotent: true }
task asked(note: Note) -> str {
  model: small
  prompt: "{{ note.id }}"
  tools: [look, files, web, memo]
  trust: "the tool looks only"
}
flow main {
  pages = map page over per_note keep id, n
  stamps = map m.stamp over per_mark
  if (fast) { charts = map chart(ward, seen) over per_ward }
  else { charts = map chart(ward, seen) over per_ward }
  rows = map known_row over per_known
  counts = map count over per_note
  same = map same over per_note
  answers = map asked over per_note after pages
  named = pages sort by n
  split per_page = named by row
  again = map page_again(id, n) over per_page
  save charts to "charts.jsonl"
  small = notes where n < 50
  large = notes where n >= 50
  split per_small = small by row
  split per_large = large by row
  lows = map low over per_small
  highs = map high over per_large
  asks = map ask_two({ id: id, ward: ward, seen: seen, n: n }, n + 1) over per_note
  evens = map twice({ at: at }, at * 2) over per_cell
}
flow other { save notes to "notes/copy.jsonl" }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("program")
    (made / "lib").mkdir()
    (made / "lib/marks.apwa").write_text(LIBRARY)
    (made / "tools.py").write_text(TOOLS)
    return made


@pytest.fixture(scope="module")
def document(folder: Path) -> make.Document:
    return make.certified(PROGRAM, folder)[0]


def meaning(document: make.Document) -> object:
    """What a certificate says, without what is null."""
    try:
        claims = {}
        for claim in document["claims"]:
            said = {name: value for name, value in claim.items() if name not in ("a", "b")}
            said["hypotheses"] = {json.dumps(document["hypotheses"][n]) for n in said.get("hypotheses", ())}
            if "evidence" in said:
                evidence = dict(document["evidence"][said["evidence"]])
                evidence["states"] = {tuple(state) for state in evidence.get("states", ())}
                said["evidence"] = evidence
            claims[claim["a"], claim["b"]] = said
        others = {
            name: value for name, value in document.items() if name not in ("claims", "evidence", "hypotheses", "tool")
        }
        return claims, others, len(document["claims"])
    except (LookupError, TypeError, ValueError):
        return None


def test_the_program_shows_every_rule_and_verdict(document: make.Document, folder: Path) -> None:
    assert {claim["rule"] for claim in document["claims"] if "rule" in claim} == {
        *(f"P{n}" for n in range(1, 9)),
        "B1",
        "B2",
    }
    assert {claim["verdict"] for claim in document["claims"]} == {"proved", "checked", "trusted"}
    assert {effect["kind"] for effect in document["effects"]} == {
        "read",
        "write",
        "reduce",
        "network",
        "model",
        "state",
    }
    report = make.verified(document, folder)
    assert report.problems == []
    assert report.verdicts.total() == len(document["claims"])


@pytest.mark.parametrize(
    "seed", [*range(130), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(130, 400))]
)
def test_a_changed_certificate_is_not_accepted(seed: int, document: make.Document, folder: Path) -> None:
    chance = random.Random(seed)
    changed = copy.deepcopy(document)
    change = chance.choice(CHANGES)
    change(changed, chance)
    if meaning(changed) != meaning(document) or meaning(changed) is None:
        assert make.verified(changed, folder).problems, change.__name__


def drop_a_claim(document: make.Document, chance: random.Random) -> None:
    del document["claims"][chance.randrange(len(document["claims"]))]


def repeat_a_claim(document: make.Document, chance: random.Random) -> None:
    document["claims"].append(dict(chance.choice(document["claims"])))


def say_something_else(document: make.Document, chance: random.Random) -> None:
    claim = chance.choice(document["claims"])
    name, values = chance.choice(
        [
            ("verdict", ["proved", "checked", "trusted", "refuted", "undecided", "sure"]),
            ("rule", [f"P{n}" for n in range(10)]),
            ("backing", ["launch", "commit", "process"]),
            ("reason", ["because"]),
            ("a", list(range(len(document["effects"]) + 1))),
            ("b", list(range(len(document["effects"]) + 1))),
        ]
    )
    claim[name] = chance.choice(values)


def leave_something_out(document: make.Document, chance: random.Random) -> None:
    claim = chance.choice(document["claims"])
    del claim[chance.choice(sorted(claim))]


def drop_a_state(document: make.Document, chance: random.Random) -> None:
    invariant = chance.choice([one for one in document["evidence"] if one.get("states")])
    del invariant["states"][chance.randrange(len(invariant["states"]))]


def move_a_state(document: make.Document, chance: random.Random) -> None:
    invariant = chance.choice([one for one in document["evidence"] if one.get("states")])
    chance.choice(invariant["states"])[chance.randrange(3)] += chance.choice([-1, 1])


def pin_something_else(document: make.Document, chance: random.Random) -> None:
    invariant = chance.choice([one for one in document["evidence"] if one["kind"] == "invariant"])
    invariant["pinned"] = chance.choice([[], ["n"], ["id", "ward"], ["nothing"]])


def swap_evidence(document: make.Document, chance: random.Random) -> None:
    one, other = chance.sample([claim for claim in document["claims"] if "evidence" in claim], 2)
    one["evidence"], other["evidence"] = other["evidence"], one["evidence"]


def change_a_claims_hypotheses(document: make.Document, chance: random.Random) -> None:
    claim = chance.choice(document["claims"])
    numbers = claim.setdefault("hypotheses", [])
    if numbers and chance.random() < 0.5:
        numbers.remove(chance.choice(numbers))
    else:
        numbers.append(chance.randrange(len(document["hypotheses"])))


def change_a_hypothesis(document: make.Document, chance: random.Random) -> None:
    one = chance.choice(document["hypotheses"])
    if chance.random() < 0.5:
        one["mark"] = chance.choice(["proved", "checked", "trusted"])
    else:
        one["text"] += "."


def change_an_effect(document: make.Document, chance: random.Random) -> None:
    effect = chance.choice(document["effects"])
    name = chance.choice(sorted(effect))
    if name == "types":
        effect["types"] = dict.fromkeys(effect["types"], "int") or {"x": "int"}
    else:
        effect[name] += "x"


def drop_an_entry(document: make.Document, chance: random.Random) -> None:
    entries = chance.choice([value for value in document.values() if isinstance(value, list) and value])
    del entries[chance.randrange(len(entries))]


def change_any_text_or_number(document: make.Document, chance: random.Random) -> None:
    holder: Any = document
    while True:
        key = chance.choice(sorted(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
        value = holder[key]
        if isinstance(value, dict | list) and value:
            holder = value
            continue
        holder[key] = value + 1 if isinstance(value, int) else f"{value}x"
        return


CHANGES: list[Callable[[make.Document, random.Random], None]] = [
    drop_a_claim,
    repeat_a_claim,
    say_something_else,
    leave_something_out,
    drop_a_state,
    move_a_state,
    pin_something_else,
    swap_evidence,
    change_a_claims_hypotheses,
    change_a_hypothesis,
    change_an_effect,
    drop_an_entry,
    change_any_text_or_number,
]


def test_what_is_null_is_accepted(document: make.Document, folder: Path) -> None:
    changed = copy.deepcopy(document)
    changed["claims"].reverse()
    changed["tool"] = "another"
    for evidence in changed["evidence"]:
        if evidence.get("states"):
            evidence["states"] = [*reversed(evidence["states"]), evidence["states"][0]]
    assert make.verified(changed, folder).problems == []


def test_a_state_that_is_never_reached_and_leads_nowhere_is_accepted(tmp_path: Path) -> None:
    text = make.program_text({"p": 'str @key @pattern("[0-9]")'}, "ab{{ note.p }}", "c")
    document, _ = make.certified(text, tmp_path)
    (number,) = {n for n, one in enumerate(document["evidence"]) if one["kind"] == "invariant"}
    # One path has read `a` where the other has read `ab`, and then one would read `b` and the other a digit.
    document["evidence"][number]["states"].append([1, 2, 0])
    assert make.verified(document, tmp_path).problems == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("main.apwa", "{1,3}", "{1,4}"),
        ("main.apwa", "flow other", "flow another"),
        ("lib/marks.apwa", "{2}", "{3}"),
        ("lib/marks.apwa", "stamps/", "out/"),
    ],
)
def test_a_program_changed_afterwards_is_not_accepted(tmp_path: Path, file: str, old: str, new: str) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/marks.apwa").write_text(LIBRARY)
    document, _ = make.certified(PROGRAM, tmp_path)
    assert make.verified(document, tmp_path).problems == []
    text = (tmp_path / file).read_text()
    (tmp_path / file).write_text(text.replace(old, new))
    problems = make.verified(document, tmp_path).problems
    assert problems == [
        f"{file} is not the {'program' if file == 'main.apwa' else 'file'} that was proved: its SHA-256 differs"
    ]


def test_a_program_changed_afterwards_with_its_hash_is_not_accepted(tmp_path: Path) -> None:
    """The claims are held against the program as it is, not only against its hash."""
    from hashlib import sha256

    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/marks.apwa").write_text(LIBRARY)
    document, _ = make.certified(PROGRAM, tmp_path)
    for old, new in [
        ("{1,3}", "{1,4}"),
        ("/{{ note.id }}.md", "/{{ note.n }}.md"),
        ("after pages", ""),
        ("by group(ward, seen)", "by group(ward)"),
        ("id: str @key", "id: str"),
        ('v: "b-c"', 'v: "B"'),
        ('json": sum', 'json": max'),
        ("idempotent: true", ""),
        ("cell.at * 2 + 1", "cell.at * 2 + 2"),
        ("n >= 50", "n >= 49"),
        ('"tools:look"', '"tools:keep"'),
        ('"other.example"', '"api.example"'),
    ]:
        assert old in PROGRAM, old
        changed = PROGRAM.replace(old, new, 1)
        (tmp_path / "main.apwa").write_text(changed)
        document["program"]["sha256"] = sha256(changed.encode()).hexdigest()
        if old != 'v: "b-c"' and "sum" not in old:
            assert make.verified(document, tmp_path).problems, old
