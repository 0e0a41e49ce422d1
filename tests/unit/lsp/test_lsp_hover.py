"""What is told of the word under the pointer."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked import opened

from apwa_lang.lsp.features.hover import hover, measured, prompt_at

EXAMPLES = Path(__file__).parents[3] / "examples"

PROGRAM = """
param style: str = "short"
## One note.
record Note {
  id: str @key
  ## As it was dictated.
  text: str
  more: str?
}
record Clean { text: str  size: int }
table notes: Note = read "notes.csv" as csv(delimiter: ";")
table fixed: Note = [{ id: "a", text: "b" }, { id: "b", text: "c" }]
model small { provider: "openai"  name: "tiny"  api_key: secret("KEY")  price: { input: 0.1, output: 0.2 } }
## Looks up a word.
tool look(word: str) -> str { python: "tools:look" }
tool ask = query(fixed)
## Cleans a note.
task clean(note: Note) -> Clean {
  model: small
  prompt: "Clean this in {{ style | upper }} words: {{ note.text }}{% if note.more is none %}!{% endif %}"
  writes: "out/{{ note.id | key }}.json"
}
task short(text: str) -> str { return: slice(text, 0, 10) trust: "why" retry: 1 on_error: skip }
split each = notes by row
split pages = notes by lines(text, 10) # apwa: ignore[APWA506] later
flow main {
  cleaned = map clean over each keep id
  few = cleaned where len(text) > 1
  one = reduce text over few by concat
}
"""


def told(place: str) -> str:
    """What is told of the place marked in the program: at `¦` within a piece of its text."""
    before, _, after = place.partition("¦")
    assert PROGRAM.count(before + after) == 1, place
    view, offset, _ = opened(PROGRAM.replace(before + after, place))
    found = hover(view, offset)
    return "" if found is None else found.text


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("Note = r¦ead", ["The rows of a file"]),
        ("ignore[APW¦A506]", ["split that is not used"]),
        ('sec¦ret("KEY")', ["never shown"]),
        ("on_error: sk¦ip", ["What becomes of a sub-problem"]),
        ("out¦put: 0.2", ["`output` of `price`", "tokens of answers"]),
        ("fixed: N¦ote", ["record Note {", "One note."]),
        ("this in {{ st¦yle", ['param style: str = "short"']),
        ("style | up¦per", ["upper(text: str) -> str", "upper case"]),
        ("note.te¦xt }}", ["text: str", "As it was dictated.", "A field of `Note`"]),
        ("note.more is no¦ne", ["A test of templates"]),
        ("{{ no¦te.text", ["note: Note", "A parameter of `clean`", "id: str @key"]),
        ("model: sma¦ll", ["model small", "`openai`", "`tiny`"]),
        ("map cl¦ean", ["task clean(note: Note) -> Clean", "Cleans a note."]),
        ("tool l¦ook", ["tool look(word: str) -> str", "Looks up a word."]),
        ("tool a¦sk", ["tool ask = query(fixed)"]),
        ("= que¦ry(", ["query("]),
        ("over ea¦ch keep", ["split each = notes by row", "**proved** by P5", "`id` tells it"]),
        ("cle¦aned where", ["map clean over each", "Its rows: `{ text: str, size: int, id: str @key }`", "proved"]),
        ("split pa¦ges", ["No flow maps a task over it."]),
        ("by li¦nes(", ["lines("]),
        ("by con¦cat", ["The texts or lists of the field"]),
        ("where l¦en", ["len(x: str", "Number of characters"]),
        ("@k¦ey\n  ## As", ["@key", "Identifies the row"]),
        ("pro¦mpt: ", ['prompt: "…"', "About 7 tokens of its own, and what its 2 holes show.", "`small` (`tiny`)"]),
        ("Clean th¦is", ["About 7 tokens"]),
        ("re¦try", ["retry: n", "Further attempts"]),
        ("provi¦der: \"openai\"", ["Who answers."]),
        ("as cs¦v", ["as csv"]),
        ("deli¦miter", ["one character"]),
        ("id: s¦tr @key", ["A text."]),
        ("fl¦ow main", ["flow name { statements }"]),
        ("flow ma¦in", ["flow main", "3 steps"]),
    ],
)  # fmt: skip
def test_hover(place: str, words: list[str]) -> None:
    text = told(place)
    for word in words:
        assert word in text


@pytest.mark.parametrize("place", ["## One re¦cord", 'trust: "w¦hy"', "  few¦ = ", "\n¦param style"])
def test_comments_texts_and_gaps_are_no_words_of_the_language(place: str) -> None:
    text = PROGRAM.replace("## One note.", "## One record")
    before, _, after = place.partition("¦")
    view, offset, _ = opened(text.replace(before + after, place))
    found = hover(view, offset)
    assert found is None or "few" in found.text or "param name" in found.text


def test_prompts_are_measured_with_the_first_rows_of_the_data(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_text('{"id": "a", "text": "one two"}\n{"id": "b", "text": "one two three four"}\n')
    text = (
        'record Note { id: str @key  text: str }\ntable notes: Note = read "notes.jsonl"\n'
        'model m { provider: "local" }\n'
        'task f(note: Note) -> str { model: m  prompt: "Re¦ad: {{ note.text }}" }\nsplit s = notes by row\n'
        "flow main { x = map f over s }"
    )
    view, offset, _ = opened(text, tmp_path / "main.apwa")
    task = prompt_at(view, offset)
    assert task is not None
    assert measured(view.checked, task) == "With the first rows of the data, about 5 tokens a call."
    (tmp_path / "notes.jsonl").unlink()
    assert measured(view.checked, task) is None
    view, offset, _ = opened(text.replace("¦", "").replace("note.t", "note.¦t"), tmp_path / "main.apwa")
    assert prompt_at(view, offset) is None


def test_backticks_in_a_program_do_not_end_a_block() -> None:
    view, offset, _ = opened('## A ``` here.\nrecord R { a: str @description("```") }\ntable t: R¦ = []')
    found = hover(view, offset)
    assert found is not None
    assert found.text.startswith("````apwa\n")


def test_a_program_with_an_error_says_that_nothing_is_proved_yet() -> None:
    view, offset, _ = opened(
        "record R { a: str }\ntable t: R = []\ntask f(r: R) -> str { return: nothing }\nsplit s¦ = t by row\n"
        "flow m { x = map f over s }"
    )
    found = hover(view, offset)
    assert found is not None
    assert "once the program has no error" in found.text


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/[!.]*.apwa")), ids=lambda path: path.stem)
def test_every_place_of_every_example_can_be_asked_about(path: Path) -> None:
    view, _, _ = opened(path.read_text(), path)
    for use in view.checked.uses.of_file(view.source):
        found = hover(view, use.span.start)
        assert found is not None
        assert found.span == use.span
        assert found.text
