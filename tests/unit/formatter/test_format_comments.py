"""A comment at every place of every example: none is lost, and each stays between its two words."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from apwa_lang.formatter.format import format_source
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from apwa_lang.syntax.tokens import scan
from tests.unit.formatter.programs import check_formatted

ROOT = Path(__file__).parents[3]
EXAMPLES = [
    *sorted(ROOT.glob("examples/*/[!.]*.apwa")),
    *sorted(ROOT.glob("apwa_lang/draft/examples/*.apwa")),
    ROOT / "apwa_lang/cli/templates/main.apwa",
    ROOT / "tests/unit/syntax/whole.apwa",
]
FORMS = [" # at the end\n", "\n# alone\n", "\n\n## documents\n", " # one\n\n# two\n"]


def declarations(file: Path) -> Iterator[str]:
    """The text of each declaration with what lies between it and the next."""
    text = file.read_text()
    starts = [node.span.start for node in parse(Source(text))[0].declarations]
    yield text[: starts[0]] + "param p: int"
    yield from (text[start:end] + "param p: int" for start, end in pairwise(starts))
    yield text[starts[-1] :]


@pytest.mark.slow
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_a_comment_at_every_place(file: Path) -> None:
    for text in declarations(file):
        for place in places(text):
            for form in FORMS:
                check_commented(text, place, form)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_a_comment_at_some_places(file: Path) -> None:
    draw = random.Random(file.stem)
    for text in declarations(file):
        for place in draw.sample(places(text), min(3, len(places(text)))):
            check_commented(text, place, draw.choice(FORMS))


def places(text: str) -> list[int]:
    """Before each word, behind each, and at both ends."""
    tokens = scan(Source(text)).tokens
    return sorted({0, len(text), *(token.start for token in tokens), *(token.end for token in tokens)})


def check_commented(text: str, place: int, form: str) -> None:
    check_formatted(text[:place] + form + text[place:], width=80)


@pytest.mark.parametrize("file", [file for file in EXAMPLES if file.stem != "whole"], ids=lambda file: file.stem)
def test_what_the_project_comes_with_is_formatted(file: Path) -> None:
    assert format_source(Source(file.read_text())) == file.read_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "record A { # of A\n a: str # of a\n # above b\n b: str, # of b\n # last\n}# end",
            "record A { # of A\n  a: str # of a\n  # above b\n  b: str # of b\n  # last\n} # end\n",
            id="in a block",
        ),
        pytest.param(
            "param p: list[int] = [a # of a\n, b, # of b\n c\n # last\n]\n",
            "param p: list[int] = [\n  a, # of a\n  b, # of b\n  c,\n  # last\n]\n",
            id="beside commas",
        ),
        pytest.param(
            "param p: list[int] = [\n a\n # above the comma\n , b\n , # behind the comma\n c ]\n",
            "param p: list[int] = [\n  a,\n  # above the comma\n  b, # behind the comma\n  c,\n]\n",
            id="that a comma passes",
        ),
        pytest.param(
            "record R { a: int # of a\n , # of the comma\n b: int\n ## not of c\n , c: int }\n",
            "record R {\n  a: int # of a\n  , # of the comma\n  b: int\n  ## not of c\n  ,\n  c: int\n}\n",
            id="that a comma cannot pass",
        ),
        pytest.param(
            "flow f { x = map # which\n g over # what\n s\n # then\n keep a }\n",
            "flow f {\n  x = map # which\n    g\n      over # what\n        s\n      # then\n      keep a\n}\n",
            id="inside a statement",
        ),
        pytest.param(
            "flow f { if (a) { b = c }\n # otherwise\n else { d = e } }\n",
            "flow f {\n  if (a) { b = c }\n  # otherwise\n  else { d = e }\n}\n",
            id="above else",
        ),
        pytest.param(
            "param p: bool = a # of a\n and # of and\n (b # of b\n) or c\n",
            "param p: bool = a # of a\n  and # of and\n    (\n      b # of b\n    )\n  or c\n",
            id="among operators",
        ),
        pytest.param(
            "task f(a: A) -> # what\n B { model: m }\nflow f\n# why\n { if (a) { b = c } else # so\n { d = e } }\n",
            "task f(a: A) -> # what\n    B { model: m }\n\n"
            "flow f\n# why\n{\n  if (a) { b = c } else # so\n  { d = e }\n}\n",
            id="in the head of a block",
        ),
        pytest.param(
            "param p: # first\n list[int] = # second\n [a,\n b, # of b\n c]\n",
            "param p: # first\n  list[int] = # second\n  [\n    a,\n    b, # of b\n    c,\n  ]\n",
            id="all that follows is further right, once",
        ),
        pytest.param(
            "record R { a: int @key @range(1, # low\n 9)\n b: 'x' | # first\n 'y' }\n".replace("'", '"'),
            'record R {\n  a: int @key @range(\n    1, # low\n    9,\n  )\n  b: "x" | # first\n    "y"\n}\n',
            id="in attributes and types",
        ),
        pytest.param(
            "param p: R = { a: 1, b: f(c, [d, # of d\n e]) }\n",
            "param p: R = { a: 1, b: f(c, [\n  d, # of d\n  e,\n]) }\n",
            id="break brackets at the end of others, and not those",
        ),
        pytest.param(
            "table t: R = [{ a: 1, b: 2 }, { a: 2, # of a\n b: 3 }]\n",
            "table t: R = [\n  { a: 1, b: 2 },\n  {\n    a: 2, # of a\n    b: 3,\n  },\n]\n",
            id="in a row below another",
        ),
        pytest.param(
            "task f(a: A) -> B { ensure: len(a, # of a\n b) > a[ # first\n 0]\n ensure: x == f(a, # of a\n b) }\n",
            "task f(a: A) -> B {\n  ensure: len(\n    a, # of a\n    b,\n  ) > a[ # first\n    0\n  ]\n"
            "  ensure: x == f(\n    a, # of a\n    b,\n  )\n}\n",
            id="beside operators",
        ),
        pytest.param(
            "flow f { x = a join b on c # of c\n , d }\n",
            "flow f {\n  x = a join b\n    on c, # of c\n      d\n}\n",
            id="among names",
        ),
        pytest.param(
            '#!first\n\n\n## the file\n\nimport "a" as a\n\n\n\n# between\n\n## of p\nparam p: int\n\n# last\n\n\n',
            '#!first\n\n## the file\n\nimport "a" as a\n\n# between\n\n## of p\nparam p: int\n\n# last\n',
            id="between declarations",
        ),
    ],
)
def test_where_comments_stand(before: str, after: str) -> None:
    assert check_formatted(before) == after
