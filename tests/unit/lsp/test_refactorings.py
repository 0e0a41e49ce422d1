"""What refactorings make of a program: it is clean as it was, and as much of it is proved."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from apwa_lang.check import Checked, check
from apwa_lang.diagnostics.model import Edit, Severity
from apwa_lang.lsp.features.refactorings import Refactoring, refactorings
from apwa_lang.lsp.view import View
from apwa_lang.proofs.claims import Verdict
from apwa_lang.syntax.source import Source, Span
from tests.unit.lsp.completing import view_of

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/[!.]*.apwa"))

PROGRAM = """\
## A program.

record Note {
  id: str @key
  long_text: str
  kind: "a" | "b"
}

table notes: Note = read "notes.jsonl"

model small { provider: "local" }

task ask(note: Note) -> Note {
  model: small
  prompt: "Ask \\"it\\":\\n{{ note.long_text }}"
  writes: "out/{{ note.kind }}/{{ note.id }}.json"
}

flow main {
  few = notes where kind == "a" and len(long_text) > 40
  ## Each by itself.
  split each = notes by row
  asked = map ask over each
  short = asked limit 10
  save short to "out/short.jsonl"
  save few to "out/few.jsonl"
}
"""


def applied(source: Source, edits: tuple[Edit, ...]) -> str:
    """The text with the edits."""
    text = source.text
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        assert edit.span.source is source
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def offered(view: View, word: str, after: str = "") -> list[Refactoring]:
    """What can be done at the first ``word`` behind ``after``."""
    start = view.source.text.index(word, view.source.text.index(after))
    return list(refactorings(view, Span(view.source, start, start)))


def chosen(text: str, word: str, title: str, after: str = "", folder: Path | None = None) -> str:
    """The text after the one refactoring there whose title begins so."""
    view = view_of(text, folder)
    (found,) = [one for one in offered(view, word, after) if one.title.startswith(title)]
    return applied(view.source, found.edits)


def verdicts(checked: Checked) -> Counter[Verdict]:
    """How many claims stand how."""
    return Counter(claim.verdict for claim in checked.claims)


def test_a_split_moves_out_of_its_flow_and_back() -> None:
    moved = chosen(PROGRAM, "each", "Declare", "split")
    assert "## Each by itself.\nsplit each = notes by row\n\nflow main {\n  few =" in moved
    assert "> 40\n  asked = map" in moved
    assert not view_of(moved).checked.has_errors
    back = chosen(moved, "each", "Move", "split")
    assert "  ## Each by itself.\n  split each = notes by row\n  asked = map" in back
    assert back.count("split") == 1
    assert not view_of(back).checked.has_errors


@pytest.mark.parametrize(
    "statement",
    ["split s = few by row", "split s = notes by cross(few)", "if (true) { split s = notes by row }"],
)
def test_a_split_that_needs_its_flow_stays(statement: str) -> None:
    text = PROGRAM.replace("  short =", f"  {statement}\n  short =")
    found = offered(view_of(text), "s", statement.removesuffix(" }").partition("split")[1] + " s")
    assert [one.title for one in found if one.kind in ("extract", "inline")] == []


def test_a_split_that_two_flows_use_stays_outside() -> None:
    text = chosen(PROGRAM, "each", "Declare", "split") + 'flow other { x = map ask over each save x to "x.jsonl" }\n'
    assert [one for one in offered(view_of(text), "each", "split") if one.kind == "inline"] == []


@pytest.mark.parametrize(
    ("word", "after", "declared", "used"),
    [
        ("40", "flow", "param value: int = 40", "> value"),
        ("10", "limit", "param most_rows: int = 10", "limit most_rows"),
        ('"a"', "flow", 'param wanted_kind: str = "a"', "kind == wanted_kind"),
    ],
)
def test_a_literal_becomes_a_parameter(word: str, after: str, declared: str, used: str) -> None:
    made = chosen(PROGRAM, word, "Extract", after)
    assert f"## A program.\n\n{declared}\n\nrecord Note" in made
    assert used in made
    assert not view_of(made).checked.has_errors
    again = chosen(made, "10" if word != "10" else "40", "Extract", "flow")
    assert f"{declared}\nparam " in again
    assert not view_of(again).checked.has_errors


def test_literals_that_must_be_written_are_left() -> None:
    view = view_of(PROGRAM)
    for word, after in (('"out/short', "save"), ('"notes.jsonl"', "read"), ('"local"', "model"), ('"a"', "record")):
        assert [one for one in offered(view, word, after) if one.kind == "extract"] == []


def test_a_field_is_marked_and_fields_are_described() -> None:
    bare = PROGRAM.replace(" @key", "")
    assert "  id: str @key\n" in chosen(bare, "id", "Mark `id` as the key")
    assert "  id: str @unique\n" in chosen(bare, "id", "Mark `id` as unique")
    described = chosen(PROGRAM, "Note", "Describe")
    assert "  ## Long text.\n  long_text: str\n  ## Kind.\n" in described
    assert [one for one in offered(view_of(described), "Note", "record") if one.title.startswith("Describe")] == []


def test_a_prompt_changes_its_quotes_and_keeps_its_text() -> None:
    made = chosen(PROGRAM, "Ask", "Write on lines")
    assert '  prompt: """\n    Ask "it":\n    {{ note.long_text }}\n  """\n' in made
    assert chosen(made, "Ask", "Write on one line") == PROGRAM


def test_values_of_a_path_are_made_safe() -> None:
    made = chosen(PROGRAM, "out/", "Make the values")
    assert '"out/{{ note.kind | key }}/{{ note.id | key }}.json"' in made
    assert [one for one in offered(view_of(made), "out/", "writes") if "safe" in one.title] == []


def test_a_task_gets_a_policy_and_a_test() -> None:
    made = chosen(PROGRAM, "ask", "Add `retry` and `timeout`", "task")
    assert '.json"\n  retry: 3\n  timeout: 30s\n}' in made
    tested = chosen(PROGRAM, "ask", "Write a test", "task")
    assert 'test "ask answers" {\n  mock small = { id: "text", long_text: "text", kind: "a" }\n' in tested
    assert '  got = ask(Note { id: "text", long_text: "text", kind: "a" })\n  expect got.id == "text"\n}' in tested
    assert not view_of(tested).checked.has_errors
    assert 'test "ask answers again" {' in chosen(tested, "ask", "Write a test", "task")


def test_a_python_function_is_written_where_it_is_missing(tmp_path: Path) -> None:
    text = 'task work(a: str, b: int) -> str { python: "lib:make" }\n'
    view = view_of(text, tmp_path)
    (found,) = [one for one in offered(view, "lib") if one.create]
    ((file, made),) = found.create
    assert file == tmp_path / "lib.py"
    assert 'def make(a, b):\n    """From `a: str, b: int` to `str`."""\n' in made
    file.write_text("import os\n")
    (found,) = [one for one in offered(view_of(text, tmp_path), "lib") if one.title.startswith("Write `make`")]
    (edit,) = found.edits
    assert edit.span.source.file == file
    file.write_text(applied(edit.span.source, found.edits))
    assert file.read_text().startswith("import os\n\n\ndef make(a, b):\n")
    assert [one for one in offered(view_of(text, tmp_path), "lib") if one.title.startswith("Write `make`")] == []
    assert not check(Source(text, "main.apwa", tmp_path / "main.apwa")).has_errors


def test_a_function_of_somebody_else_is_not_written(tmp_path: Path) -> None:
    text = 'task work(a: str) -> str { python: "json:nothing" }\n'
    assert [one for one in offered(view_of(text, tmp_path), "json") if "nothing" in one.title] == []


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_whatever_is_offered_leaves_an_example_clean_and_proved(file: Path) -> None:
    source = Source(file.read_text(), file.name, file)
    checked = check(source)
    view = View(source, checked.modules[0], checked)
    seen: dict[str, Refactoring] = {}
    for offset in range(0, len(source.text), 3):
        for one in refactorings(view, Span(source, offset, offset)):
            seen.setdefault(one.title, one)
    assert seen
    before = verdicts(checked)
    for one in seen.values():
        made = check(Source(applied(source, one.edits), file.name, file))
        errors = [finding for finding in made.diagnostics if finding.severity is Severity.ERROR]
        assert errors == [], one.title
        after = verdicts(made)
        assert after[Verdict.PROVED] >= before[Verdict.PROVED], one.title
        assert after[Verdict.CHECKED] <= before[Verdict.CHECKED], one.title


def test_nothing_that_is_typed_makes_them_fail() -> None:
    draw = random.Random(6)
    for _ in range(150):
        start = draw.randrange(len(PROGRAM))
        typed = "".join(draw.choices('{}[]()"\\.:=|@#, \nab😀1', k=draw.randrange(4)))
        broken = view_of(PROGRAM[:start] + typed + PROGRAM[start + draw.choice((0, 1, 5, 40)) :])
        for offset in (start, draw.randrange(len(broken.source.text))):
            for one in refactorings(broken, Span(broken.source, offset, offset)):
                applied(broken.source, one.edits)
