"""What a program without mistakes means."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from pathlib import Path

import pytest
from analysing import NOTES, clean, findings, flow_of, steps_of

from apwa_lang.check import check
from apwa_lang.semantics import program as p
from apwa_lang.semantics import types as t
from apwa_lang.semantics.core import Apply, Const, GetField, Var
from apwa_lang.syntax.source import Source

WHOLE = (Path(__file__).parents[1] / "syntax" / "whole.apwa").read_text()
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/[!.]*.apwa"))


def test_the_language_page_program_is_clean() -> None:
    program = clean(WHOLE)
    assert set(program.tasks) == {"redact", "digest", "merge"}
    redact = program.tasks["redact"]
    assert redact.policy == p.Policy(retry=3, timeout=30.0, on_error="quarantine")
    assert [contract.text for contract in redact.ensures] == ['"@" not in result.text']
    assert isinstance(redact.body, p.PromptBody) and redact.body.models == ("small",)
    model = dict(program.models["small"].settings)
    assert model["rate"] == p.Rate(600, timedelta(minutes=1))
    assert (model["base_url"], model["api_key"]) == (p.Environment("LLM_URL"), p.Environment("LLM_KEY", secret=True))
    note = program.records["Note"]
    text, id = note.field("text"), note.field("id")
    assert text is not None and text.description == "The free text, as dictated."
    assert id is not None and (id.key, id.pattern) == (True, "[A-Z0-9]{8}")


def test_the_flow_of_the_language_page_program() -> None:
    flow = flow_of(WHOLE)
    assert [(step.name, step.depends) for step in flow.steps] == [
        ("clean", ()),
        ("digests", ()),
        ("week", ("digests",)),
        ("save_clean", ("clean",)),
        ("save_week", ("week",)),
    ]
    assert {split.name for split in flow.splits} == {"per_note", "per_ward"}
    record = flow.steps[0].record
    assert record is not None
    assert [(field.name, field.key) for field in record.fields] == [
        ("text", False),
        ("found", False),
        ("id", True),
        ("ward", False),
    ]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_the_examples_are_clean(file: Path) -> None:
    assert [found.message for found in check(Source(file.read_text(), file.name, file)).diagnostics] == []


def test_types() -> None:
    program = clean("""
record B { id: str }
record A {
  a: list[str?], b: map[str, list[int]], c: tensor[f16, 2, 3], d: "x" | "y", e: B | C, f: "x" | "y"?,
  g: B?, h: datetime, i: File
}
record C { id: str }
""")
    record = program.records["A"]
    b, c = program.records["B"], program.records["C"]
    file = record.fields[8].type
    assert isinstance(file, t.RecordType)
    assert [field.name for field in file.fields] == ["path", "name", "size", "sha256"]
    assert [field.type for field in record.fields[:8]] == [
        t.ListOf(t.Optional(t.STR)),
        t.MapOf(t.ListOf(t.INT)),
        t.Tensor("f16", (2, 3)),
        t.Choice(("x", "y")),
        t.Union((b, c)),
        t.Optional(t.Choice(("x", "y"))),
        t.Optional(b),
        t.DATETIME,
    ]


def test_a_chain_of_a_thousand_records() -> None:
    chain = "\n".join(f"record R{n} {{ next: R{n + 1}? }}" for n in range(1_000))
    assert len(clean(chain + "\nrecord R1000 { x: int }").records) == 1_001


def test_fields() -> None:
    record = clean("""
record A {
  ## Read from the form.
  a: int @range(-1, 5) = 2
  b: str @unique @description("said otherwise") @secret
  c: list[str] = ["x"]
  d: str? = null
  e: json = null
}
""").records["A"]
    a, b, c, d, e = record.fields
    assert (a.minimum, a.maximum, a.default, a.description) == (-1, 5, t.Default(2), "Read from the form.")
    assert (b.unique, b.secret, b.description, b.default) == (True, True, "said otherwise", None)
    assert (c.default, d.default, e.default) == (t.Default(["x"]), None, t.Default(None))


SOURCES = {
    '"a.csv"': ("csv", ()),
    '"a.tsv.gz"': ("tsv", ()),
    '"data/*.ndjson"': ("jsonl", ()),
    '"https://x.org/a.parquet?version=1.2"': ("parquet", ()),
    '"a.feather"': ("arrow", ()),
    '"a.txt" as csv(delimiter: ";", header: false, on_error: skip)': (
        "csv",
        (("delimiter", ";"), ("header", False), ("on_error", "skip")),
    ),
    '"a.json" as json(path: "rows")': ("json", (("path", "rows"),)),
}


@pytest.mark.parametrize("written", SOURCES)
def test_formats_of_tables(written: str) -> None:
    source = clean(f"record A {{ x: str }}\ntable t: A = read {written}").tables["t"].source
    assert isinstance(source, p.ReadSource)
    assert (source.format, source.options) == SOURCES[written]


def test_literal_tables_hold_rows_in_the_order_of_the_fields() -> None:
    program = clean(
        'record A { x: str, y: int = 3, z: date? }\ntable t: A = [{ z: "2026-01-31", x: "a" }, A { x: "b", y: 1 }]'
    )
    source = program.tables["t"].source
    assert isinstance(source, p.LiteralSource)
    assert source.rows == (("a", 3, "2026-01-31"), ("b", 1, None))


def test_a_query_names_its_tables() -> None:
    source = clean(NOTES + 'table t: Note = sql "select * from notes as n"').tables["t"].source
    assert isinstance(source, p.SqlSource) and source.tables == ("notes",)


def test_effects() -> None:
    task = clean("""
task f(id: str) -> str {
  python: "m:f"
  reads: { config: "conf/{{ id }}/**" }
  writes: { page: "out/{{ id | key }}.md" }
  network: ["api.example.org", "https://{{ id }}.example.org/"]
  secrets: [TOKEN, "OTHER"]
  reduces: { "sums/{{ id }}.json": sum }
}
""").tasks["f"]
    assert [(e.kind, e.target.text, e.tree, e.label, e.operation) for e in task.effects] == [
        ("read", "conf/{{ id }}/**", True, "config", None),
        ("write", "out/{{ id | key }}.md", False, "page", None),
        ("network", "api.example.org", False, None, None),
        ("network", "https://{{ id }}.example.org/", False, None, None),
        ("secret", "TOKEN", False, None, None),
        ("secret", "OTHER", False, None, None),
        ("reduce", "sums/{{ id }}.json", False, None, "sum"),
    ]


def test_resources_are_constants_or_expressions_over_the_arguments() -> None:
    task = clean('task f(n: int) -> int { python: "m:f" resources: { memory: 2KiB, gpu: 1, slots: n } }').tasks["f"]
    assert dict(task.resources) == {"memory": Const(2048, t.INT), "gpu": Const(1.0, t.FLOAT), "slots": Var("n")}


SPLITS: dict[str, tuple[list[str], tuple[str, ...], bool]] = {
    "row": (["id", "ward", "text", "words"], ("id",), True),
    "chunk(10)": (["index", "rows"], ("index",), True),
    "chunk(n: 10)": (["index", "rows"], ("index",), True),
    "group(ward, words)": (["ward", "words", "rows"], ("ward", "words"), True),
    "window(10, 5)": (["index", "rows"], ("index",), False),
    "window(10)": (["index", "rows"], ("index",), True),
    "tokens(text, 100)": (["row", "index", "text"], ("row.id", "index"), True),
    "lines(text, 10, overlap: 2)": (["row", "index", "text"], ("row.id", "index"), False),
    "pages(text)": (["row", "index", "text"], ("row.id", "index"), True),
    "cross(notes)": (["left", "right"], ("left.id", "right.id"), False),
    'python("m:f")': (["index", "rows"], ("index",), False),
}


@pytest.mark.parametrize("rule", SPLITS)
def test_splits(rule: str) -> None:
    split = clean(f"{NOTES}split s = notes by {rule}").splits["s"]
    assert ([field.name for field in split.subproblem.fields], split.identity, split.partitions) == SPLITS[rule]


def test_a_split_by_row_of_a_table_without_a_key_has_no_identity() -> None:
    assert clean('record A { x: str }\ntable t: A = read "t.csv"\nsplit s = t by row').splits["s"].identity == ()


def test_a_map_names_its_arguments() -> None:
    steps = steps_of(
        "x = map f(words: words, text) over each", NOTES + "task f(text: str, words: int) -> str { return: text }"
    )
    assert steps["x"].operation == p.Map("f", "each", (("text", Var("text")), ("words", Var("words"))), ())


KEPT = {
    "row": ("keep words, id", [("value", False), ("words", False), ("id", True)]),
    "group(ward)": ("keep ward", [("value", False), ("ward", True)]),
    "group(ward, words)": ("keep ward", [("value", False), ("ward", False)]),
    "chunk(3)": ("keep index", [("value", False), ("index", True)]),
    "tokens(text, 9)": ("keep id, index", [("value", False), ("id", True), ("index", True)]),
    "lines(text, 9)": ("keep id", [("value", False), ("id", False)]),
}


@pytest.mark.parametrize("rule", KEPT)
def test_what_is_kept_of_the_identity_stays_a_key(rule: str) -> None:
    keep, expected = KEPT[rule]
    before = f"{NOTES}task one() -> int {{ return: 1 }}\nsplit s = notes by {rule}"
    record = steps_of(f"x = map one() over s {keep}", before)["x"].record
    assert record is not None
    assert [(field.name, field.key) for field in record.fields] == expected


def test_kept_fields_of_a_piece_are_those_of_its_row() -> None:
    before = f"{NOTES}task one() -> int {{ return: 1 }}\nsplit s = notes by tokens(text, 9)"
    operation = steps_of("x = map one() over s keep ward, index", before)["x"].operation
    assert isinstance(operation, p.Map)
    assert operation.keep == (("ward", GetField(Var("row"), "ward")), ("index", Var("index")))


AGGREGATES = {
    "reduce words over notes by sum": [("words", t.INT, False)],
    "reduce words over notes by max": [("words", t.Optional(t.INT), False)],
    "reduce words over notes by min group ward": [("ward", t.STR, True), ("words", t.INT, False)],
    "reduce over notes by count": [("count", t.INT, False)],
    "reduce text over notes by concat group ward": [("ward", t.STR, True), ("text", t.STR, False)],
}


@pytest.mark.parametrize("written", AGGREGATES)
def test_aggregates(written: str) -> None:
    record = steps_of(f"x = {written}")["x"].record
    assert record is not None
    assert [(field.name, field.type, field.key) for field in record.fields] == AGGREGATES[written]


def test_merging_by_a_task() -> None:
    before = f"""{NOTES}
record Part {{ text: str }}
task merge(parts: list[Part]) -> Part {{ return: first(parts) }}
task next(sum: Part, more: Part) -> Part {{ return: more }}
"""
    steps = steps_of("a = reduce merge over notes b = reduce next over notes by fold group ward", before)
    assert steps["a"].operation == p.Reduce("notes", "tree", "merge", None, 8, ())
    assert steps["b"].operation == p.Reduce("notes", "fold", "next", None, None, ("ward",))
    assert steps["b"].record is not None and [field.name for field in steps["b"].record.fields] == ["ward", "text"]


def test_select_keeps_what_is_known_of_copied_fields() -> None:
    before = """
record Inner { code: str @pattern("[a-z]+") }
record Note { id: str @key @pattern("[0-9]+"), inner: Inner }
table notes: Note = read "n.jsonl"
"""
    steps = steps_of(
        "a = notes select { key: id, code: inner.code, long: id + id } b = notes select { code: inner.code }", before
    )
    record, other = steps["a"].record, steps["b"].record
    assert record is not None and other is not None
    assert [(field.name, field.key, field.pattern) for field in record.fields] == [
        ("key", True, "[0-9]+"),
        ("code", False, "[a-z]+"),
        ("long", False, None),
    ]
    assert other.keys == ()


def test_a_join_keeps_the_key_of_the_side_that_meets_one_row() -> None:
    before = f'{NOTES}record Ward {{ ward: str @key, head: str }}\ntable wards: Ward = read "w.csv"'
    record = steps_of("x = notes join wards on ward", before)["x"].record
    assert record is not None
    assert [field.name for field in record.fields] == ["id", "ward", "text", "words", "head"]
    assert [field.name for field in record.keys] == ["id"]


def test_rows_of_a_union_have_no_key() -> None:
    steps = steps_of("x = union(notes, notes) y = notes")
    x, y = steps["x"].record, steps["y"].record
    assert x is not None and x.keys == ()
    assert y is not None and [field.name for field in y.keys] == ["id"]


def test_a_call_takes_whole_tables() -> None:
    before = f"{NOTES}task count(notes: list[Note], of: table[Note]) -> int {{ return: len(notes) + len(of) }}"
    steps = steps_of("some = notes limit 3 x = count(some, notes)", before)
    assert steps["x"].operation == p.CallOnce("count", (("notes", Var("some")), ("of", Var("notes"))))
    assert steps["x"].depends == ("some",)
    assert steps["x"].record is not None and [field.name for field in steps["x"].record.fields] == ["value"]


def test_branches_exclude_each_other_and_meet_in_a_union() -> None:
    steps = steps_of(
        "if (fast) { x = notes limit 1 } else { x = notes limit 2 } y = x limit 1 z = x limit 2",
        NOTES + "param fast: bool = true",
    )
    one, two = steps["x"].guards[0], steps["x~2"].guards[0]
    assert (one.id, one.condition, one.expected, two.expected) == (two.id, Var("fast"), True, False)
    assert steps["x~3"].operation == p.UnionAll(("x", "x~2"))
    assert (steps["x~3"].depends, steps["x~3"].guards) == (("x", "x~2"), ())
    assert steps["y"].depends == steps["z"].depends == ("x~3",)
    assert len(steps) == 5


def test_guards_add_up() -> None:
    steps = steps_of(
        "if (a) { if (b) { x = notes limit 1 } else { y = notes limit 1 } }",
        NOTES + "param a: bool = true\nparam b: bool = true",
    )
    assert [(guard.condition, guard.expected) for guard in steps["y"].guards] == [(Var("a"), True), (Var("b"), False)]


def test_each_round_has_steps_of_its_own_and_begins_with_what_the_one_before_has_assigned() -> None:
    text = "x = notes limit 9 repeat max 2 until (len(x) > n) { y = x limit 1 x = y where true } z = x limit 1"
    steps = steps_of(text, NOTES + "param n: int = 1")
    assert list(steps) == ["x", "y@1", "x@1", "until@1", "y@2", "x@2", "x~2", "z"]
    assert [steps[name].depends for name in ("y@1", "y@2", "z")] == [("x",), ("x@1",), ("x~2",)]
    assert steps["until@1"].operation == p.Until(Apply(">", (Apply("len", (Var("x@1"),)), Var("n"))))
    assert (steps["until@1"].depends, steps["until@1"].after) == (("x@1",), ("y@1", "x@1"))
    assert [steps[name].unless for name in steps] == [None] * 4 + ["until@1", "until@1", None, None]
    assert steps["y@2"].after == ("until@1",)
    assert steps["x~2"].operation == p.Last(("x@1", "x@2"))


def test_rounds_in_rounds_wait_for_the_outer_round() -> None:
    steps = steps_of("repeat max 2 until (true) { repeat max 2 until (true) { x = notes limit 1 } y = x limit 1 }")
    assert [name for name in steps if name.startswith("x")] == ["x@1@1", "x@1@2", "x@1", "x@2@1", "x@2@2", "x@2"]
    assert [steps[name].unless for name in ("x@1@1", "x@1@2", "y@1", "x@2@1", "x@2@2", "x@2", "y@2")] == [
        *(None, "until@1@1", None),
        *("until@1", "until@2@1", "until@1", "until@1"),
    ]


def test_a_repeat_of_one_round_is_its_statements() -> None:
    steps = steps_of("repeat max 1 until (true) { x = notes limit 1 } y = x limit 1")
    assert list(steps) == ["x@1", "y"]


def test_splits_of_a_flow_are_of_its_own_tables() -> None:
    flow = flow_of(
        NOTES
        + "task one() -> int { return: 1 }\nflow main { x = notes limit 1 split s = x by row y = map one() over s }"
    )
    assert [(split.name, split.table) for split in flow.splits] == [("s", "x")]
    assert flow.steps[1].depends == ("x",)


def test_after_and_saves() -> None:
    steps = steps_of('x = notes limit 1 y = notes limit 2 after x save y to "out/" after x, y save y to "y.csv"')
    assert steps["y"].after == ("x",)
    assert [(step.name, step.after) for step in steps.values() if isinstance(step.operation, p.Save)] == [
        ("save_y", ("x", "y")),
        ("save_y~2", ()),
    ]
    assert [step.operation.format for step in steps.values() if isinstance(step.operation, p.Save)] == [
        "parquet",
        "csv",
    ]


def test_tests_call_tasks_by_name() -> None:
    (case,) = clean("""
model small { provider: "local" }
task double(n: int) -> int { return: n + n }
test "doubles" { mock small = { text: "x" } four = double(n: 2) eight = four + four expect eight == 8 }
""").tests
    mock, four, eight, expected = case.statements
    assert isinstance(mock, p.MockValue) and mock.model == "small"
    assert isinstance(four, p.TestCall)
    assert (four.name, four.task, four.arguments) == ("four", "double", (("n", Const(2, t.INT)),))
    assert isinstance(eight, p.TestCall) and eight.task is None and eight.value is not None
    assert isinstance(expected, p.Expectation) and expected.text == "eight == 8"


def test_servers_are_commands_or_urls() -> None:
    tools = clean("""
tool files = mcp "npx server 'a b'" { only: ["read", "read"]  timeout: 5s  reads: "docs/**"  secrets: TOKEN }
tool web = mcp "https://a.example/mcp" {
  only: "find"  headers: { "X-Key": secret("KEY") }  api_key: env("TOKEN")  shared: true  trust: "it only reads"
}
""").tools
    files, web = tools["files"], tools["web"]
    assert files.server == p.Server("npx server 'a b'", Path(), ("read",), timeout=5.0)
    assert [(effect.kind, effect.target.text) for effect in files.effects] == [("read", "docs/**"), ("secret", "TOKEN")]
    assert web.server == p.Server(
        "https://a.example/mcp",
        Path(),
        ("find",),
        (("X-Key", p.Environment("KEY", True)),),
        p.Environment("TOKEN"),
        shared=True,
        trust="it only reads",
    )
    assert [(effect.kind, effect.target.text) for effect in web.effects] == [("network", "https://a.example/mcp")]


@pytest.mark.parametrize(
    ("tool", "code"),
    [
        ('tool t = mcp ""', "APWA435"),
        ('tool t = mcp "npx \'server"', "APWA435"),
        ('tool t = mcp "https://a.example:70000/mcp"', "APWA435"),
        ('tool t = mcp "https://{{ host }}/mcp"', "APWA435"),
        ('tool t = mcp "npx server" { shared: true }', "APWA436"),
        ('tool t = mcp "https://a.example/mcp" { shared: true }', "APWA436"),
        ('tool t = mcp "npx server" { api_key: secret("K") }', "APWA419"),
        ('tool t = mcp "https://a.example/mcp" { reads: "a.txt" }', "APWA419"),
        ('tool t = mcp "https://a.example/mcp" { api_key: "sk-1" }', "APWA422"),
        ('tool t = mcp "npx server" { only: read }', "APWA417"),
        ('tool t = mcp "npx server" { writes: "a.txt" }', "APWA415"),
        ('tool t = mcp "npx server" { reads: "{{ name }}.txt" }', "APWA201"),
    ],
)
def test_what_no_server_can_be(tool: str, code: str) -> None:
    assert [found.code for found in check(Source(tool)).diagnostics] == [code]


def test_a_program_without_a_flow_is_a_library() -> None:
    assert clean("record A { x: str }").flows == {}


UNRUN = {
    'tool t(n: int) -> str { python: "m:t" writes: { x: "a.json" } }': "a tool that writes files",
    NOTES + 'table few: Note = sql "select * from notes"  tool ask = query(few)': "a tool over a `sql` table",
    'task f(n: int) -> int { return: n reduces: { "a.json": sum } }': "`reduces`",
    'task f(n: int) -> int { python: "m:f" reads: { x: "a/**" } }': "a tree of files (`**`)",
    NOTES + 'model m { provider: "openai" name: "m" }\n'
    'task f(a: Note, b: Note) -> Note { model: m prompt: "{{ a.id | image }} {{ b.id | image }}" }\n'
    "flow main { x = reduce f over notes by fold }": "a `reduce` by a task whose prompt shows files",
}


@pytest.mark.parametrize("text", UNRUN, ids=UNRUN.values())
def test_what_is_not_run_yet_is_a_warning(text: str) -> None:
    clean(text)
    assert [(found.code, found.message) for found in check(Source(text)).diagnostics] == [
        ("APWA901", f"{UNRUN[text]} cannot be compiled yet")
    ]


def test_no_program_makes_the_check_fail() -> None:
    """Programs with words and marks dropped, swapped and repeated at random are reported on, never raised on."""
    chance = random.Random(7)
    words = re.findall(r'"""[\s\S]*?"""|"[^"\n]*"|\w+|[^\w\s]|\s+', WHOLE)
    for _ in range(300):
        broken = list(words)
        for _ in range(chance.choice((1, 1, 2, 4))):
            broken[chance.randrange(len(words))] = chance.choice(("", chance.choice(words)))
        found = findings("".join(broken))
        assert list(found) == sorted(found, key=lambda each: each.sort_key)
