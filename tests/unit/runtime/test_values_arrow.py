"""Rows survive Arrow, and validated rows satisfy their JSON schema."""

from __future__ import annotations

import base64
import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import jsonschema
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apwa_lang.semantics import types as t
from apwa_lang.semantics.types import Field, ListOf, MapOf, RecordType
from apwa_runtime.values.arrow import arrow_schema, from_batch, to_batch
from apwa_runtime.values.json_schema import json_schema
from apwa_runtime.values.models import instance, plain, validator
from apwa_runtime.values.text import json_text

CAT = RecordType("Cat", (Field("name", t.STR), Field("born", t.Optional(t.DATE))))
DOG = RecordType("Dog", (Field("name", t.STR), Field("seen", t.Optional(t.DATETIME)), Field("weight", t.FLOAT)))
PET = t.Union((CAT, DOG))

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
minutes = st.integers(-14 * 60, 14 * 60).map(lambda count: timezone(timedelta(minutes=count)))
moments = st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.none() | minutes)
spans = st.timedeltas(timedelta(days=-100_000_000), timedelta(days=100_000_000))
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)
PRIMITIVES: list[tuple[t.Type, st.SearchStrategy[Any]]] = [
    (t.STR, text),
    (t.INT, st.integers(-(2**63), 2**63 - 1)),
    (t.FLOAT, st.floats(allow_nan=False)),
    (t.BOOL, st.booleans()),
    (t.BYTES, st.binary(max_size=8)),
    (t.DATE, st.dates()),
    (t.DATETIME, moments),
    (t.DURATION, spans),
    (t.UUID, st.uuids()),
    (t.JSON, any_json),
    (t.FILE, text),
    (t.Choice(("a", "b")), st.sampled_from(["a", "b"])),
    (
        t.Tensor("f64", (2, 1)),
        st.lists(st.lists(st.floats(allow_nan=False), min_size=1, max_size=1), min_size=2, max_size=2),
    ),
    (t.Tensor("u8", (2,)), st.lists(st.integers(0, 255), min_size=2, max_size=2)),
    (t.Tensor("f32", (1,)), st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=1)),
]


def members(record: RecordType, fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"kind": st.just(record.name), **fields})


pets = members(CAT, {"name": text, "born": st.none() | st.dates()}) | members(
    DOG, {"name": text, "seen": st.none() | moments, "weight": st.floats(allow_nan=False)}
)


@st.composite
def typed(draw: st.DrawFn, depth: int = 2) -> tuple[t.Type, st.SearchStrategy[Any]]:
    """A type with the native values of that type."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from([*PRIMITIVES, (PET, pets)]))
    inner, values = draw(typed(depth - 1))
    match draw(st.sampled_from(["list", "map", "optional", "record"])):
        case "list":
            return ListOf(inner), st.lists(values, max_size=3)
        case "map":
            return MapOf(inner), st.dictionaries(text, values, max_size=3)
        case "optional" if not isinstance(inner, t.Optional) and inner != t.JSON:
            return t.Optional(inner), st.none() | values
        case _:
            record = RecordType("Inner", (Field("copy", inner), Field("n", t.Optional(t.INT))))
            return record, st.fixed_dictionaries({"copy": values, "n": st.none() | st.integers(0, 9)})


@st.composite
def tables(draw: st.DrawFn) -> tuple[RecordType, list[dict[str, Any]]]:
    columns = draw(st.lists(typed(), min_size=1, max_size=3))
    record = RecordType("Any", tuple(Field(f"f{index}", type) for index, (type, _) in enumerate(columns)))
    row = st.fixed_dictionaries({f"f{index}": values for index, (_, values) in enumerate(columns)})
    return record, draw(st.lists(row, max_size=4))


relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@relaxed
@given(tables())
def test_rows_survive_arrow(table: tuple[RecordType, list[dict[str, Any]]]) -> None:
    record, rows = table
    batch = to_batch(rows, record)
    assert batch.schema.equals(arrow_schema(record), check_metadata=True)
    assert from_batch(batch, record) == rows


@relaxed
@given(tables())
def test_native_values_are_admitted_unchanged_as_values_json_text_and_models(
    table: tuple[RecordType, list[dict[str, Any]]],
) -> None:
    record, rows = table
    check = validator(record, extra="forbid")
    assert check.many(rows) == rows
    for row in rows:
        assert check.json(json_text(row)) == row
        assert check.python(plain(instance(record, row))) == row


@relaxed
@given(tables())
def test_validated_rows_satisfy_their_json_schema(table: tuple[RecordType, list[dict[str, Any]]]) -> None:
    record, rows = table
    schema = json_schema(record)
    jsonschema.Draft202012Validator.check_schema(schema)
    for row in rows:
        jsonschema.validate(json.loads(json_text(row)) if _finite(row) else {}, schema if _finite(row) else {})


def _finite(value: Any) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case dict():
            return all(map(_finite, value.values()))
        case list():
            return all(map(_finite, value))
        case _:
            return True


def test_times_keep_their_offset_or_its_absence() -> None:
    record = RecordType("R", (Field("at", t.DATETIME),))
    rows = [{"at": datetime(2024, 1, 2, 3)}, {"at": datetime(2024, 1, 2, 3, tzinfo=UTC)}]
    rows.append({"at": datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))})
    back = from_batch(to_batch(rows, record), record)
    assert [row["at"].utcoffset() for row in back] == [None, timedelta(0), timedelta(hours=2)]


def test_numbers_without_a_json_form_survive_as_text() -> None:
    record = RecordType("R", (Field("values", ListOf(t.FLOAT)),))
    line = json_text({"values": [math.inf, -math.inf, 1.5]})
    assert line == '{"values":["Infinity","-Infinity",1.5]}'
    assert validator(record).json(line) == {"values": [math.inf, -math.inf, 1.5]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (timedelta(days=1, microseconds=500_000), "P1DT0.5S"),
        (timedelta(0), "PT0S"),
        (timedelta(days=2), "P2D"),
        (-timedelta(seconds=90), "-PT90S"),
        (date(2024, 2, 29), "2024-02-29"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"\xff", base64.b64encode(b"\xff").decode()),
    ],
)
def test_scalars_as_text(value: object, expected: str) -> None:
    assert json.loads(json_text(value)) == expected


def test_what_is_no_native_value_is_refused() -> None:
    with pytest.raises(TypeError, match="`set`"):
        json_text({1})


def test_the_schema_of_a_model_answer_is_strict() -> None:
    record = RecordType(
        "Answer",
        (
            Field("score", t.INT, minimum=0.5, maximum=9, description="How sure."),
            Field("code", t.Optional(t.STR), pattern="[A-Z]+"),
            Field("pet", PET),
        ),
        description="What was found.",
    )
    schema = json_schema(record)
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["score", "code", "pet"]
    assert schema["description"] == "What was found."
    assert schema["properties"]["score"] == {"type": "integer", "minimum": 1, "maximum": 9, "description": "How sure."}
    assert schema["properties"]["code"] == {"anyOf": [{"type": "string", "pattern": "^(?:[A-Z]+)$"}, {"type": "null"}]}
    kinds = [member["properties"]["kind"] for member in schema["properties"]["pet"]["anyOf"]]
    assert kinds == [{"type": "string", "const": "Cat"}, {"type": "string", "const": "Dog"}]


def test_arrow_marks_what_it_holds_as_text() -> None:
    record = RecordType("R", (Field("any", t.JSON), Field("at", t.Optional(t.DATETIME)), Field("pet", PET)))
    schema = arrow_schema(record)
    assert [field.type for field in schema] == [pa.large_string()] * 3
    assert [field.metadata for field in schema] == [{b"apwa": b"json"}, {b"apwa": b"datetime"}, {b"apwa": b"json"}]
