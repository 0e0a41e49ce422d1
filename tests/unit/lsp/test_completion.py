"""What is offered at a place, and that it may stand there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from apwa_lang.lsp.features.completion import complete
from apwa_lang.semantics.task_settings import FORMS
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from tests.unit.lsp.completing import DECLARED, completed, labels, marked, view_of

FLOW = "flow main { a = map ask over each  "


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ta¦", {"table", "task", "record"}),
        ("record X { a: ¦", {"str", "int", "list"}),
        ("task f(x: Note) -> ¦", {"Note", "Answer"}),
        ("table t: ¦", {"Note", "Answer", "File"}),
        ("table t: Note = ¦", {"read", "files", "sql"}),
        ('table t: Note = read "x" as ¦', {"csv", "parquet"}),
        ('table t: Note = read "x" as csv(¦', {"delimiter", "header"}),
        ("table t: Note = [{ id: 1, ¦", {"ward", "text", "kind"}),
        ("table t: Note = [{ kind: ¦", {'"a"', '"b"'}),
        ("record X { id: str @¦", {"key", "unique", "pattern"}),
        ("split s = ¦", {"notes", "more"}),
        ("split s = notes by ¦", {"row", "group", "tokens"}),
        ("split s = notes by group(¦", {"id", "ward", "text"}),
        ("split s = notes by cross(¦", {"notes", "more"}),
        ("split s = notes by plan(¦", {"small", "goal"}),
        ("split s = notes by window(10, ¦", {"stride", "full"}),
        ("tool t = ¦", {"query", "fetch", "mcp"}),
        ("tool t = query(¦", {"notes", "more"}),
        ('tool t = mcp "server" { ¦', {"only", "trust"}),
        ("model m { ¦", {"provider", "name", "base_url"}),
        ("model m { provider: ¦", {'"openai"', '"local"'}),
        ("model m { api_key: ¦", {"secret", "env"}),
        ("task f(x: str) -> str { ¦", {"prompt", "model", "python"}),
        ("task f(x: str) -> str { model: ¦", {"small"}),
        ("task f(x: str) -> str { tools: [¦", {"look"}),
        ("task f(x: str) -> str { on_error: ¦", {"fail", "quarantine", "skip"}),
        ("task f(x: str) -> str { timeout: ¦", {"30s"}),
        ("task f(x: str) -> str { budget: { ¦", {"tokens", "dollars"}),
        ("task f(x: str) -> str { route: { ¦", {"small"}),
        ("task f(x: str) -> Answer { ensure: ¦", {"x", "result", "style"}),
        ("task f(x: str) -> Answer { ensure: result.¦", {"summary", "note"}),
        ("task f(x: str) -> Answer { ensure: result.note.¦", {"id", "ward"}),
        ("task f(x: str) -> Answer { return: { ¦", {"summary", "note"}),
        ("task f(x: list[Note]) -> str { ensure: first(x).¦", {"id", "ward"}),
        ("task f(x: Note) -> str { ensure: x.kind == ¦", {'"a"', '"b"'}),
        ("flow main { ¦", {"split", "save", "if", "repeat"}),
        ("flow main { x = ¦", {"map", "reduce", "notes", "ask"}),
        ("flow main { x = map ¦", {"ask", "merge"}),
        ("flow main { x = map ask over ¦", {"each", "ward"}),
        ("flow main { x = map ask over each keep ¦", {"id", "ward"}),
        ("flow main { x = map ask(¦) over ward", {"rows", "note", "ward"}),
        ("flow main { x = notes where ¦", {"id", "kind", "style"}),
        ("flow main { x = notes where kind == ¦", {'"a"', '"b"'}),
        ("flow main { x = notes select { ¦", {"id", "ward"}),
        ("flow main { x = notes join more on ¦", {"id", "ward"}),
        ("flow main { x = notes sort by id, ¦", {"ward"}),
        ("flow main { x = union(notes, ¦", {"more"}),
        (FLOW + "b = reduce ¦", {"merge"}),
        (FLOW + "b = reduce merge over ¦", {"a"}),
        (FLOW + "b = reduce merge over a by ¦", {"tree", "fold"}),
        (FLOW + "b = reduce over notes by count group ¦", {"ward"}),
        (FLOW + "b = a where ¦", {"summary", "note"}),
        (FLOW + "b = a where note.¦", {"id", "ward"}),
        (FLOW + "save ¦", {"a", "notes"}),
        (FLOW + "if (style == ¦", {'"short"', '"full"'}),
        (FLOW + "if (true) { c = a limit 1  d = ¦", {"c", "a"}),
        ('test "t" { ¦', {"mock", "expect"}),
        ('test "t" { mock ¦', {"small"}),
        ('test "t" { mock small = { ¦', {"summary", "note"}),
        ('test "t" { got = ¦', {"ask", "merge"}),
        ('test "t" { mock small = [{ ¦', {"tool", "arguments", "said", "summary"}),
        ('task f(x: str) -> str { reduces: { "s.json": ¦', {"sum", "count", "union"}),
        ('test "t" { got = ask(¦', {"Note", "note"}),
        ('test "t" { got = ask(Note { ¦', {"id", "ward"}),
        ('test "t" { got = ask(Note { id: "1" })  expect got.¦', {"summary", "note"}),
        ('test "t" { x: ¦', {"Note", "str"}),
    ],
)
def test_what_fits_is_offered_among_the_first(text: str, first: set[str]) -> None:
    offered = labels(text)
    assert first <= set(offered[: max(16, 2 * len(first))])


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("{{ ¦", {"note", "style"}),
        ("{{ note.¦", {"id", "ward", "text"}),
        ("{{ note.te¦", {"id", "ward", "text"}),
        ("{{ note.text | ¦", {"json", "key", "upper"}),
        ("{{ note.text | upper | ¦", {"json", "key"}),
        ("{% ¦", {"for", "if", "set"}),
        ("{% if note.text %}{% ¦", {"else", "elif", "endif"}),
        ("{% for x in all %}{{ ¦", {"x", "loop", "note"}),
        ("{% for x in all %}{{ x.¦", {"id", "text"}),
        ("{% for x in all %}{{ loop.¦", {"index", "last"}),
        ("{% set y = note %}{{ y.¦", {"id", "text"}),
        ("{% if note.text is ¦", {"defined", "none"}),
        ("{% for x ¦", {"in"}),
    ],
)
@pytest.mark.parametrize("quotes", ['"', '"""'])
def test_templates_offer_names_fields_filters_and_statements(text: str, first: set[str], quotes: str) -> None:
    offered = labels(f"task f(note: Note, all: list[Note]) -> str {{ model: small prompt: {quotes}say {text}")
    assert first <= set(offered[:40])


def test_loop_names_end_with_their_loop() -> None:
    start = 'task f(all: list[Note]) -> str { model: small prompt: "{% for x in all %}{{ x.id }}'
    assert "x" in labels(start + "{{ ¦")
    assert "x" not in labels(start + "{% endfor %}{{ ¦")


def test_comments_that_silence_offer_the_codes_of_warnings() -> None:
    offered = labels("# apwa: ignore[APWA690, ¦")
    assert "APWA690" in offered
    assert "APWA102" not in offered
    assert labels("# see ¦") == []


def test_plain_text_of_a_prompt_offers_nothing() -> None:
    assert labels('task f(note: Note) -> str { model: small prompt: "note ¦') == []
    assert labels('task f(note: Note) -> str { model: small prompt: "{{ note.id }} ¦') == []


def test_names_that_are_new_are_not_guessed() -> None:
    for text in ("task ¦", "record ¦", "record X { ¦", "task f(¦", "flow main { split ¦", 'import "x" as ¦'):
        assert labels(text) == []


def test_what_is_given_already_is_not_offered_again() -> None:
    assert "model" not in labels("task f(x: str) -> str { model: small ¦")
    assert "timeout" not in labels('task f(x: str) -> str { ¦\n  prompt: "{{ x }}"\n  timeout: 3s\n}')
    assert "ensure" in labels("task f(x: str) -> str { ensure: true ¦")
    assert labels('test "t" { got = ask(Note { id: "1", ward: "2", text: "3", ¦')[0] == "kind"
    assert "key" not in labels("record X { id: str @key @¦")


def test_every_setting_of_a_task_says_what_it_is_for() -> None:
    offered = {item.label: item for item in completed("task f(x: str) -> str { ¦").items}
    assert set(FORMS) <= set(offered)
    for name in FORMS:
        assert offered[name].doc.endswith(".")
        assert offered[name].detail


def test_files_functions_and_imports_are_looked_up_on_disk(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.jsonl").write_text("")
    (tmp_path / "lib.apwa").write_text("record Shared { a: str }\ntable shared: Shared = []\n")
    (tmp_path / "work.py").write_text('def make(x, y=1):\n    """Makes."""\n\n\nraise SystemExit\n')
    for text, wanted in {
        'table t: Note = read "¦': "data",
        'table t: Note = read "data/¦': "rows.jsonl",
        'import "¦': "lib.apwa",
        'task f(x: str) -> str { python: "¦': "work",
        'task f(x: str) -> str { python: "work:¦': "make",
        'split s = notes by python("work:m¦': "make",
    }.items():
        assert wanted in labels(text, folder=tmp_path)
    (function,) = completed('task f(x: str) -> str { python: "work:¦', folder=tmp_path).items
    assert (function.detail, function.doc) == ("(x, y=1)", "Makes.")
    imported = 'import "lib.apwa" as lib\n'
    assert labels(imported + "table t: lib.¦", folder=tmp_path) == ["Shared"]
    assert "shared" in labels(imported + "flow main { x = lib.¦", folder=tmp_path)


def test_texts_with_few_values_are_offered_inside_of_quotes() -> None:
    assert labels('model m { provider: "¦')[:3] == ["openai", "anthropic", "local"]
    assert labels('task f(x: str) -> str { on_error: "qu¦"') == ["fail", "quarantine", "skip"]
    assert labels('table t: Note = [{ kind: "¦" }]') == ["a", "b"]
    assert labels('flow main { x = notes where kind == "¦" }') == ["a", "b"]
    asked = 'model a { provider: "openai" base_url: env("LLM_URL") }\n'
    assert labels(asked + 'model b { base_url: env("¦") }') == ["LLM_URL"]


def test_what_fits_the_rest_of_the_statement_comes_first() -> None:
    assert labels("flow main { x = map ask over ¦")[0] == "each"
    assert labels("flow main { x = map ¦ over each }")[0] == "ask"
    kept = labels("task f(n: Note) -> Note { return: n }\nflow main { x = map f over each keep ¦")
    assert "id" not in kept
    listed = labels("flow main { x = map ask over each keep id, ward, ¦")
    assert not {"id", "ward"} & set(listed)
    assert "text" in listed


@pytest.mark.parametrize("word", ["record", "table", "model", "tool", "task", "split", "import"])
def test_the_form_that_a_word_opens_can_be_read(word: str) -> None:
    (item,) = [item for item in completed("¦").items if item.label == word]
    assert item.snippet is not None
    chosen = re.sub(r"\$\{\d+\|(\w+)[^}]*\}", r"\1", item.snippet)
    filled = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", chosen)
    text = re.sub(r"\$\d+", "", filled)
    assert parse(Source(text))[1] == ()


def test_only_the_word_is_replaced() -> None:
    found = completed("flow main { x = notes where wa¦rd == 1 }")
    assert found.span.text == "ward"
    assert found.offset - found.span.start == 2
    assert completed('task f(x: str) -> str { python: "work:ma¦').span.text == "ma"
    assert completed('table t: Note = read "data/ro¦ws.jsonl"').span.text == "rows"


def test_snippets_open_whole_forms_only_where_nothing_follows() -> None:
    bare = {item.label: item for item in completed("flow main { x = ¦").items}
    assert bare["map"].snippet == "map ${1:task} over ${2:split}"
    followed = {item.label: item for item in completed("flow main { x = ¦ ask over each }").items}
    assert followed["map"].snippet is None
    assert (
        next(item for item in completed("task f(x: str) -> str { ¦: 3 }").items if item.label == "retry").snippet
        is None
    )


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("flow main { x = map ", "merge"),
        ("task f(note: Note) -> Answer { ensure: note.", "ward"),
        ('record X { a: str }\ntask f(x: str) -> Answer { prompt: """task g() {\n', ""),
        ("record X { ", ""),
        ("sp", "split"),
    ],
)
def test_the_tree_of_an_older_text_will_do(typed: str, wanted: str) -> None:
    older = view_of(DECLARED)
    for start in (declaration.span.start for declaration in older.module.declarations):
        source = Source(DECLARED[:start] + typed + "\n" + DECLARED[start:], "main.apwa")
        found = complete(replace(older, source=source), start + len(typed))
        assert (wanted in [item.label for item in found.items]) if wanted else not found.items


def test_what_is_replaced_is_within_a_line(tmp_path: Path) -> None:
    (tmp_path / "lib.apwa").write_text("record Word { text: str }\n")
    view, offset = marked('import "\nli¦b\n', "", tmp_path)
    found = complete(view, offset)
    assert "\n" not in found.span.text
    view, offset = marked('import "li¦b" as lib\n', "", tmp_path)
    assert complete(view, offset).span.text == "lib"
