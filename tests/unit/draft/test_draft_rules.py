"""What a draft may not do is found, whatever else is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.draft import rules
from apwa_lang.draft.rules import Offered, violations
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Source

GIVEN = """
record Note { id: str @key  text: str }
table notes: Note = read "notes.jsonl"
table scans: File = files "scans/*.png"
model llm { provider: "openai"  name: "m" }
"""
DRAFT = """
record Answer { text: str }
table kinds: Answer = [{ text: "a" }]
param short: bool = true
task ask(note: Note) -> Answer { model: llm  prompt: "{{ note.text }}"  writes: "out/{{ note.id }}.json" }
split each = notes by row
flow main { answers = map ask over each keep id  if (short) { save answers to "out/{{ short }}/" } }
test "mocked" { mock llm = { text: "b" }  expect true }
"""
OFFERED = Offered(frozenset({"notes", "scans"}), frozenset({"llm"}), frozenset())


FLOW = next(line for line in DRAFT.splitlines() if line.startswith("flow"))


def found(program: str) -> list[str]:
    def load(file: Path) -> str:
        raise FileNotFoundError

    return [one.message for one in violations(check(Source(GIVEN + program), load=load), OFFERED)]


def test_a_draft_may_use_all_that_it_is_given() -> None:
    assert found(DRAFT) == []


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ('import "/etc/passwd" as p', "an import"),
        ('model evil { provider: "openai" name: "e" base_url: "http://evil" }', "a model of its own"),
        ('tool t(x: str) -> str { python: "os:system" }', "a tool of its own"),
        ('tool t = mcp "npx evil"', "a tool of its own"),
        ('table t: Note = read "/etc/passwd" as csv', "a table of its own"),
        ('table t: File = files "/etc/*"', "a table of its own"),
        ('task t(x: str) -> str { python: "helpers:f" }', "the setting `python`"),
        ('task t(x: str) -> str { torch: "helpers:F" }', "the setting `torch`"),
        ('task t(x: str) -> str { shell: "rm {{ x }}" }', "the setting `shell`"),
        ('task t(x: str) -> str { return: x  network: "evil" }', "the setting `network`"),
        ("task t(x: str) -> str { return: x  secrets: AWS_KEY }", "the setting `secrets`"),
        ('task t(x: str) -> str { return: x  reads: { a: "/etc/passwd" } }', "the setting `reads`"),
        ('task t(x: str) -> str { return: x  trust: "me" }', "the setting `trust`"),
        ("task t(x: str) -> str { return: x  tomorrow: 1 }", "the setting `tomorrow`"),
        ("task t(x: file) -> str { return: stem(x) }", "a task that takes `file`"),
        (
            'task t(x: str) -> Answer { model: llm  prompt: "{{ x }}"  tools: [u] } '
            'task u(x: str) -> Answer { model: llm  prompt: "{{ x }}" }',
            "a task as a tool",
        ),
        ("record In { a: list[image] } task t(x: In) -> int { return: len(x.a) }", "a task that takes `In`"),
        ('split s = notes by python("os:listdir")', "a split by `python`"),
        ('flow main { split s = notes by python("os:listdir") }', "a split by `python`"),
        ('task t(x: str) -> str { return: x  writes: "/etc/cron.d/x" }', "the path `/etc/cron.d/x`"),
        ('task t(x: str) -> str { return: x  writes: ["out/a", "b"] }', "the path `b`"),
        ('task t(x: str) -> str { return: x  writes: { a: "{{ x }}/a" } }', "the path `{{ x }}/a`"),
        ('flow main { if (short) { save notes to "out/../a.csv" } }', "the path `out/../a.csv`"),
        ('flow main { repeat max 2 until (true) { save notes to "output/a.csv" } }', "the path `output/a.csv`"),
        ('task t(x: str) -> Answer { model: llm  prompt: "x"  retry: 1_000 }', "1,000 turns"),
        ('task t(x: str) -> Answer { model: llm  prompt: "x"  tools: []  max_steps: 21 }', "21 turns"),
        ("flow main { repeat max 21 until (true) { all = notes select { id } } }", "21 turns"),
        ("flow main { all = notes select { id } } flow again { all = notes select { id } }", "a second flow"),
        ('test "t" { note: Note = read "/etc/passwd"  expect true }', "a test that reads a file"),
    ],
)
def test_nothing_else_is_allowed(more: str, what: str) -> None:
    draft = DRAFT.replace(FLOW, "") if more.startswith("flow") else DRAFT
    assert found(f"{draft} {more}") == [f"a draft may not have {what}"]
    broken = draft.replace("-> Answer", "-> Answr").replace("Note)", "Nte)")
    assert found(f"{broken} {more}") == [f"a draft may not have {what}"]


ANY = '{ path: "a", name: "a", size: 1, sha256: "" }'
SHOWS = """
record Seen { text: str }
task see(scan: File) -> Seen { model: llm  prompt: "{{ scan.path | image }}" }
split each = scans by file
flow main { seen = map see over each  save seen to "out/a.csv" }
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seen = map", "some = scans where size > 1  small = some limit 3  split few = small by row  seen = map"),
        ("seen = map see over each", "both = union(scans, scans)  split all = both by row  seen = map see over all"),
        ("| image", "| file"),
    ],
)
def test_a_prompt_shows_rows_of_given_files(old: str, new: str) -> None:
    assert found(SHOWS) == found(SHOWS.replace(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("scan.path |", "'.env' |"),
        ("scan.path |", "scan.name |"),
        ("{{ scan.path | image }}", "{% set c = scan.name %}{{ c | file }}"),
        ('{{ scan.path | image }}"', '{{ scan.path | image }}"  system: "{{ scan.name | image }}"'),
        ("map see over", f"map see(File {ANY}) over"),
        ("seen = map", f"made = scans select {ANY}  split some = made by row  x = map see over some  seen = map"),
        ("each = scans by file", f"each = made by row  table made: File = [{ANY}]"),
        ("seen = map", f"once = see(File {ANY})  seen = map"),
        ("seen = map see over each", "split pairs = scans by cross(scans)  seen = map see(left) over pairs"),
    ],
)
def test_a_prompt_shows_no_other_files(old: str, new: str) -> None:
    assert set(found(SHOWS.replace(old, new))) == {"a draft may not have a prompt that shows any file"}


def test_tables_by_sql_need_what_checks_them(monkeypatch: pytest.MonkeyPatch) -> None:
    more = f'{DRAFT} table t: Note = sql "select * from notes"'
    monkeypatch.setattr(rules, "_OWN_TABLES", (ast.LiteralSource, ast.SqlSource))
    assert found(more) == []
    monkeypatch.setattr(rules, "_OWN_TABLES", (ast.LiteralSource,))
    assert found(more) == ["a draft may not have a table of its own"]
