"""Values of parameters from a command line and from a file."""

from __future__ import annotations

import re

import pytest
from plans import COUNT, DIGEST, NOTE

from apwa_compiler.parameters import parse
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
    ListOf,
    MapOf,
    Optional,
    Type,
    Union,
)


@pytest.mark.parametrize(
    ("given", "type", "value"),
    [
        ("5", STR, "5"),
        ("5", INT, 5),
        ("-1_000", INT, -1000),
        (5, INT, 5),
        ("0.5", FLOAT, 0.5),
        (2, FLOAT, 2.0),
        ("true", BOOL, True),
        ("False", BOOL, False),
        (True, BOOL, True),
        ("short", Choice(("short", "full")), "short"),
        ("2026-01-31", DATE, "2026-01-31"),
        ("2026-01-31T12:00:00+01:00", DATETIME, "2026-01-31T12:00:00+01:00"),
        ("90s", DURATION, "PT90S"),
        ("500ms", DURATION, "PT0.5S"),
        ("PT2H", DURATION, "PT7200S"),
        ("aGk=", BYTES, "aGk="),
        ("12345678-1234-5678-1234-567812345678", UUID, "12345678-1234-5678-1234-567812345678"),
        ('{"a": [1]}', JSON, {"a": [1]}),
        ("plain words", JSON, "plain words"),
        ("null", Optional(INT), None),
        (None, Optional(INT), None),
        ("4", Optional(INT), 4),
        ('["1", 2]', ListOf(INT), [1, 2]),
        ({"a": 1}, MapOf(FLOAT), {"a": 1.0}),
        ('{"id": "a", "words": 3}', COUNT, {"id": "a", "words": 3}),
        ({"id": "A", "ward": "3", "text": "x"}, NOTE, {"id": "A", "ward": "3", "text": "x", "taken": None}),
        ({"kind": "Digest", "summary": "s"}, Union((COUNT, DIGEST)), {"kind": "Digest", "summary": "s"}),
    ],
)
def test_values_of_every_type(given: object, type: Type, value: object) -> None:
    assert parse(given, type) == value


@pytest.mark.parametrize(
    ("given", "type", "problem"),
    [
        ("five", INT, '"five" is not a whole number'),
        ("5.0", INT, "not a whole number"),
        (True, INT, "true is not a whole number"),
        ("much", FLOAT, '"much" is not a number'),
        ("yes", BOOL, '"yes" is not true or false'),
        (5, STR, "5 is not text"),
        ("long", Choice(("short", "full")), '"long" is not one of "short", "full"'),
        ("31.1.2026", DATE, "a date such as 2026-01-31"),
        ("soon", DATETIME, "a date and time"),
        ("1 week", DURATION, "a duration such as 30s"),
        ("??", BYTES, "base64"),
        ("x", UUID, "a UUID"),
        ("[1", ListOf(INT), "a list[int] in JSON"),
        ("{}", ListOf(INT), "not a list[int]"),
        ('["a"]', ListOf(INT), '"a" is not a whole number'),
        ({"id": "a"}, COUNT, "field `words` is missing"),
        ({"id": "a", "words": "b"}, COUNT, 'field `words`: "b" is not a whole number'),
        ({"id": "a", "words": 1, "x": 1}, COUNT, "`Count` has no field `x`"),
        ({"summary": "s"}, Union((COUNT, DIGEST)), '`kind` must be one of "Count", "Digest"'),
    ],
)
def test_what_does_not_fit_is_said_in_words(given: object, type: Type, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        parse(given, type)
