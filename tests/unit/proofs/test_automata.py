"""Regular expressions, patterns, type languages and filters, against Python's ``re`` and the runtime's filters."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apwa_lang.proofs.charset import chars, complement, intersection, member, normal, picks, without
from apwa_lang.proofs.filters import FILTERS, applied, image, keeps_apart, merged, undone
from apwa_lang.proofs.pattern import pattern_regex
from apwa_lang.proofs.regex import Chars, Concat, Either, Regex, Repeat, TooLargeError, automaton, word
from apwa_lang.proofs.search import search
from apwa_lang.proofs.values import is_value, language, samples
from apwa_lang.semantics import filters as declared
from apwa_lang.semantics.program import Filter
from apwa_lang.semantics.types import BOOL, DATE, DATETIME, FLOAT, INT, STR, UUID, Choice, Field, Optional
from apwa_runtime.evaluation import plain_text
from apwa_runtime.filters import FILTERS as RUNTIME


def accepts(node: Regex, text: str) -> bool:
    machine = automaton(node)
    states = {0}
    for letter in text:
        states = {
            following
            for state in states
            for following in machine.follow[state]
            if member(machine.letters[following], letter)
        }
    return bool(states & machine.accepting)


ATOMS = [
    "a",
    "b",
    "[ab]",
    "[^a]",
    ".",
    r"\d",
    r"\w",
    r"\s",
    r"\W",
    r"[\w-]",
    r"[^\d]",
    r"\.",
    r"[a-c]",
    r"\x61",
    "[]a]",
]
PATTERNS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds(lambda one, other: one + other, inner, inner),
        st.builds(lambda one, other: f"(?:{one}|{other})", inner, inner),
        st.builds(lambda one, other: f"({one}|{other}|)", inner, inner),
        st.builds(
            lambda one, times: f"(?P<x>{one}){times}" if "?P" not in one else f"({one}){times}",
            inner,
            st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{,2}", "{2,}", "*?", "+?", "{0}"]),
        ),
    ),
    max_leaves=6,
)
TEXTS = st.text(alphabet="abc-_1 .\n]é٣", max_size=6)


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=8))
def test_a_pattern_is_read_as_python_reads_it(pattern: str, texts: list[str]) -> None:
    try:
        compiled = re.compile(pattern)
    except re.error:
        return
    tree = pattern_regex(pattern)
    assert tree is not None, pattern
    for text in texts:
        matched = compiled.fullmatch(text) is not None
        if matched or text.isascii():
            assert accepts(tree, text) == matched, (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^ab$", "ab"),
        (r"\Aab\Z", "ab"),
        ("(?=a)ab", "ab"),
        ("(?!b)ab", "ab"),
        ("a(?<=a)b", "ab"),
        (r"\bab\b", "ab"),
        ("a++b", "aab"),
        ("(?>a|b)b", "ab"),
        ("a{", "a{"),
        ("a{x}", "a{x}"),
        ("[a-]", "-"),
        (r"[\]]", "]"),
        (r"\u0061\n", "a\n"),
        ("", ""),
    ],
)
def test_what_is_matched_is_accepted(pattern: str, text: str) -> None:
    tree = pattern_regex(pattern)
    assert re.fullmatch(pattern, text)
    assert tree is not None
    assert accepts(tree, text)


@pytest.mark.parametrize("pattern", [r"(a)\1", "(?i)a", "(?i:a)", "a)", "(a", "[a", "*a", r"\N{DASH}", "(?P=x)", "a**"])
def test_what_is_not_known_is_any_text(pattern: str) -> None:
    assert pattern_regex(pattern) is None
    assert accepts(language(Field("f", STR, pattern=pattern)), "anything")


def test_a_pattern_of_many_places_is_any_text() -> None:
    assert accepts(language(Field("f", STR, pattern="a{1,5000}")), "b")
    assert accepts(language(Field("f", STR, pattern="(?:(?:){9999}){9999}a")), "a")


@pytest.mark.parametrize("field", [Field("f", STR), Field("f", STR, pattern=".*"), Field("f", STR, pattern="a/b|c|")])
def test_no_language_has_empty_texts_and_slashes(field: Field) -> None:
    assert accepts(language(field), "c")
    assert not accepts(language(field), "")
    assert not accepts(language(field), "a/b")


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        (Field("f", INT), ["0", "-1", "10", "-120"]),
        (Field("f", INT, minimum=0), ["0", "7", "1000"]),
        (Field("f", INT, minimum=-100, maximum=1000), ["-100", "0", "1000"]),
        (Field("f", INT, minimum=3, maximum=5), ["3", "4", "5"]),
        (Field("f", FLOAT), ["0.5", "-1e-07", "1e+16", "nan", "-inf", "3.0"]),
        (Field("f", BOOL), ["true", "false"]),
        (Field("f", DATE), ["2024-02-29"]),
        (Field("f", DATETIME), ["2024-02-29T10:00:00", "2024-02-29T10:00:00.000001+05:30"]),
        (Field("f", UUID), ["00000000-0000-4000-8000-0123456789ab"]),
        (Field("f", Choice(("x", "yy"))), ["x", "yy"]),
        (Field("f", Optional(INT)), ["5", "null"]),
    ],
)
def test_every_value_is_in_the_language_of_its_type(field: Field, texts: list[str]) -> None:
    assert all(accepts(language(field), text) for text in texts)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (Field("f", INT), "-0"),
        (Field("f", INT), "01"),
        (Field("f", INT, minimum=0), "-1"),
        (Field("f", INT, minimum=3, maximum=5), "6"),
        (Field("f", INT, minimum=0, maximum=99999), "100000"),
        (Field("f", Choice(("x", "yy"))), "y"),
        (Field("f", BOOL), "yes"),
        (Field("f", DATE), "2024-2-29"),
    ],
)
def test_other_texts_are_not(field: Field, text: str) -> None:
    assert not accepts(language(field), text)


@pytest.mark.parametrize(
    "type", [STR, INT, FLOAT, BOOL, DATE, DATETIME, UUID, Choice(("x", "yy")), Optional(STR), Optional(INT)], ids=str
)
def test_samples_are_values(type: object) -> None:
    field = Field("f", type)  # type: ignore[arg-type]
    found = samples(field, 2)
    assert len(set(found)) == 2
    assert all(is_value(field, text) and accepts(language(field), text) for text in found)


SETS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 20)), max_size=5).map(
    lambda pairs: normal((low, low + size) for low, size in pairs)
)


@given(SETS, SETS)
def test_character_sets(one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]) -> None:
    def members(ranges: tuple[tuple[int, int], ...]) -> set[int]:
        return {code for code in range(330) if member(ranges, chr(code))}

    assert members(intersection(one, other)) == members(one) & members(other)
    assert members(without(one, other)) == members(one) - members(other)
    assert members(complement(one)) == set(range(330)) - members(one)
    assert complement(complement(one)) == one
    assert all(member(one, letter) for letter in picks(one, 3))


def test_the_search_finds_a_shortest_word() -> None:
    left = automaton(Repeat(Concat((word("ab"), Repeat(Chars(chars("c")), 0, 2))), 1, None))
    right = automaton(Concat((Repeat(Either((word("a"), word("bc"))), 2, None), word("c"))))
    first = next(search(left, right).meetings())
    assert first.text == "abcc"


def test_a_tree_of_too_many_places_is_refused() -> None:
    with pytest.raises(TooLargeError):
        automaton(Repeat(word("ab"), 0, 5_000))


# Filters

ARGUMENTS: dict[str, tuple[object, ...]] = {
    "zfill": (3,),
    "truncate": (2,),
    "replace": ("a", "b"),
    "default": ("none",),
    "strftime": ("%Y-%m",),
    **dict.fromkeys(("+", "*", "//", "%"), (3,)),
}
SAMPLES = ["a", "A", "ab", "aé/b", "a b", "x.tar.gz", "o-", " a ", "Abc def", "%", "ß"]
NUMBERS = ["0", "5", "-5", "123", "-1234"]
OPERATORS = {
    "+": lambda value, by: value + by,
    "*": lambda value, by: value * by,
    "//": lambda value, by: value // by,
    "%": lambda value, by: value % by,
}
OF_NUMBERS = sorted({"zfill", "round", "int", "string", "key", "json", *OPERATORS})


def runtime(name: str, value: object) -> str:
    return plain_text(({**RUNTIME, **OPERATORS})[name](value, *ARGUMENTS.get(name, ())))


@pytest.mark.parametrize("name", sorted(set(FILTERS) - {"zfill", "strftime", "round", "int", *OPERATORS}))
def test_a_filter_does_what_the_runtime_does(name: str) -> None:
    one = Filter(name, ARGUMENTS.get(name, ()))
    for text in SAMPLES:
        assert applied(STR, text, (one,)) == runtime(name, text)


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_a_filter_does_to_numbers_what_the_runtime_does(name: str) -> None:
    one = Filter(name, ARGUMENTS.get(name, ()))
    for text in NUMBERS:
        result = applied(INT, text, (one,))
        assert result == runtime(name, int(text))
        assert accepts(image(Field("f", INT), (one,)), result)
        if keeps_apart(Field("f", INT), (one,)):
            assert undone(INT, result, (one,)) == text


def test_the_prover_knows_no_filter_that_the_language_has_not() -> None:
    assert set(FILTERS) - set(OPERATORS) <= set(declared.FILTERS) == set(RUNTIME)


@pytest.mark.parametrize("name", sorted(set(FILTERS) - set(OPERATORS)))
def test_texts_are_kept_apart_or_merged_as_the_table_says(name: str) -> None:
    one = Filter(name, ARGUMENTS.get(name, ()))
    if keeps_apart(Field("f", STR), (one,)):
        results = [runtime(name, text) for text in SAMPLES]
        assert len(set(results)) == len(SAMPLES)
        assert not merged(STR, (one,))
        assert all(accepts(image(Field("f", STR), (one,)), text) for text in results if "/" not in text)
    else:
        assert merged(STR, (one,))


@pytest.mark.parametrize("name", ["key", "hex", "json", "string"])
def test_what_keeps_apart_can_be_undone(name: str) -> None:
    one = Filter(name)
    assert [undone(STR, runtime(name, text), (one,)) for text in SAMPLES] == SAMPLES


@pytest.mark.parametrize(
    ("field", "one", "apart"),
    [
        (Field("f", STR, pattern="[a-z0-9]+"), Filter("lower"), True),
        (Field("f", STR, pattern="[a-zA-Z]+"), Filter("lower"), False),
        (Field("f", STR, pattern="[a-zé]+"), Filter("lower"), False),
        (Field("f", STR, pattern="[a-z]{3}"), Filter("truncate", (3,)), True),
        (Field("f", STR, pattern="[a-z]{3,4}"), Filter("truncate", (3,)), False),
        (Field("f", STR, pattern="[a-z]+"), Filter("replace", ("/", "_")), True),
        (Field("f", STR), Filter("replace", ("/", "_")), False),
        (Field("f", STR, pattern="[a-z]+"), Filter("strip"), True),
        (Field("f", STR, pattern="[a-z ]+"), Filter("strip"), False),
        (Field("f", STR, pattern="[a-z]+"), Filter("slugify"), True),
        (Field("f", STR, pattern="[a-z-]+"), Filter("slugify"), False),
        (Field("f", Choice(("north", "south"))), Filter("truncate", (1,)), True),
        (Field("f", Choice(("east", "ende"))), Filter("truncate", (1,)), False),
        (Field("f", INT, minimum=0, maximum=2), Filter("%", (3,)), True),
        (Field("f", INT, minimum=0, maximum=3), Filter("%", (3,)), False),
        (Field("f", INT), Filter("*", (0,)), False),
        (Field("f", BOOL), Filter("json"), True),
        (Field("f", DATE), Filter("strftime", ("%Y/%m/%d",)), True),
        (Field("f", DATE), Filter("strftime", ("%d%m",)), False),
    ],
)
def test_what_a_type_allows_decides(field: Field, one: Filter, apart: bool) -> None:
    assert keeps_apart(field, (one,)) is apart
