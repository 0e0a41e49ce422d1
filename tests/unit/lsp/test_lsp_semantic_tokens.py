"""What each word is, for its colour."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from marked import opened

from apwa_lang.lsp.features.semantic_tokens import MODIFIERS, TYPES, semantic_tokens
from apwa_lang.syntax.source import Span

EXAMPLES = Path(__file__).parents[3] / "examples"

PROGRAM = """
# Plain.
## Told.
param by: int = 1
record Note { id: str @key @pattern("a+")  text: str  read: bool }
table notes: Note = read "notes.csv" as csv(delimiter: ";")
model m { provider: "local" }
task f(note: Note) -> str {
  model: m
  prompt: "Read: {{ note.text | upper }} {% if note[\\"id\\"] is none and 1 %}x{% endif %}{# no #}"
  on_error: quarantine
}
split each = notes by row
flow main {
  x = map f over each keep read
  y = x where not read and by > 2
}
"""


def tokens(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Text, type and modifiers of each token."""
    view, _, _ = opened(text)
    found = semantic_tokens(view, Span(view.source, 0, len(view.source.text)))
    return [(view.source.text[token.start : token.end], token.type, token.modifiers) for token in found]


@pytest.mark.parametrize(
    ("word", "type", "modifiers"),
    [
        ("# Plain.", "comment", ()),
        ("## Told.", "comment", ("documentation",)),
        ("param", "keyword", ()),
        ("by", "parameter", ("declaration", "readonly")),
        ("Note", "struct", ("declaration",)),
        ("@key", "decorator", ("defaultLibrary",)),
        ('"a+"', "regexp", ()),
        ("text", "property", ("declaration",)),
        ("int", "type", ("defaultLibrary",)),
        ("csv", "function", ("defaultLibrary",)),
        ("delimiter", "parameter", ()),
        ("provider", "property", ()),
        ("m", "variable", ("declaration", "readonly")),
        ("f", "function", ("declaration",)),
        ("note", "parameter", ("declaration",)),
        ('"Read: ', "string", ()),
        ("{{", "operator", ()),
        ("|", "operator", ()),
        ("upper", "function", ("defaultLibrary",)),
        ("if", "keyword", ()),
        ("none", "function", ("defaultLibrary",)),
        ("1", "number", ()),
        ("{# no #}", "comment", ()),
        ("quarantine", "enumMember", ()),
        ("row", "function", ("defaultLibrary",)),
        ("x", "variable", ("declaration",)),
        ("not", "keyword", ()),
    ],
)
def test_the_first_such_word(word: str, type: str, modifiers: tuple[str, ...]) -> None:
    found = [(kind, more) for text, kind, more in tokens(PROGRAM) if text == word]
    assert (type, modifiers) in found


def test_a_word_is_a_keyword_only_where_the_parser_takes_it_for_one() -> None:
    found = tokens(PROGRAM)
    assert [kind for text, kind, _ in found if text == "read"] == ["property", "keyword", "property", "property"]
    assert [kind for text, kind, _ in found if text == "by"] == ["parameter", "keyword", "parameter"]


def test_a_field_in_quotes_is_a_field_between_quotes() -> None:
    found = [(text, kind) for text, kind, _ in tokens(PROGRAM)]
    at = found.index(('\\"', "string"))
    assert found[at : at + 3] == [('\\"', "string"), ("id", "property"), ('\\"', "string")]


def test_text_that_is_no_template_is_whole() -> None:
    found = tokens('task f(a: str) -> str { return: "{{ a }}"  trust: "{% if %}" }')
    assert ('"{{ a }}"', "string", ()) in found
    assert ('"{% if %}"', "string", ()) in found


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/[!.]*.apwa")), ids=lambda path: path.stem)
def test_tokens_stand_in_order_wherever_a_person_stops_typing(path: Path) -> None:
    text = path.read_text()
    for end in range(0, len(text), 997):
        view, _, _ = opened(text[:end], path)
        found = semantic_tokens(view, Span(view.source, 0, end))
        assert all(one.end <= other.start for one, other in pairwise(found))
        assert all(token.start < token.end <= end for token in found)
        assert {token.type for token in found} <= set(TYPES)
        assert {name for token in found for name in token.modifiers} <= set(MODIFIERS)


def test_a_part_of_a_file_has_the_tokens_of_the_whole_there() -> None:
    view, _, _ = opened(PROGRAM)
    whole = semantic_tokens(view, Span(view.source, 0, len(view.source.text)))
    start, end = PROGRAM.index("model m"), PROGRAM.index("split each")
    part = [token for token in semantic_tokens(view, Span(view.source, start, end)) if start <= token.start < end]
    assert part == [token for token in whole if start <= token.start < end]
