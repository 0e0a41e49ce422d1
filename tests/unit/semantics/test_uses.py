"""The index of uses: where each name of a program is used, told by renaming everything that has one."""

from __future__ import annotations

from pathlib import Path

import pytest
from every_name import every_name, renamable, rename

from apwa_lang.check import Checked, check
from apwa_lang.semantics.uses import Role, Use
from apwa_lang.syntax.source import Source

EXAMPLES = Path(__file__).parents[3] / "examples"


def told(checked: Checked) -> list[str]:
    """What is found in a program, and how each claim about it is known."""
    return [*(finding.code for finding in checked.diagnostics), *(str(claim.verdict) for claim in checked.claims)]


def at(checked: Checked, text: str) -> Use:
    """The use at the end of the first place where ``text`` stands in the root."""
    source = checked.program.source
    found = checked.uses.at(source, source.text.index(text) + len(text))
    assert found is not None
    return found


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/[!.]*.apwa")), ids=lambda path: path.stem)
def test_examples_mean_the_same_under_any_other_names(path: Path) -> None:
    before = check(Source(path.read_text(), path.name, path))
    for declaration in renamable(before):
        [text] = rename(before, declaration, "other_name").values()
        after = check(Source(text, path.name, path))
        assert told(after) == told(before), declaration


@pytest.mark.parametrize("third", [0, *(pytest.param(third, marks=pytest.mark.slow) for third in (1, 2))])
def test_every_name_can_be_another(third: int) -> None:
    before = every_name()
    assert before.claims
    for declaration in list(renamable(before))[third::3]:
        main, lib = rename(before, declaration, "other_name").values()
        assert told(every_name(main, lib)) == told(before), declaration


def test_a_word_is_known_at_each_of_its_characters_and_behind_the_last() -> None:
    checked = check(Source("record Note { id: str }\ntable notes: Note = []"))
    source, start = checked.program.source, 37
    assert source.text[start : start + 4] == "Note"
    found = [checked.uses.at(source, offset) for offset in range(start - 1, start + 6)]
    assert [use.declaration.name if use else None for use in found] == [None, *["Note"] * 5, None]


def test_uses_say_what_they_do_and_of_which_type() -> None:
    checked = every_name()
    assert at(checked, "record Note").role is Role.DEFINITION
    assert at(checked, "lib.Word = [{ word").role is Role.WRITE
    read = at(checked, "tokens(note.text")
    assert (read.role, str(read.type), read.declaration.whole) == (Role.READ, "str", "Note.text")
    assert str(at(checked, "map say(text) over of_round").type) == "<round>"


def test_a_dotted_name_is_two_words() -> None:
    checked = every_name()
    assert at(checked, "table words: lib").declaration.kind == "import"
    assert at(checked, "table words: lib.Word").declaration.whole == "lib.Word"


def test_what_is_built_in_has_no_place() -> None:
    checked = every_name()
    for text, whole in (
        ("small when tokens", "tokens"),
        ("note.text | length", "length"),
        ("loop.index", "loop.index"),
        ("table papers: File", "File"),
        ("param most: int", "int"),
        ("text: text, index: index", "<pages>.index"),
    ):
        declaration = at(checked, text).declaration
        assert (declaration.whole, declaration.span) == (whole, None)


def test_fields_that_are_matched_by_name_keep_one_name() -> None:
    checked = every_name()
    text = at(checked, "record Row { text").declaration
    assert {same.whole for same in checked.uses.same_name(text)} >= {"Row.text", "text"}


def test_a_program_with_errors_has_the_uses_that_could_be_resolved() -> None:
    text = "record Note { id: str }\ntask a(note: Note) -> str { return: note.id + nothing + }\ntable x: Note = ["
    checked = check(Source(text))
    assert checked.has_errors
    assert at(checked, "return: note.id").declaration.whole == "Note.id"
    assert checked.uses.at(checked.program.source, text.index("nothing") + 1) is None
    merged = check(Source("task a(b: list[str]) -> str { return: b[0] }\nflow m { x = reduce a over nothing by fold }"))
    assert at(merged, "reduce a").declaration.kind == "task"


@pytest.mark.parametrize(
    ("place", "known", "unknown"),
    [
        ("require: ", {"note", "style", "most", "lib.limit"}, {"result", "cleaned"}),
        ("ensure: ", {"note", "result"}, {"cleaned"}),
        ("paired where ", {"other", "id", "ward", "most"}, {"size", "note"}),
        ("save same", {"same", "cleaned"}, {"note"}),
        ("  cleaned", {"most"}, {"cleaned"}),
        ("got = ", {"note"}, {"got"}),
        ("record Note", {"most"}, {"note", "cleaned"}),
    ],
)
def test_what_can_be_named_at_a_place(place: str, known: set[str], unknown: set[str]) -> None:
    checked = every_name()
    source = checked.program.source
    names = set(checked.uses.visible(source, source.text.index(place) + len(place)))
    assert known <= names
    assert not unknown & names


@pytest.mark.parametrize(
    "text",
    [
        'task f(b: B) -> str { return: b.x }\ntest "t" { a: A = read "a.json"  got = f(a) }',
        'test "t" { a: A = read "a.json"  b: B = read "b.json"  expect len([a, b]) > 1 }',
        'param s: str = ""\nflow m { if (s == "") { p = t where x == "" } else { p = u where x == "" } }',
        "flow m { p = union(t, u) }",
        "task f(b: B) -> str { return: b.x }\nsplit each = t by row\nflow m { p = map f over each }",
        "task f(b: list[B]) -> B { return: b[0] }\nflow m { p = reduce f over t by fold }",
        "task f(b: list[B]) -> A { return: { x: b[0].x } }\nflow m { p = reduce f over u by fold }",
        "flow m { p = t join v on x }",
        "task f(a: list[A]) -> str { return: a[0].x }\nflow m { p = f(u) }",
    ],
)
def test_records_that_are_taken_for_one_another_share_the_names_of_their_fields(text: str) -> None:
    records = (
        "record A { x: str }\nrecord B { x: str }\nrecord C { x: str @key  y: int }\n"
        "table t: A = []\ntable u: B = []\ntable v: C = []\n"
    )
    checked = check(Source(records + text))
    assert not checked.has_errors, checked.diagnostics
    field = at(checked, "record A { x").declaration
    assert len(checked.uses.same_name(field)) == 2
