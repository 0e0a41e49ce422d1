"""The parser takes any text: no exception, no hang, and a tree that lies inside the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trees import check_sound, names, problems, programs, read

from apwa_lang.syntax.source import Source
from apwa_lang.syntax.tokens import keywords, scan

MARKS = [*"{}()[]:,=.|?@+-*/%<", "->", "//", "==", ">=", "\n"]
WORDS = [*keywords(), *MARKS, "x", "Note", "1", "3s"]
PIECES = [*WORDS, "0.5", "8GiB", "12x", '"a"', '"""b\n c"""', '"', '"""', "#", "## d\n", "$", "é", "\\", "\0"]


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    check_sound(text)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    check_sound(data.decode("utf-8", errors="replace"))


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_words(pieces: list[str]) -> None:
    check_sound(" ".join(pieces))


@pytest.mark.parametrize("path", programs(), ids=lambda path: path.stem)
def test_any_truncation(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for end in range(0, len(text), 1 + len(text) // 50):
        check_sound(text[:end])


@pytest.mark.parametrize("path", programs(), ids=lambda path: path.stem)
def test_any_deletion_of_one_token(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    whole = names(read(text))
    tokens = scan(Source(text)).tokens
    for token in tokens[:: 1 + len(tokens) // 50]:
        module = check_sound(text[: token.start] + text[token.end :])
        lost = len(whole) - len(names(module))
        allowed = 0 if token.kind in (")", "]", "}", ",", ":") else 1
        assert lost <= allowed, (token, problems(text[: token.start] + text[token.end :]))


@settings(max_examples=100)
@given(st.data())
def test_any_swap_of_two_tokens(data: st.DataObject) -> None:
    text = programs()[0].read_text(encoding="utf-8")
    tokens = scan(Source(text)).tokens
    first, second = sorted(data.draw(st.tuples(*[st.integers(0, len(tokens) - 1)] * 2)))
    a, b = tokens[first], tokens[second]
    if first != second:
        check_sound(text[: a.start] + b.text + text[a.end : b.start] + a.text + text[b.end :])


DEEP = {
    "parentheses": "param x: t = " + "(" * 3_000,
    "closed parentheses": "param x: t = " + "(" * 3_000 + "1" + ")" * 3_000,
    "brackets": "param x: t = " + "[" * 3_000 + "]" * 3_000,
    "bare brackets": "[" * 3_000,
    "records": "param x: t = " + "{ a: " * 3_000,
    "calls": "param x: t = " + "f(" * 3_000,
    "types": "param x: " + "list[" * 3_000 + "int" + "]" * 3_000,
    "optionals": "param x: int" + "?" * 3_000,
    "not": "param x: t = " + "not " * 3_000 + "a",
    "sums": "param x: t = 1" + " + 1" * 3_000,
    "indexes": "param x: t = a" + "[0]" * 3_000,
    "fields": "param x: t = a" + ".b" * 3_000,
    "branches": "flow m { " + "if (a) { " * 3_000,
    "else": "flow m { if (a) { }" + " else if (a) { }" * 3_000 + " }",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting_is_an_error_and_not_a_crash(text: str) -> None:
    module = check_sound(text + "\nrecord After { a: int }")
    assert problems(text)
    assert names(module)[-1] == "After"
    assert isinstance(hash(module.declarations), int)


LONG = {
    "open declarations": "task a (\n" * 1_500,
    "open records": "record a { b\n" * 1_500,
    "bare words": "a b\n" * 2_000,
    "settings": "model m {" + "a: \n" * 2_000,
    "bad statements": "flow m {\n" + "x = map f over\n" * 1_500,
    "misspelt statements": "flow m {\n" + "x = mpa f over g\n" * 1_500 + "}",
    "strings": '"abc\n' * 2_000,
    "texts": '"""\n}\n' * 2_000 + '"""',
    "strays": "$ " * 2_000,
    "one line": "record a { b: int } " * 2_000 + "}",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_long_wrong_files_end(text: str) -> None:
    check_sound(text)
    assert problems(text)
