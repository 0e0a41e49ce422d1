"""A file that is parsed again after each edit gives what it gives when it is parsed afresh."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.reparse import Parser
from apwa_lang.syntax.source import Source

ROOT = Path(__file__).parents[3]
TEXTS = [ROOT / "examples/redact/redact.apwa", ROOT / "examples/play/play.apwa", Path(__file__).with_name("whole.apwa")]
PIECES = [
    '"',
    '"""',
    "{",
    "}",
    "(",
    ")",
    "\n",
    "#",
    "## doc\n",
    " ",
    "x",
    "@",
    "\\",
    "task",
    "record R { a: str }\n",
    "\ufeff",
]


def edited(text: str, rng: random.Random) -> str:
    """The text after one edit: a piece typed, some characters removed, or lines moved."""
    at = rng.randrange(len(text) + 1)
    match rng.randrange(4):
        case 0 | 1:
            return text[:at] + rng.choice(PIECES) + text[at:]
        case 2:
            return text[:at] + text[at + rng.randrange(1, 30) :]
        case _:
            end = rng.randrange(at, len(text) + 1)
            return text[:at] + text[end:] + text[at:end]


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.stem)
def test_random_edits(file: Path) -> None:
    rng = random.Random(file.stem)
    parser = Parser()
    for _ in range(6):
        text = file.read_text("utf-8")
        for _ in range(12):
            source = Source(text)
            assert parser.parse(source) == parse(source)
            text = edited(text, rng)


def test_each_key_of_a_new_declaration() -> None:
    before, after = "record A { id: str @key }\n## doc\ntable a: A = [", '{ id: "x" }]\n'
    parser = Parser()
    for end in range(len(after) + 1):
        source = Source(before + after[:end] + "\n## next\nflow main { }\n")
        assert parser.parse(source) == parse(source)


def test_a_file_without_a_word() -> None:
    for text in ("", "# nothing\n"):
        assert Parser().parse(Source(text))[0].declarations == ()


def test_declarations_that_begin_where_others_do() -> None:
    """A split of a flow at the left edge looks like a declaration until the whole file is read."""
    source = Source("flow main {\nsplit s = t by row\nx = t\n}\nrecord R { a: str }\n")
    assert parse(source)[1] == ()
    assert Parser().parse(source) == parse(source)


def test_what_has_not_changed_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = Parser()
    parser.parse(Source("record A { a: str }\nrecord B { b: str }\n"))
    read: list[str] = []
    from apwa_lang.syntax import reparse

    original = reparse.whole_item

    def watched(builder, tokens, start, stop):  # type: ignore[no-untyped-def]
        read.append(tokens[start + 1].text)
        return original(builder, tokens, start, stop)

    monkeypatch.setattr(reparse, "whole_item", watched)
    parser.parse(Source("record A { a: int }\nrecord B { b: str }\n"))
    assert read == ["A"]


def test_a_file_without_a_word_is_an_empty_program() -> None:
    for text in ("", "\n", "# only a comment\n"):
        assert Parser().parse(Source(text))[0].declarations == ()


def test_what_other_languages_write_is_read_as_it_is_read_from_nothing() -> None:
    parser = Parser()
    for text in ('import "a" as a\nrecord N { id: str }\n', 'import "a"\nrecord N { id: str }\n', 'import "a" as a\n'):
        source = Source(text)
        assert parser.parse(source) == parse(source)
