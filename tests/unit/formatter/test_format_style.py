"""The style: what a program looks like once it is formatted."""

from __future__ import annotations

import pytest

from apwa_lang.formatter.format import UnparsedError, format_source
from apwa_lang.syntax.source import Source


def formatted(text: str, width: int = 60) -> str:
    return format_source(Source(text), line_length=width)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "record Note{id:str@key,text : str}\n",
            "record Note { id: str @key  text: str }\n",
            id="a block written on one line stays there, without commas",
        ),
        pytest.param(
            "record Note { id: str @key, text: str\n  words: int }\n",
            "record Note {\n  id: str @key\n  text: str\n  words: int\n}\n",
            id="a block with a line end among its items is open",
        ),
        pytest.param(
            'model m { provider: "openai", name: "a-rather-long-name", concurrency: 16 }\n',
            'model m {\n  provider: "openai"\n  name: "a-rather-long-name"\n  concurrency: 16\n}\n',
            id="a block that does not fit is open",
        ),
        pytest.param(
            "table t: R = [\n { a:1 }, {a :2} ]\n",
            "table t: R = [\n  { a: 1 },\n  { a: 2 },\n]\n",
            id="a list whose first item has a line of its own is open",
        ),
        pytest.param(
            "table t: R = [{ a:1 },\n\n {a :2},]\n",
            "table t: R = [{ a: 1 }, { a: 2 }]\n",
            id="a list that fits is closed, and the last comma goes",
        ),
        pytest.param(
            'test "t" { a = see(Document { id: "6", kind: "image", path: "long-name.png" },) }\n',
            'test "t" {\n  a = see(Document {\n    id: "6",\n    kind: "image",\n    path: "long-name.png",\n  })\n}\n',
            id="an only argument has its brackets beside those of the call",
        ),
        pytest.param(
            "param p: list[int] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]\n",
            "param p: list[int] = [\n  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,\n]\n",
            id="numbers fill lines",
        ),
        pytest.param(
            'param kind: "letter" | "invoice" | "receipt" | "reminder" | "offer" = "letter"\n',
            'param kind: "letter" | "invoice" | "receipt" | "reminder"\n  | "offer" = "letter"\n',
            id="a union fills lines",
        ),
        pytest.param(
            "task f(first_argument: str, second_argument: list[Note]) -> Answer { return: null }\n",
            "task f(\n  first_argument: str,\n  second_argument: list[Note],\n) -> Answer { return: null }\n",
            id="parameters that do not fit have a line each",
        ),
        pytest.param(
            "task f(a: A) -> B { ensure: len(result.words) > 1000 and (result.a or not result.b) and result.c }\n",
            "task f(a: A) -> B {\n  ensure: len(result.words) > 1000\n    and (result.a or not result.b)\n"
            "    and result.c\n}\n",
            id="operators of one level begin lines together",
        ),
        pytest.param(
            "flow f { answers=map answer( question ) over questions keep id,ward  after table_of_all }\n",
            "flow f {\n  answers = map answer(question)\n    over questions\n    keep id, ward\n"
            "    after table_of_all\n}\n",
            id="clauses that do not fit have a line each",
        ),
        pytest.param(
            'flow f { if(p){ save a to "a.csv" }else if ( q ){}else{b=a}}\n',
            'flow f {\n  if (p) { save a to "a.csv" } else if (q) {} else { b = a }\n}\n',
            id="if and else share lines with their brackets",
        ),
        pytest.param(
            "flow f {\n\n  a = b\n\n\n  c = d\n\n}\n\n\nparam p: int\nparam q: int\n",
            "flow f {\n  a = b\n\n  c = d\n}\n\nparam p: int\nparam q: int\n",
            id="one blank line stays between items, none beside brackets",
        ),
        pytest.param(
            "record A {\n  a: str\n}\nparam p: int\nrecord B {\n  b: str\n}\n",
            "record A {\n  a: str\n}\n\nparam p: int\n\nrecord B {\n  b: str\n}\n",
            id="a declaration of several lines stands apart",
        ),
        pytest.param(
            "record A {\n  a: str\n}\n# about p\nparam p: int\n",
            "record A {\n  a: str\n}\n\n# about p\nparam p: int\n",
            id="so does the comment above the next",
        ),
        pytest.param(
            "param p: float = ( 1_000+ 0.50 )*2\n",
            "param p: float = (1_000 + 0.50) * 2\n",
            id="numbers and parentheses",
        ),
        pytest.param("", "", id="nothing"),
        pytest.param("\n\n  # only this", "# only this\n", id="a comment alone"),
    ],
)
def test_style(before: str, after: str) -> None:
    assert formatted(before) == after


def test_a_text_in_three_quotes_is_left_as_it_is() -> None:
    text = '"""\n      Say   hello\t\n\n   to {{  x  }}\n  """'
    assert formatted(f"task f(x: str) -> str {{ prompt: {text}, model: m }}") == (
        f"task f(x: str) -> str {{\n  prompt: {text}\n  model: m\n}}\n"
    )


def test_line_ends_are_those_of_the_first_line_outside_strings() -> None:
    assert formatted("record A {\r\n a: str\n b: str }") == "record A {\r\n  a: str\r\n  b: str\r\n}\r\n"
    assert formatted("record A {\n a: str\r\n b: str }") == "record A {\n  a: str\n  b: str\n}\n"
    text = 'param p: str = """\n  a\r\n  b\n"""'
    assert formatted(text) == f"{text}\n"
    assert formatted(f"{text}\r\n") == f"{text}\r\n"


def test_a_byte_order_mark_stays() -> None:
    assert formatted("\ufeffrecord  A {}") == "\ufeffrecord A {}\n"


def test_what_does_not_parse_is_refused_with_its_diagnostics() -> None:
    with pytest.raises(UnparsedError, match="line 2: unexpected") as raised:
        formatted("record A {}\nrecord {")
    assert raised.value.diagnostics[0].primary.span.line == 2
