"""The Pygments lexer over every program: nothing is lost, nothing is an error, and keywords are those of the parser."""

from __future__ import annotations

from itertools import chain

import pytest
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Operator, String
from word_kinds import VALUES, read, soft, written

from apwa_grammar.pygments_lexer import SOFT_KEYWORDS, TYPES
from apwa_lang.semantics.names import TYPE_NAMES
from apwa_lang.syntax.tokens import keywords

PROGRAMS = {**written(), **soft()}


def kinds(text: str) -> list[object]:
    """The kind of the token at each offset."""
    lexer = get_lexer_by_name("apwa", stripnl=False, ensurenl=False)
    tokens = list(lexer.get_tokens_unprocessed(text))
    assert "".join(value for _, _, value in tokens) == text
    return list(chain.from_iterable([kind] * len(value) for _, kind, value in tokens))


def test_pygments_knows_the_language_by_name_and_by_file() -> None:
    assert get_lexer_by_name("apwa").name == "APWA"
    assert get_lexer_for_filename("flow.apwa").name == "APWA"


def test_its_words_are_those_of_the_language() -> None:
    assert set(SOFT_KEYWORDS) == set(keywords()) - set(VALUES)
    assert set(TYPES) == TYPE_NAMES


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_word_is_a_keyword_where_the_parser_takes_it_for_one(name: str) -> None:
    text = PROGRAMS[name]
    found = kinds(text)
    assert Error not in found
    for word in read(text) or ():
        kind = found[word.start]
        assert kind not in String and kind not in Comment
        shown = kind in Operator.Word or (kind in Keyword and kind not in Keyword.Type)
        assert shown == word.keyword, f"{word} is {kind} in {text.splitlines()[text[: word.start].count(chr(10))]!r}"


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name.startswith("examples/")])
def test_a_program_cut_anywhere_is_read_without_loss(name: str) -> None:
    text = PROGRAMS[name]
    for end in range(0, len(text), 53):
        assert Error not in kinds(text[:end])


@pytest.mark.parametrize(
    ("text", "part", "kind"),
    [
        ('task f(a: str) -> str { prompt: "{{ a.b | upper }}" }', "{{", String.Interpol),
        ('task f(a: str) -> str { prompt: "{{ a.b | upper }}" }', "upper", Name.Function),
        ('task f(a: str) -> str { prompt: """{% for x in a %}{{ x }}{% endfor %}""" }', "endfor", Keyword),
        ('task f(a: str) -> str { prompt: """{# said to nobody #}""" }', "said", Comment),
        ('task f(a: str) -> str { prompt: "{{ a" retry: 3 }', "retry", Name.Attribute),
        ("## What it is.\nrecord R { a: int }", "What", Comment.Special),
        ("record R { a: int }", "int", Keyword.Type),
        ("record R { a: S.int }", "int", Name.Class),
        ('record R { a: str @pattern("{{2}}") }', "@", Name.Decorator),
        ("x = map f(args) over split keep fields", "over", Keyword),
        ("x = t where kind not in [1]", "not", Operator.Word),
        ('param a: "x\nrecord R { a: int }', "record", Keyword.Declaration),
    ],
)
def test_parts(text: str, part: str, kind: object) -> None:
    assert kinds(text)[text.index(part)] is kind
