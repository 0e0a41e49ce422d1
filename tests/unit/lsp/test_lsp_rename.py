"""Names changed everywhere, and refused where that would change what a program means."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked import opened

from apwa_lang.lsp.features.rename import Refusal, Rename, prepare, rename
from apwa_lang.lsp.workspace import Workspace


def renamed(text: str, name: str, file: Path | None = None, workspace: Workspace | None = None) -> str:
    """The text with what stands at `¦` renamed, or why it is not."""
    view, offset, _ = opened(text, file)
    found = rename(view, offset, name, workspace or Workspace())
    if isinstance(found, Refusal):
        return f"refused: {found.reason}"
    new = view.source.text
    for edit in sorted(found.edits, key=lambda edit: -edit.span.start):
        if edit.span.source.file == view.source.file:
            new = new[: edit.span.start] + edit.text + new[edit.span.end :]
    return new


PROGRAM = """
record Note { id: str @key  text: str }
record Short { text: str }
table notes: Note = [{ id: "a", text: "b" }]
model m { provider: "local" }
task short(note: Note) -> Short {
  model: m
  prompt: "{% for note in [1] %}{{ note }}{% endfor %} {{ note.text }} and {{ note[\\"text\\"] | upper }}"
  ensure: result.text != note.text
}
split each = notes by row
flow main {
  cleaned = map short over each keep id
  few = cleaned where text != ""
}
test "it" {
  mock m = { text: "x" }
  got = short(notes[0])
  expect got.text == "x"
}
"""


ADDED = "param n¦: int = 1\ntask f(a: int) -> int { return: a + n }"
INDEXED = """
record T { i¦ndex: int }
record R { a: str @key }
table r: R = []
split s = r by chunk(2)
task f(x: T) -> int { return: x.index }
flow m { y = map f over s }
"""
ESCAPED = r'record R { a¦: str } task f(r: R) -> str { return: r.a writes: "{{ r[\"\u0061\"] }}" }'


@pytest.mark.parametrize(
    ("place", "name", "changed"),
    [
        (
            "record Note { id: str @key  te¦xt",
            "body",
            [
                "id: str @key  body: str",
                'id: "a", body: "b"',
                "{{ note.body }}",
                'note[\\"body\\"]',
                "!= note.body",
                "Short { text: str }",
                "result.text",
                "where text",
                "got.text",
            ],
        ),
        (
            "Short { te¦xt",
            "body",
            [
                "Short { body",
                "result.body != note.text",
                'where body != ""',
                "mock m = { body:",
                "got.body",
                "Note { id: str @key  text",
            ],
        ),
        (
            "task short(no¦te",
            "it",
            ["task short(it: Note)", "for note in [1] %}{{ note }}", "{{ it.text }}", "!= it.text"],
        ),
        ("for no¦te in", "n", ["for n in [1] %}{{ n }}{%", "{{ note.text }}"]),
        ("task sh¦ort", "shorten", ["task shorten(", "map shorten over", "got = shorten("]),
        ("cleaned wh¦ere", "x", ["refused"]),
        ("few = clea¦ned", "kept", ["kept = map", "few = kept where"]),
        ("over ea¦ch", "one", ["split one = notes", "over one keep"]),
        ("model: m¦", "large", ["model large {", "model: large", "mock large ="]),
        ("keep i¦d", "key", ["Note { key: str @key", '{ key: "a"', "keep key"]),
        ("record No¦te", "Letter", ["record Letter {", "table notes: Letter", "(note: Letter)"]),
        ("expect go¦t", "have", ["have = short", "expect have.text"]),
    ],
)
def test_a_name_is_changed_where_it_is_meant_and_nowhere_else(place: str, name: str, changed: list[str]) -> None:
    before, _, after = place.partition("¦")
    assert PROGRAM.count(before + after) == 1, place
    found = renamed(PROGRAM.replace(before + after, place), name)
    for piece in changed:
        assert piece in found


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        ("record R { a¦: str  b: str }", "b", "then the field `b` is declared twice"),
        ('param a¦: int = 1\ntable b: File = files "x"', "b", "then "),
        ("record R { a¦: str }", "1a", "is no name"),
        ("record R { a¦: str }", "a b", "is no name"),
        ("record R { a¦: str }", "", "is no name"),
        ("record R¦ { a: str }", "str", "then "),
        (ADDED, "a", "main.apwa:2 would then refer to something else"),
        (ADDED, "null", "then"),
        ("param n: int = 1\ntask f(a: int¦) -> int { return: a + n }", "whole", "`int` is built in"),
        ("task f(a: str) -> int { return: le¦n(a) }", "size", "`len` is built in"),
        (INDEXED, "place", "a name that the language gives"),
        ("ta¦sk f(a: str) -> str { return: a }", "b", "no name here"),
        (ESCAPED, "b", "with an escape"),
    ],
)
def test_a_rename_that_would_change_more_is_refused(text: str, name: str, reason: str) -> None:
    found = renamed(text, name)
    assert found.startswith("refused: ")
    assert reason in found


def test_words_of_the_grammar_can_be_names() -> None:
    assert renamed(ADDED, "by").endswith("return: a + by }")


def test_what_outside_the_program_bears_the_name_is_told(tmp_path: Path) -> None:
    text = (
        'record Note { id: str @key  te¦xt: str }\ntable notes: Note = read "notes.csv"\n'
        'task f(note: Note) -> str { python: "work:f" }\ntask g(text: str) -> str { python: "work:g" }\n'
        'table short: Note = sql "select id, Text from notes"\ntest "t" { n: Note = read "note.json" }'
    )
    for place, expected in (
        (text, ["`notes.csv` calls it", "the query of `short`", "`work:f` may call it", "`note.json` calls it"]),
        (text.replace("¦", "").replace("g(text", "g(t¦ext"), ["`work:g` calls it"]),
        (text.replace("¦", "").replace("table notes", "table n¦otes"), []),
    ):
        view, offset, _ = opened(place, tmp_path / "main.apwa")
        found = rename(view, offset, "other", Workspace())
        assert isinstance(found, Rename) or "query" in found.reason, found
        if isinstance(found, Rename):
            assert len(found.outside) == len(expected)
            for line, piece in zip(found.outside, expected, strict=True):
                assert piece in line


def test_other_files_are_edited_as_well_and_what_they_match_by_name(tmp_path: Path) -> None:
    lib, one, two = tmp_path / "lib.apwa", tmp_path / "one.apwa", tmp_path / "two.apwa"
    lib.write_text("record Word { text: str }\ntask say(word: Word) -> str { return: word.text }\n")
    one.write_text(
        'import "lib.apwa" as lib\nrecord Row { text: str }\ntable rows: Row = [{ text: "a" }]\n'
        "split each = rows by row\nflow main { x = map lib.say over each }\n"
    )
    two.write_text("record Other { text: str }\n")
    workspace = Workspace(lambda: [tmp_path])
    view, offset, _ = opened(lib.read_text().replace("{ text", "{ te¦xt"), lib)
    found = rename(view, offset, "body", workspace)
    assert isinstance(found, Rename)
    places = sorted((edit.span.source.file.name, edit.span.line) for edit in found.edits if edit.span.source.file)
    assert places == [("lib.apwa", 1), ("lib.apwa", 2), ("one.apwa", 2), ("one.apwa", 3)]
    one.write_text(
        'import "lib.apwa" as lib\ntable words: lib.Word = []\nparam most: str = "a"\n'
        "flow n { x = words where text == most }"
    )
    refused = renamed(lib.read_text().replace("{ text", "{ te¦xt"), "most", lib, workspace)
    assert refused == f"refused: {one}:4 would then refer to something else"


@pytest.mark.parametrize(
    ("text", "word"), [("record No¦te { a: str }", "Note"), ("task f(a: st¦r) -> str { return: a }", None), ("¦", None)]
)
def test_what_can_be_renamed_is_known_before_a_name_is_given(text: str, word: str | None) -> None:
    view, offset, _ = opened(text)
    found = prepare(view, offset)
    assert (None if isinstance(found, Refusal) else found.text) == word
