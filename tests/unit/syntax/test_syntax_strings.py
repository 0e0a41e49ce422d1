"""The value of a string, and where each of its characters stands in the source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import problems, read

from apwa_lang.syntax import nodes as n


def literal(quoted: str) -> n.StringLiteral:
    param = read(f"param x: str = {quoted}").declarations[0]
    assert isinstance(param, n.Param) and isinstance(param.default, n.StringLiteral)
    return param.default


@pytest.mark.parametrize(
    ("quoted", "value"),
    [
        ('""', ""),
        ('"a b"', "a b"),
        (r'"\n\t\r\"\\"', '\n\t\r"\\'),
        (r'"\u00e9\u{1F600}\u{41}"', "é😀A"),
        ('"""a"""', "a"),
        ('""""""', ""),
        ('"""say "hi" now"""', 'say "hi" now'),
        (r'"""a\"""b"""', 'a"""b'),
        ('"""\n    one\n      two\n    three\n  """', "one\n  two\nthree"),
        ('"""\n    one\n\n    two\n    """', "one\n\ntwo"),
        ('"""\n  one\n    \n  two"""', "one\n\ntwo"),
        ('"""one\n    two\n    three"""', "one\ntwo\nthree"),
        ('"""\n\tone\n\t\ttwo\n"""', "one\n\ttwo"),
        ('"""\n  a \\\n  b\n"""', "a b"),
        ('"""\n"""', ""),
        ('"""\n\n"""', ""),
        ('"""\n  a\n\n"""', "a\n"),
        ('"""\r\n  a\r\n  b\r\n  """', "a\nb"),
    ],
)
def test_values(quoted: str, value: str) -> None:
    assert literal(quoted).value == value


@pytest.mark.parametrize(
    "quoted",
    [
        '"plain"',
        r'"a\tb\u0041c"',
        '"""\n   Note: {{ note.text }}\n     more\n   """',
        '"""a\r\n  b"""',
        '"""\n  a \\\n  b\n"""',
    ],
)
def test_each_character_knows_its_place(quoted: str) -> None:
    string = literal(quoted)
    text = string.span.source.text
    assert len(string.offsets) == len(string.value) + 1
    assert list(string.offsets) == sorted(string.offsets)
    for character, offset in zip(string.value, string.offsets[:-1], strict=True):
        assert text[offset] == character or text[offset] in "\\\r"


def test_a_part_of_a_dedented_text_is_pointed_at() -> None:
    string = literal('"""\n    Hello {{ note.text }},\n    bye {{ x }}\n  """')
    start = string.value.index("note.text")
    assert string.place(start, start + len("note.text")).text == "note.text"
    start = string.value.index("x }}")
    assert string.place(start, start + 1).text == "x"
    assert string.place(start, start + 1).line == 3


def test_a_part_around_an_escape_is_pointed_at() -> None:
    string = literal(r'"a\tb\tc"')
    assert string.place(1, 4).text == r"\tb\t"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_can_be_written_with_escapes(text: str) -> None:
    quoted = "".join(f"\\u{{{ord(character):x}}}" for character in text)
    assert literal(f'"{quoted}"').value == text
    assert literal(f'"""{quoted}"""').value == text


@pytest.mark.parametrize("escape", [r"\d", r"\x41", r"\u12", r"\u{}", r"\u{110000}", r"\ud800", r"\u{zz}", r"\'"])
def test_other_escapes_are_refused(escape: str) -> None:
    found = problems(f'param x: str = "ab{escape}"')
    assert [item.split()[:2] for item in found] == [["APWA006", "1:19"]]
