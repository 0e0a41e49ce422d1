"""What expressions mean: their types, their checked form, and what is said about mistakes."""

from __future__ import annotations

import pytest
from checking import CAT, DECLARED, DOG, NOTE, PET, SPAN, Lab, expression

from apwa_lang.semantics.constants import constant
from apwa_lang.semantics.core import Apply, Const, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.expressions import check, check_against
from apwa_lang.semantics.types import (
    BOOL,
    BYTES,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    JSON,
    NULL,
    STR,
    UNKNOWN,
    UUID,
    Choice,
    ListOf,
    MapOf,
    Optional,
    Type,
)
from apwa_lang.syntax import nodes


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("1 + 2", "int"),
        ("1 / 2", "float"),
        ("7 // 2", "int"),
        ("7 % 2.5", "float"),
        ("-note.size", "int"),
        ('note.id + "x"', "str"),
        ('note.ward + "x"', "str"),
        ("note.tags + note.tags", "list[str]"),
        ("note.taken + 5m", "datetime"),
        ("5m + note.taken", "datetime"),
        ("note.taken - note.taken", "duration"),
        ("note.day - note.day < 2h", "bool"),
        ("2 * 5m", "duration"),
        ("10m / 5m", "float"),
        ('note.taken > "2026-01-31"', "bool"),
        ("note.title == null", "bool"),
        ('note.title == "x"', "bool"),
        ("note.data == 1", "bool"),
        ('"a" in note.tags and not ("k" in note.counts)', "bool"),
        ('"k" not in note.counts', "bool"),
        ('"@" in note.id', "bool"),
        ("notes.size", "list[int]"),
        ("notes.tags", "list[list[str]]"),
        ("notes[0].size", "int"),
        ('note.counts["a"]', "int"),
        ("note.id[0]", "str"),
        ("note.data.a[0].b", "json"),
        ("pet.name", "str"),
        ("pet.kind", '"Cat" | "Dog"'),
        ("lib.limit", "int"),
        ("sum(notes.size)", "int"),
        ("sum(notes.score)", "float"),
        ("mean(notes.size)", "float"),
        ("min(1, 2.5, 3)", "float"),
        ("max(notes.id)", "str"),
        ("slice(note.id, 1)", "str"),
        ("slice(note.tags, 0, -1)", "list[str]"),
        ("round(note.score, digits: 1)", "float"),
        ('choose(note.size > 1, "a", "b")', "str"),
        ('default(note.title, "none")', "str"),
        ("default(note.title, note.title)", "str?"),
        ('get(note.counts, "a", 0)', "int"),
        ('get(note.data, "a", "x")', "json"),
        ("first(notes)", "Note"),
        ("tally(notes.ward)", "map[str, int]"),
        ("mode(notes.ward)", '"north" | "south"'),
        ("any([len(notes.ward) > 2])", "bool"),
        ("values(note.counts)", "list[int]"),
        ("[1, 2.0, null]", "list[float?]"),
        ('int("1")', "int"),
        ("year(note.day) + month(note.taken)", "int"),
        ('Cat { name: "Tom" }.lives', "int"),
        ("512MiB", "int"),
    ],
)
def test_type(text: str, type: str) -> None:
    lab = Lab()
    assert str(check(expression(text), lab.scope)[1]) == type
    assert lab.found == []


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ("nte.id", "APWA201", "nte", "did you mean `note`"),
        ("len", "APWA201", "len", "`len` is a function"),
        ("note.idd", "APWA202", "idd", "did you mean `id`"),
        ("notes.idd", "APWA202", "idd", "did you mean `id`"),
        ("note.size.x", "APWA202", "x", "has no fields"),
        ("note.counts.a", "APWA202", "a", 'note.counts["a"]'),
        ("uper(note.id)", "APWA203", "uper", "did you mean `upper`"),
        ('env("X")', "APWA203", "env", "settings of a model"),
        ("slice(note.id)", "APWA204", "slice(note.id)", "slice(text: str, start: int"),
        ("round(1.5, digit: 1)", "APWA204", "round(1.5, digit: 1)", "digits: int = 0"),
        ("len(5)", "APWA205", "5", "list[T]"),
        ("contains(note.tags, 1)", "APWA205", "1", "takes `str` as `item`"),
        ('choose(true, "a", 1)', "APWA205", "1", "takes `str` as `otherwise`"),
        ("sorted(notes)", "APWA205", "notes", "where `ordered` is `str`, `int`"),
        ("note.id + note.size", "APWA206", "note.id + note.size", "`str` and `int`"),
        ("note.size and true", "APWA206", "note.size and true", "compare with a value"),
        ("note.id == 1", "APWA206", "note.id == 1", "never equal"),
        ("not note.size", "APWA206", "note.size", "takes `bool`"),
        ("-note.id", "APWA206", "note.id", "a number or duration"),
        ("note.data + 1", "APWA206", "note.data + 1", "convert the json value"),
        ("notes < notes", "APWA206", "notes < notes", "does not take"),
        ("upper(note.title)", "APWA208", "note.title", 'default(note.title, "")'),
        ('note.title + "x"', "APWA208", "note.title", 'default(note.title, "")'),
        ("note.author.value", "APWA208", "value", "default(note.author, …).value"),
        ("str(note.title)", "APWA208", "note.title", "may be null"),
        ('note.tags["a"]', "APWA209", '"a"', "indexed by `int`"),
        ('note["id"]', "APWA209", "note", "no items"),
        ("{ a: 1, a: 2 }", "APWA221", "a", "given twice"),
        ('Cat { nme: "x", name: "y" }', "APWA221", "nme", "did you mean `name`"),
        ("Cat { lives: 3 }", "APWA221", "Cat", "`name`"),
        ('Kat { name: "x" }', "APWA222", "Kat", "did you mean `Cat`"),
        ('style == "shrot"', "APWA223", '"shrot"', "did you mean `short`"),
        ('style in ["short", "x"]', "APWA223", '"x"', "not one of"),
        ('note.taken < "soon"', "APWA224", '"soon"', "2026-01-31T12:00:00Z"),
        ('[1, "a"]', "APWA225", '"a"', "the items before it are `int`"),
        ('matches(note.id, "[A-")', "APWA226", "[", "unterminated"),
        ("matches(note.id, note.id)", "APWA226", "note.id", "literal"),
        ("len([2 per 1m])", "APWA227", "2 per 1m", "a rate"),
    ],
)
def test_mistake(text: str, code: str, place: str, words: str) -> None:
    lab = Lab()
    check(expression(text), lab.scope)
    finding = lab.only
    said = " ".join((finding.message, finding.help or "", *(label.text for label in finding.secondary)))
    assert (finding.code, finding.primary.span.text) == (code, place)
    assert words in said


def test_one_mistake_is_told_once() -> None:
    lab = Lab()
    assert check(expression('upper(slice(note.idd, 1) + 5) == "2" and len(nte) > 0'), lab.scope)[1] == BOOL
    assert lab.codes == ["APWA202", "APWA201"]


def test_a_hole_left_by_a_syntax_error_is_not_reported_again() -> None:
    lab = Lab()
    assert check(nodes.ErrorExpr(DECLARED), lab.scope) == (Const(None, UNKNOWN), UNKNOWN)
    assert lab.found == []


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("note.id", GetField(Var("note"), "id")),
        ("notes.id", GetField(Var("notes"), "id", each=True)),
        ("note.data.a", GetItem(GetField(Var("note"), "data"), Const("a", STR))),
        ("lib.limit", Var("lib.limit")),
        ("-5", Const(-5, INT)),
        ("90s", Const("PT90S", DURATION)),
        ("1 not in [2]", Apply("not", (Apply("in", (Const(1, INT), MakeList((Const(2, INT),)))),))),
        ("-len(note.id)", Apply("neg", (Apply("len", (GetField(Var("note"), "id"),)),))),
        (
            "slice(end: 3, items: note.tags, start: 1)",
            Apply("slice", (GetField(Var("note"), "tags"), Const(1, INT), Const(3, INT))),
        ),
        ("round(1.5)", Apply("round", (Const(1.5, FLOAT), Const(0, INT)))),
        ("sum(notes.score)", Apply("sum", (GetField(Var("notes"), "score", each=True), Const(0.0, FLOAT)))),
    ],
)
def test_checked_form(text: str, core: object) -> None:
    lab = Lab()
    assert check(expression(text), lab.scope)[0] == core
    assert lab.found == []


@pytest.mark.parametrize(
    ("text", "expected", "core"),
    [
        ("1", FLOAT, Const(1.0, FLOAT)),
        ('"short"', Choice(("short", "full")), Const("short", Choice(("short", "full")))),
        ('"2026-01-31"', Optional(DATE), Const("2026-01-31", DATE)),
        ("null", Optional(INT), Const(None, NULL)),
        ("{ a: 1 }", MapOf(FLOAT), MakeMap((("a", Const(1.0, FLOAT)),))),
        ('{ "a b": [1] }', JSON, MakeMap((("a b", MakeList((Const(1, INT),))),))),
        ('{ name: "Tom" }', CAT, MakeRecord(CAT, (("name", Const("Tom", STR)), ("lives", Const(9, INT))))),
        (
            'Dog { name: "Rex" }',
            PET,
            MakeRecord(DOG, (("kind", Const("Dog", STR)), ("name", Const("Rex", STR)), ("tricks", Const(None, NULL)))),
        ),
    ],
)
def test_a_literal_takes_the_type_asked_for(text: str, expected: Type, core: object) -> None:
    lab = Lab()
    assert check_against(expression(text), expected, lab.scope, "this") == core
    assert lab.found == []


def test_a_mismatch_names_all_parties() -> None:
    lab = Lab()
    because = (DECLARED, "`name` is declared as `str`")
    check_against(expression("note.size"), STR, lab.scope, "the argument `name` of `greet`", because)
    finding = lab.only
    assert finding.code == "APWA207"
    assert finding.message == "the argument `name` of `greet` must be `str`, but this is `int`"
    assert [label.text for label in finding.secondary] == ["`name` is declared as `str`", "`note` is `Note`"]
    assert finding.help == "convert it with `str(…)`"


def test_null_where_a_value_is_asked_for() -> None:
    lab = Lab()
    check_against(expression("note.title"), STR, lab.scope, "the result")
    assert lab.only.code == "APWA208"
    assert lab.only.help == 'say what to use in place of null: `default(note.title, "")`'


def test_a_record_of_a_union_must_be_named() -> None:
    lab = Lab()
    check_against(expression('{ name: "Tom" }'), PET, lab.scope, "the pet")
    assert lab.only.code == "APWA222"
    assert "`Cat { … }` or `Dog { … }`" in (lab.only.help or "")


@pytest.mark.parametrize(
    ("text", "type", "value"),
    [
        ("-5", INT, -5),
        ("-5m", DURATION, "-PT300S"),
        ('"2026-01-31T12:00:00Z"', DATETIME, "2026-01-31T12:00:00+00:00"),
        ('"123E4567-e89b-12d3-a456-426614174000"', UUID, "123e4567-e89b-12d3-a456-426614174000"),
        ('"aGk="', BYTES, "aGk="),
        ("[1, 2]", ListOf(FLOAT), [1.0, 2.0]),
        ('{ kind: "name", value: "x" }', SPAN, {"kind": "name", "value": "x"}),
        ('[{ name: "Tom" }]', ListOf(CAT), [{"name": "Tom", "lives": 9}]),
        ("{ a: [null, true] }", JSON, {"a": [None, True]}),
        ("null", Optional(STR), None),
    ],
)
def test_constant(text: str, type: Type, value: object) -> None:
    lab = Lab()
    assert constant(expression(text), type, lab.scope) == value
    assert lab.found == []


@pytest.mark.parametrize(
    ("text", "code"),
    [("note.id", "APWA220"), ('upper("a")', "APWA220"), ("1 + 2", "APWA207"), ("5", "APWA207"), ("nte", "APWA201")],
)
def test_what_is_no_constant_is_reported_once(text: str, code: str) -> None:
    lab = Lab()
    assert constant(expression(text), STR, lab.scope) is None
    assert lab.codes == [code]


def test_unknown_types_never_cascade() -> None:
    lab = Lab()
    for text in ("nte + 1", "slice(nte, 1)", "[nte, 1]", "choose(nte, nte, 1)", "nte[0].x", "contains(nte, 1)"):
        check(expression(text), lab.scope)
    assert lab.codes == ["APWA201"] * 7
    assert {finding.primary.span.text for finding in lab.found} == {"nte"}


def test_fields_of_note_are_all_readable() -> None:
    lab = Lab()
    for field in NOTE.fields:
        assert check(expression(f"note.{field.name}"), lab.scope)[1] == field.type
    assert lab.found == []
