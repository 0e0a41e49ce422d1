"""The signature of the call around a place, and which of its parameters is being written."""

from __future__ import annotations

import pytest

from apwa_lang.lsp.features.signature_help import signature_help
from tests.unit.lsp.completing import marked

TASK = 'task both(note: Note, words: int) -> str { model: small prompt: "{{ note.id }} {{ words }}" }\n'


@pytest.mark.parametrize(
    ("text", "label", "parameter"),
    [
        (TASK + "flow main { x = map both(¦", "both(note: Note, words: int) -> str", "note: Note"),
        (TASK + "flow main { x = map both(a, ¦", "both(note: Note, words: int) -> str", "words: int"),
        (TASK + "flow main { x = map both(words: ¦", "both(note: Note, words: int) -> str", "words: int"),
        (
            TASK + "flow main { x = map both(words: 1, ¦) over each }",
            "both(note: Note, words: int) -> str",
            "words: int",
        ),
        (TASK + 'test "t" { got = both(len("a"), ¦', "both(note: Note, words: int) -> str", "words: int"),
        ("task f(x: str) -> str { ensure: replace(x, ¦", "replace(text: str, old: str, new: str) -> str", "old: str"),
        (
            "task f(x: str) -> str { ensure: replace(lower(x), ¦",
            "replace(text: str, old: str, new: str) -> str",
            "old: str",
        ),
        ("task f(x: str) -> str { ensure: replace(lower(¦", "lower(text: str) -> str", "text: str"),
        (
            "task f(x: str) -> str { ensure: max(1, 2, 3, ¦",
            "max(a: ordered, b: ordered, ...more: ordered) -> ordered",
            "...more: ordered",
        ),
        ("split s = notes by window(¦", "window(size, stride?, full?)", "size"),
        ("split s = notes by window(10, full: ¦", "window(size, stride?, full?)", "full?"),
        ("split s = notes by plan(small, ¦", "plan(model, goal, max?, size?)", "goal"),
        ('split s = notes by plan(small, goal: "¦', "plan(model, goal, max?, size?)", "goal"),
        ("flow main { x = reduce merge over notes by tree(¦", "tree(n?)", "n?"),
        ("record X { a: int @range(0, ¦", "@range(least, greatest)", "greatest"),
        ("tool t = query(¦", "query(...tables, rows: int)", "...tables"),
        (
            'task f(x: str) -> str { prompt: "{{ x | truncate(¦',
            'truncate(text: str, length: int, end: str = "") -> str',
            "length: int",
        ),
        (
            'task f(x: str) -> str { prompt: """{{ x | replace(\'a\', ¦',
            "replace(text: str, old: str, new: str) -> str",
            "new: str",
        ),
    ],
)
def test_the_parameter_that_is_next_is_told(text: str, label: str, parameter: str) -> None:
    found = signature_help(*marked(text))
    assert found is not None
    signature = found.signatures[found.active]
    assert signature.label == label
    assert found.parameter is not None
    assert signature.parameters[found.parameter] == parameter
    assert parameter in label


def test_options_of_a_format_are_told_by_name() -> None:
    found = signature_help(*marked('table t: Note = read "x" as csv(delimiter: ";", quote: ¦'))
    assert found is not None
    (signature,) = found.signatures
    assert found.parameter is not None
    assert signature.parameters[found.parameter].startswith("quote: ")
    assert "- `quote`: " in signature.doc


@pytest.mark.parametrize(
    "text",
    [
        "task both(¦",
        "flow main { x = map ask(note) ¦",
        "flow main { if (¦",
        "split s = notes by row ¦",
        "task f(x: str) -> str { ensure: (¦",
        "task f(x: str) -> str { ensure: nothing(¦",
        'task f(x: str) -> str { prompt: "{{ x | truncate(1) }} ¦',
        "# max(¦",
        "¦",
    ],
)
def test_nothing_is_told_where_nothing_is_called(text: str) -> None:
    assert signature_help(*marked(text)) is None


def test_an_argument_for_no_parameter_marks_none() -> None:
    found = signature_help(*marked("task f(x: str) -> str { ensure: lower(x, ¦"))
    assert found is not None
    assert found.parameter is None


def test_a_name_that_is_missing_is_no_name() -> None:
    text = 'record X {\n  date: str\n  total: float @ranreads: { a: "e(0, 1_000_¦000)\n  currency: "EUR" | "GBP"\n}'
    assert signature_help(*marked(text)) is None
