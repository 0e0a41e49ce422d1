"""What types admit, what they say of the rest, and how rows look to Python bodies."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

import pytest
from pydantic import BaseModel

from apwa_lang.semantics import types as t
from apwa_lang.semantics.types import Default, Field, ListOf, MapOf, RecordType
from apwa_runtime.values.models import InvalidValue, instance, model_of, plain, validator

SPAN = RecordType("Span", (Field("kind", t.Choice(("name", "email"))), Field("value", t.STR)))
NOTE = RecordType(
    "Note",
    (
        Field("id", t.STR, key=True, pattern="[A-Z]{2}|[0-9]+"),
        Field("score", t.INT, minimum=0, maximum=10),
        Field("found", ListOf(SPAN), default=Default([])),
        Field("taken", t.Optional(t.DATETIME)),
    ),
)
LOGIN = RecordType("Login", (Field("user", t.STR), Field("password", t.STR, secret=True, pattern="[a-z]{9,}")))
SQUARE = RecordType("Square", (Field("side", t.FLOAT),))
ROUND = RecordType("Round", (Field("radius", t.FLOAT),))
SHAPE = t.Union((SQUARE, ROUND))


def reasons(type: t.Type, value: object, **options: Any) -> list[str]:
    with pytest.raises(InvalidValue) as caught:
        validator(type, **options).python(value)
    return [str(problem) for problem in caught.value.problems]


def test_rows_become_plain_dicts_in_field_order() -> None:
    row = validator(NOTE).python({"score": "7", "id": "AB", "other": 1, "found": [{"value": "x", "kind": "name"}]})
    assert row == {"id": "AB", "score": 7, "found": [{"kind": "name", "value": "x"}], "taken": None}
    assert list(row) == ["id", "score", "found", "taken"]


def test_json_text_is_read_by_the_same_rules() -> None:
    row = validator(NOTE).json('{"id": "12", "score": 7.0, "taken": "2024-01-02T03:04:05"}')
    assert row == {"id": "12", "score": 7, "found": [], "taken": datetime(2024, 1, 2, 3, 4, 5)}


def test_defaults_are_never_shared() -> None:
    first, second = validator(NOTE).many([{"id": "1", "score": 1}, {"id": "2", "score": 1}])
    first["found"].append("mine")
    assert second["found"] == []


def test_every_problem_is_told_with_its_path() -> None:
    value = {"id": "ABC", "score": 11, "found": [{"kind": "phone", "value": 3}], "taken": 5}
    assert reasons(NOTE, value) == [
        'id: does not match the pattern "[A-Z]{2}|[0-9]+", found "ABC"',
        "score: must be at most 10, found 11",
        'found[0].kind: expected one of "name", "email", found "phone"',
        "found[0].value: expected str, found 3",
        "taken: expected datetime in ISO 8601 form or null, found 5",
    ]


def test_a_pattern_is_matched_by_the_whole_text() -> None:
    assert reasons(NOTE, {"id": "AB\n", "score": 1}) == [
        'id: does not match the pattern "[A-Z]{2}|[0-9]+", found "AB\\n"'
    ]


def test_missing_null_and_unknown_fields() -> None:
    assert reasons(NOTE, {"id": None}) == ["id: expected str, found null", "score: is missing"]
    assert reasons(NOTE, {"id": "AB", "scor": 1, "score": 1}, extra="forbid") == [
        "scor: is not a field of `Note`; did you mean `score`?"
    ]
    assert reasons(NOTE, [1]) == ["expected a record `Note`, found a list of 1"]


def test_many_tells_which_row() -> None:
    with pytest.raises(InvalidValue) as caught:
        validator(NOTE).many([{"id": "AB", "score": 1}, {"id": "AB", "score": "x"}])
    assert [str(problem) for problem in caught.value.problems] == ['[1].score: expected int, found "x"']


@pytest.mark.parametrize(
    ("type", "value", "reason"),
    [
        (t.INT, True, "expected int, found true"),
        (t.INT, 1.5, "expected int, found 1.5"),
        (t.INT, 2**63, "does not fit in 64 bits, found 9223372036854775808"),
        (t.FLOAT, False, "expected float, found false"),
        (t.FLOAT, "", 'expected float, found ""'),
        (t.STR, b"x", "expected str, found a Python `bytes`"),
        (t.STR, "\ud800", "holds text that is not Unicode"),
        (t.DATE, "20240101", 'expected date in ISO 8601 form, found "20240101"'),
        (t.DATE, "2024-13-01", 'expected date in ISO 8601 form, found "2024-13-01"'),
        (t.DATETIME, 1_700_000_000, "expected datetime in ISO 8601 form, found 1700000000"),
        (t.BYTES, "?", "expected bytes as base64 text"),
        (t.JSON, {"a": {1}}, "expected json, found a Python `set`"),
        (t.JSON, [float("nan")], "expected json, found nan, which JSON has no number for"),
        (t.Tensor("f32", (2,)), [1], "expected tensor[f32, 2], found 1 values instead of 2"),
        (t.Tensor("u8", (1,)), [256], "[0]: must be at most 255, found 256"),
        (MapOf(t.INT), {"a b": "x"}, '["a b"]: expected int, found "x"'),
        (SHAPE, {"kind": "Oval"}, 'expected a `kind` of Square | Round, found "Oval"'),
        (SHAPE, {"kind": "Round", "radius": "wide"}, 'radius: expected float, found "wide"'),
    ],
)
def test_refused(type: t.Type, value: object, reason: str) -> None:
    assert reasons(type, value) == [reason]


@pytest.mark.parametrize(
    ("type", "value", "native"),
    [
        (t.INT, " 12", 12),
        (t.INT, 3.0, 3),
        (t.FLOAT, 1, 1.0),
        (t.FLOAT, "1e3", 1000.0),
        (t.BOOL, "yes", True),
        (t.DATE, "2024-02-29", date(2024, 2, 29)),
        (t.DATETIME, "2024-02-29", datetime(2024, 2, 29)),
        (t.DURATION, "PT90S", timedelta(seconds=90)),
        (t.DURATION, 90, timedelta(seconds=90)),
        (t.BYTES, "/w==", b"\xff"),
        (t.JSON, (1, None, "é"), [1, None, "é"]),
        (SHAPE, {"radius": 1}, {"kind": "Round", "radius": 1.0}),
        (t.Tensor("f32", (1, 2)), [[0.5, 0.1]], [[0.5, 0.10000000149011612]]),
    ],
)
def test_admitted(type: t.Type, value: object, native: object) -> None:
    assert validator(type).python(value) == native


def test_malformed_and_endless_json_is_a_problem_not_a_crash() -> None:
    for text in ('{"id": ', "[" * 100_000, b"\xff", ""):
        with pytest.raises(InvalidValue, match="is not valid JSON"):
            validator(NOTE).json(text)
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InvalidValue, match="nested too deeply"):
        validator(t.JSON).python(deep)


def test_secrets_are_never_shown() -> None:
    secret = "hunter2!"
    keys = MapOf(t.INT)
    vault = RecordType("Vault", (Field("login", LOGIN), Field("codes", t.Optional(keys), secret=True)))
    for value in (
        {"login": {"user": "u", "password": secret}},
        {"login": {"user": "u", "password": [secret]}},
        {"login": secret},
        {"login": {"user": "u", "password": "abcdefghij"}, "codes": {secret: "x"}},
        {"login": {"user": "u", "password": "abcdefghij"}, "passwrod": secret},
    ):
        with pytest.raises(InvalidValue) as caught:
            validator(vault, extra="forbid").python(value)
        assert secret not in str(caught.value)
        assert all(secret not in repr(problem) for problem in caught.value.problems)
    with pytest.raises(InvalidValue) as caught:
        validator(vault).json('{"login": {"user": "u", "password": "hunter2!')
    assert secret not in str(caught.value)


def test_an_error_travels_between_processes() -> None:
    import pickle

    with pytest.raises(InvalidValue) as caught:
        validator(t.INT).python("x")
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_equal_records_have_one_model() -> None:
    again = RecordType("Span", (Field("kind", t.Choice(("name", "email"))), Field("value", t.STR)))
    assert model_of(again) is model_of(SPAN)
    assert model_of(RecordType("Span", (Field("value", t.STR),))) is not model_of(SPAN)


def test_a_body_sees_models_all_the_way_down() -> None:
    row = {"id": "AB", "score": 1, "found": [{"kind": "name", "value": "x"}], "taken": None}
    note: Any = instance(NOTE, row)
    assert isinstance(note, BaseModel)
    assert (note.id, note.found[0].value, note.taken) == ("AB", "x", None)
    assert type(note.found[0]) is model_of(SPAN)
    assert plain(note) == row


def test_a_model_holds_to_the_record_when_a_body_makes_one() -> None:
    model = model_of(NOTE)
    assert plain(model(id="AB", score=3)) == {"id": "AB", "score": 3, "found": [], "taken": None}
    with pytest.raises(ValueError, match="score"):
        model(id="AB", score=11)


def test_field_names_that_pydantic_uses_itself() -> None:
    names = ("json", "copy", "schema", "dict", "validate", "model_dump", "model_config", "model_x", "_hidden", "class")
    record = RecordType("Odd", tuple(Field(name, t.INT) for name in names))
    row = {name: index for index, name in enumerate(names)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        odd: Any = instance(record, row)
        assert plain(odd) == row == validator(record).python(row)
    assert (odd.json, odd.copy, odd.schema, odd.dict, odd.model_x) == (0, 1, 2, 3, 7)
    assert (odd.model_config_, odd.hidden_) == (6, 8)


def test_members_of_a_union_keep_their_kind() -> None:
    record = RecordType("Drawing", (Field("shapes", ListOf(SHAPE)),))
    row = {"shapes": [{"kind": "Round", "radius": 1.0}, {"kind": "Square", "side": 2.0}]}
    drawing: Any = instance(record, row)
    assert [shape.kind for shape in drawing.shapes] == ["Round", "Square"]
    assert isinstance(drawing.shapes[0], model_of(ROUND))
    assert plain(drawing) == row
    made = model_of(record)(shapes=[model_of(ROUND)(radius=3)])
    assert validator(record).python(plain(made)) == {"shapes": [{"kind": "Round", "radius": 3.0}]}


def test_secrets_do_not_show_in_the_text_of_a_model() -> None:
    assert "abcdefghij" not in repr(instance(LOGIN, {"user": "u", "password": "abcdefghij"}))


class Colour(Enum):
    RED = "red"


@dataclass
class Point:
    x: int
    colour: Colour


class Own(BaseModel):
    points: list[Point]


class ArrayLike:
    def tolist(self) -> list[int]:
        return [1, 2]


def test_what_bodies_return_becomes_plain() -> None:
    point = Point(1, Colour.RED)
    opened = {"x": 1, "colour": "red"}
    assert plain(point) == opened
    assert plain([point, (point,)]) == [opened, [opened]]
    assert plain({"a": ArrayLike(), "b": None}) == {"a": [1, 2], "b": None}
    assert plain(Own(points=[point])) == {"points": [opened]}
