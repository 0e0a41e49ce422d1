"""What expressions evaluate to, and that values are of the types the checker promised."""

from __future__ import annotations

import math
import uuid
from datetime import UTC, date, datetime, timedelta
from types import NoneType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.semantics.builtins import FUNCTIONS
from apwa_lang.semantics.core import Const
from apwa_lang.semantics.durations import from_iso, to_iso
from apwa_lang.semantics.expressions import check
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.types import (
    BOOL,
    BYTES,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    JSON,
    STR,
    UUID,
    Choice,
    Default,
    Field,
    ListOf,
    MapOf,
    Optional,
    RecordType,
    Type,
    Union,
    assignable,
)
from apwa_lang.syntax import nodes
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from apwa_runtime import builtins
from apwa_runtime.expressions import EvaluationError, compile_core, jsonable, native
from apwa_runtime.tokens import count_tokens, pieces

NOTE = RecordType(
    "Note",
    (
        Field("id", STR),
        Field("size", INT),
        Field("score", FLOAT),
        Field("title", Optional(STR)),
        Field("tags", ListOf(STR)),
        Field("data", JSON),
        Field("counts", MapOf(INT)),
        Field("taken", DATETIME),
        Field("day", DATE),
    ),
)
CAT = RecordType(
    "Cat", (Field("name", STR), Field("born", Optional(DATE)), Field("tags", ListOf(STR), default=Default([])))
)
DOG = RecordType("Dog", (Field("name", STR),))
NOTE_VALUE: dict[str, Any] = {
    "id": "a/b.txt",
    "size": 3,
    "score": 0.5,
    "title": None,
    "tags": ["b", "a", "b"],
    "data": {"a": [{"b": 1}], "n": None},
    "counts": {"x": 1, "y": 2},
    "taken": datetime(2026, 1, 31, 12, tzinfo=UTC),
    "day": date(2026, 1, 31),
}
NAMES: dict[str, Any] = {"note": NOTE_VALUE, "notes": [NOTE_VALUE, {**NOTE_VALUE, "size": 5, "score": 2.0}], "none": []}
TYPES: dict[str, Type] = {"note": NOTE, "notes": ListOf(NOTE), "none": ListOf(INT)}


def checked(text: str) -> tuple[Any, Type]:
    module, _ = parse(Source(f'test "t" {{ expect {text} }}'))
    found: list[Diagnostic] = []
    test = module.declarations[0]
    assert isinstance(test, nodes.Test)
    (statement,) = test.statements
    assert isinstance(statement, nodes.Expect)
    scope = Scope({name: Binding(type) for name, type in TYPES.items()}, {"Cat": CAT, "Dog": DOG}, found.append)
    core, type = check(statement.condition, scope)
    assert found == [], (text, found)
    return core, type


def value(text: str) -> Any:
    return compile_core(checked(text)[0])(NAMES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4", 3),
        ("7 // 2 + 7 % 2", 4),
        ("1 / 4", 0.25),
        ("-(-3) - -3", 6),
        ("true and not false or false", True),
        ("false and 1 // 0 == 1", False),
        ("notes.size", [3, 5]),
        ("sum(notes.size) + sum(none)", 8),
        ("sum(notes.score)", 2.5),
        ("note.tags + [note.id]", ["b", "a", "b", "a/b.txt"]),
        ("note.data.a[0].b", 1),
        ('note.counts["y"]', 2),
        ("note.id[-1]", "t"),
        ('note.taken > "2026-01-31T11:00:00Z"', True),
        ("note.taken + 90s - note.taken", timedelta(seconds=90)),
        ("year(note.day) + month(note.taken)", 2027),
        ("day(note.day)", 31),
        ('"a" in note.tags and "x" in note.counts and "/b" in note.id and 9 not in none', True),
        ("len(note.tags) + len(note.id) + len(note.counts)", 12),
        ("tokens(note.id)", count_tokens("a/b.txt")),
        ('split("a,b", ",") + words(" c  d ") + lines("e\\nf")', ["a", "b", "c", "d", "e", "f"]),
        ('join(reversed(note.tags), "-") + upper("x") + lower("Y") + strip(" z ")', "b-a-bXyz"),
        ('contains("abc", "b") and contains(note.tags, "a") and not contains(none, 1)', True),
        ('starts_with("abc", "ab") and ends_with("abc", "bc")', True),
        ('replace("aXbX", "X", "-")', "a-b-"),
        ('matches("AB12", "[A-Z]+[0-9]+") and not matches("AB12x", "[A-Z]+[0-9]+")', True),
        ('slice("abcdef", 1, -1) + slice("abc", 1)', "bcdebc"),
        ("slice(note.tags, 1)", ["a", "b"]),
        ("round(2.567, digits: 1)", 2.6),
        ("abs(-3)", 3),
        ("min(3, 1, 2) + max(notes.size)", 6),
        ("mean(notes.size)", 4.0),
        ("sorted(unique(note.tags))", ["a", "b"]),
        ("unique([{ a: 1 }, { a: 1 }, { a: 2 }])", [{"a": 1}, {"a": 2}]),
        ("unique([{ a: 1 }, { a: 2 }, { a: 1 }])", [{"a": 1}, {"a": 2}]),
        ("mode([3, 1, 2, 1, 2])", 1),
        ("mode([{ a: 3 }, { a: 1 }, { a: 2 }, { a: 2 }])", {"a": 2}),
        ('count(note.tags, "b")', 2),
        ("first(note.tags) + last(note.tags)", "bb"),
        ('int("12") + int(1.9) + int(true)', 14),
        ('float("1.5")', 1.5),
        ("str(true) + str(1) + str(note.day) + str(90s)", "true12026-01-31PT90S"),
        ('bool("true") and not bool(0)', True),
        ("json(note.title) + json([1, 2])", "null[1,2]"),
        ('parse_json("[1, {\\"a\\": null}]")', [1, {"a": None}]),
        ('sha256("")', "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ('key("aB/é")', "a%42%2F%C3%A9"),
        ("basename(note.id) + dirname(note.id) + stem(note.id) + suffix(note.id)", "b.txtab.txt"),
        ('get(note.counts, "z", 9) + get(note.counts, "x", 9)', 10),
        ('get(note.data, "a", 0)', [{"b": 1}]),
        ('get(note.data.a, 7, "none")', "none"),
        ("keys(note.counts)", ["x", "y"]),
        ("values(note.counts)", [1, 2]),
        ("choose(len(none) > 0, first(none), 7)", 7),
        ('default(note.title, "none")', "none"),
        ("default(note.title, default(note.title, note.id))", "a/b.txt"),
        ("is_null(note.title) and note.title == null and note.id != null", True),
        ("tally(note.tags)", {"b": 2, "a": 1}),
        ("[all([true, true]), all([true, false]), any([false, true]), any([false])]", [True, False, True, False]),
        ('Cat { name: "Tom" }', {"name": "Tom", "born": None, "tags": []}),
        ('Cat { name: "Tom", born: "2020-02-29" }.born == "2020-02-29"', True),
    ],
)
def test_value(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 // 0", "division by zero"),
        ("note.tags[7]", "index 7 is out of range: there are 3 items"),
        ('note.counts["z"]', 'there is no entry "z"; `get` gives a default'),
        ("note.data.zz", 'there is no entry "zz"'),
        ("note.data.n.x", 'null has no item "x"'),
        ('int("ten")', '"ten" is not a whole number'),
        ('float("ten")', '"ten" is not a number'),
        ('bool("maybe")', '"maybe" is neither "true" nor "false"'),
        ('parse_json("{")', '"{" is not JSON'),
        ('parse_json("NaN")', "NaN is not JSON"),
        ("first(none)", "an empty list has no first item"),
        ("mode(none)", "an empty list has no mode"),
        ("max(none)", "an empty list has no greatest item"),
        ("mean(none)", "an empty list has no mean"),
        ('split("a", "")', "the separator of `split` is empty"),
        ("keys(note.data.a)", "is not a JSON object"),
        ("note.taken + 999999999 * 24h", "too large"),
        ('note.taken > "2026-01-31T11:00:00"', "one time has a time zone and the other has none"),
    ],
)
def test_failure(text: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value(text)
    assert message in str(caught.value)


def test_a_missing_name_is_an_evaluation_error() -> None:
    with pytest.raises(EvaluationError, match="there is no `note`"):
        compile_core(checked("note.id")[0])({})


def test_values_made_from_constants_are_not_shared() -> None:
    make = compile_core(checked('Cat { name: "Tom" }')[0])
    make({})["tags"].append("changed")
    assert make({})["tags"] == []


def test_the_checked_table_and_the_run_time_table_have_the_same_names() -> None:
    assert set(FUNCTIONS) == set(builtins.FUNCTIONS)


@pytest.mark.parametrize(
    ("type", "constant", "expected"),
    [
        (DATE, "2026-01-31", date(2026, 1, 31)),
        (DATETIME, "2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        (DURATION, "P1DT0.5S", timedelta(days=1, milliseconds=500)),
        (UUID, "123e4567-e89b-12d3-a456-426614174000", uuid.UUID("123e4567-e89b-12d3-a456-426614174000")),
        (BYTES, "aGk=", b"hi"),
        (FLOAT, 1, 1.0),
        (Optional(DATE), None, None),
        (MapOf(DATE), {"a": "2026-01-31"}, {"a": date(2026, 1, 31)}),
        (Union((CAT, DOG)), {"kind": "Dog", "name": "Rex"}, {"kind": "Dog", "name": "Rex"}),
        (ListOf(CAT), [{"name": "Tom"}], [{"name": "Tom", "born": None, "tags": []}]),
        (JSON, {"a": ["2026-01-31"]}, {"a": ["2026-01-31"]}),
    ],
)
def test_native(type: Type, constant: object, expected: object) -> None:
    assert native(constant, type) == expected
    assert native(jsonable(expected, type), type) == expected
    assert compile_core(Const(constant, type))({}) == expected


@pytest.mark.parametrize(
    ("type", "constant"),
    [
        (DATE, "soon"),
        (BYTES, "?"),
        (Choice(("a",)), "b"),
        (CAT, {"born": None}),
        (ListOf(DATE), ["x"]),
        (Union((CAT, DOG)), {"kind": "Cow"}),
    ],
)
def test_what_is_not_of_the_type_has_no_native_value(type: Type, constant: object) -> None:
    with pytest.raises(EvaluationError, match="is not a `"):
        native(constant, type)


@given(st.timedeltas())
def test_durations_survive_as_text(duration: timedelta) -> None:
    assert from_iso(to_iso(duration)) == duration


@given(st.text())
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    found = pieces(text)
    assert "".join(found) == text
    assert all(found)
    assert count_tokens(text) == len(found)


@given(st.text(), st.text())
def test_key_is_injective_and_safe(left: str, right: str) -> None:
    encoded = builtins.percent_encode(left)
    assert (encoded == builtins.percent_encode(right)) == (left == right)
    assert encoded.isascii() and set(encoded) <= set("abcdefghijklmnopqrstuvwxyz0123456789%ABCDEF")


def test_tokens_are_about_as_many_as_a_tokenizer_makes() -> None:
    assert pieces("Hello, wonderful world 12345") == ["Hello", ",", " wonder", "ful", " world", " 123", "45"]
    assert count_tokens("The quick brown fox jumps over the lazy dog.") == 10


LEAVES: dict[Type, list[str]] = {
    INT: ["0", "7", "note.size", "len(note.tags)", "day(note.day)"],
    FLOAT: ["0.5", "note.score", "mean(notes.size)"],
    STR: ['"ab"', '""', "note.id", "note.tags[0]", "str(note.day)"],
    BOOL: ["true", "false", "(note.title == null)"],
    ListOf(INT): ["none", "[1, 2]", "notes.size", "values(note.counts)"],
    ListOf(STR): ["note.tags", "notes.id", "keys(note.counts)"],
    Optional(STR): ["note.title", "null"],
    DATETIME: ["note.taken", "(note.taken + 5m)"],
    DURATION: ["5m", "(note.taken - note.taken)"],
    JSON: ["note.data", "note.data.a", 'parse_json("[1]")'],
    NOTE: ["note", "first(notes)"],
}
FORMS: dict[Type, list[tuple[str, tuple[Type, ...]]]] = {
    INT: [
        ("({} + {})", (INT, INT)),
        ("({} // {})", (INT, INT)),
        ("(-{})", (INT,)),
        ("sum({})", (ListOf(INT),)),
        ("max({}, {})", (INT, INT)),
        ("count({}, {})", (ListOf(STR), STR)),
        ("choose({}, {}, {})", (BOOL, INT, INT)),
        ("tokens({})", (STR,)),
        ("{}.size", (NOTE,)),
    ],
    FLOAT: [
        ("({} / {})", (INT, FLOAT)),
        ("({} * {})", (FLOAT, INT)),
        ("round({}, {})", (FLOAT, INT)),
        ("float({})", (STR,)),
    ],
    STR: [
        ("({} + {})", (STR, STR)),
        ("default({}, {})", (Optional(STR), STR)),
        ("slice({}, {}, {})", (STR, INT, INT)),
        ("join({}, {})", (ListOf(STR), STR)),
        ("key({})", (STR,)),
        ("json({})", (JSON,)),
        ("str({})", (FLOAT,)),
        ("first({})", (ListOf(STR),)),
    ],
    BOOL: [
        ("({} and {})", (BOOL, BOOL)),
        ("(not {})", (BOOL,)),
        ("({} < {})", (INT, FLOAT)),
        ("({} == {})", (Optional(STR), STR)),
        ("({} in {})", (STR, ListOf(STR))),
        ("contains({}, {})", (ListOf(INT), INT)),
        ("is_null({})", (Optional(STR),)),
        ("({} <= {})", (DATETIME, DATETIME)),
    ],
    ListOf(INT): [("sorted({})", (ListOf(INT),)), ("[{}, {}]", (INT, INT)), ("({} + {})", (ListOf(INT), ListOf(INT)))],
    ListOf(STR): [("unique({})", (ListOf(STR),)), ("split({}, {})", (STR, STR)), ("words({})", (STR,))],
    DURATION: [("({} * {})", (DURATION, INT)), ("({} - {})", (DATETIME, DATETIME))],
    JSON: [("get({}, {}, {})", (JSON, STR, INT)), ("parse_json(json({}))", (ListOf(INT),))],
}


@st.composite
def expressions(draw: st.DrawFn, type: Type, depth: int = 3) -> str:
    forms = FORMS.get(type, []) if depth else []
    chosen = draw(st.integers(0, len(LEAVES[type]) + 2 * len(forms) - 1))
    if chosen < len(LEAVES[type]):
        return LEAVES[type][chosen]
    form, parts = forms[(chosen - len(LEAVES[type])) // 2]
    return form.format(*(draw(expressions(part, depth - 1)) for part in parts))


def fits(found: object, type: Type) -> bool:
    match type:
        case ListOf(item):
            return isinstance(found, list) and all(fits(each, item) for each in found)
        case Optional(inner):
            return found is None or fits(found, inner)
        case RecordType(fields=fields):
            return isinstance(found, dict) and all(fits(found[field.name], field.type) for field in fields)
        case MapOf(inner):
            return isinstance(found, dict) and all(fits(each, inner) for each in found.values())
    kinds: dict[Type, Any] = {STR: str, BOOL: bool, INT: int, FLOAT: (int, float), DATETIME: datetime, DATE: date}
    kinds |= {DURATION: timedelta, JSON: (dict, list, str, int, float, bool, NoneType)}
    return isinstance(found, kinds[type]) and (type in (BOOL, JSON) or not isinstance(found, bool))


@given(st.sampled_from(list(LEAVES)).flatmap(lambda type: st.tuples(st.just(type), expressions(type))))
def test_a_value_is_of_the_type_that_the_checker_says(case: tuple[Type, str]) -> None:
    type, text = case
    core, found = checked(text)
    assert assignable(found, type), (text, str(found))
    try:
        result = compile_core(core)(NAMES)
    except EvaluationError:
        return
    assert fits(result, type), (text, result)
    assert not (isinstance(result, float) and math.isnan(result))
