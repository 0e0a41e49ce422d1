"""What templates and paths render as, and what stops them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apwa_lang.semantics import template_expressions
from apwa_lang.semantics.filters import FILTERS
from apwa_runtime import filters
from apwa_runtime.evaluation import plain_text
from apwa_runtime.templates import TESTS, PathComponentError, TemplateError, compile_path, compile_template

NOTE: dict[str, Any] = {
    "id": "A/1 é",
    "items": [1, 2],
    "keys": "K",
    "size": 7,
    "score": 2.567,
    "open": True,
    "title": None,
    "tags": ["b", "a", "b"],
    "rows": [{"id": "x", "n": 1}, {"id": "y", "n": 2}],
    "taken": datetime(2026, 1, 31, 12, tzinfo=UTC),
    "day": date(2026, 1, 31),
    "wait": timedelta(seconds=90),
    "uuid": UUID("123e4567-e89b-12d3-a456-426614174000"),
    "mark": b"\x00\xff",
    "path": "in/a.tar.gz",
}


def rendered(text: str) -> str:
    return compile_template(text)({"note": NOTE})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello {{ note.id }}!\n", "Hello A/1 é!\n"),
        ("{{ note.items }} {{ note.keys }}", "[1,2] K"),
        ("{{ note.open }} {{ note.size }} {{ note.score }}", "true 7 2.567"),
        ("{{ note.taken }} {{ note.day }} {{ note.wait }}", "2026-01-31T12:00:00+00:00 2026-01-31 PT90S"),
        ("{{ note.uuid }} {{ note.rows[0] }}", '123e4567-e89b-12d3-a456-426614174000 {"id":"x","n":1}'),
        ("<{{ '<b>&' }}>", "<<b>&>"),
        ("{% for r in note.rows %}{{ loop.index }}{{ r.id }}{% if not loop.last %},{% endif %}{% endfor %}", "1x,2y"),
        ("{% if note.title %}a{% else %}b{% endif %}{{ note.title or 'c' }}", "bc"),
        ("{{ note.title | default('none') }} {{ note.rows[0].missing | default('none') }}", "none none"),
        ("{{ note.id | key }} {{ note.day | key }}", "%41%2F1%20%C3%A9 2026%2D01%2D31"),
        ("{{ note.rows | json }}", '[{"id":"x","n":1},{"id":"y","n":2}]'),
        ("{{ note.rows[0] | tojson(indent=1) }}", '{\n "id": "x",\n "n": 1\n}'),
        ("{{ note.mark | hex }} {{ 'é' | hex }} {{ note.size | hex }}", "00ff c3a9 37"),
        ("{{ '' | sha256 }}", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("{{ 'aB' | lower }}{{ 'aB' | upper }}{{ 'a b' | title }}{{ 'AB' | capitalize }}", "abABA BAb"),
        ("[{{ ' a ' | strip }}{{ ' b ' | trim }}]", "[ab]"),
        ("{{ 'abcdef' | truncate(3) }} {{ 'abcdef' | truncate(4, '…') }} {{ 'ab' | truncate(3, '…') }}", "abc abc… ab"),
        ("{{ ' Été, déjà-vu! ' | slugify }}", "ete-deja-vu"),
        ("{{ note.path | basename }} {{ note.path | stem }}", "a.tar.gz a.tar"),
        ("{{ 'aXb' | replace('X', '-') }}{{ 'a\nb' | indent(2) }}{{ 'a\nb' | indent(1, true) }}", "a-ba\n  b a\n b"),
        ("{{ note.size | zfill(3) }} {{ -5 | zfill(3) }} {{ note.score | round(1) }}", "007 -05 2.6"),
        ("{{ '12' | int + 1 }} {{ '1.5' | float }} {{ note.day | string | length }}", "13 1.5 10"),
        ("{{ note.taken | strftime('%Y/%m') }}", "2026/01"),
        ("{{ note.tags | first }}{{ note.tags | last }}{{ note.tags | unique | sort | join('-') }}", "bba-b"),
        ("{{ note.rows | map(attribute='n') | sum }} {{ note.items | min }}{{ note.items | max }}", "3 12"),
        ("{{ note.tags | reverse | join }} {{ 'ab' | list | length }} {{ note.tags | length }}", "bab 2 3"),
        ("{{ 4 is even }} {{ 'b' in note.tags }} {{ 9 is divisibleby 3 }}", "true true true"),
    ],
)
def test_rendered(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ note.zz }}", "a value is missing"),
        ("{{ zz }}", "'zz' is undefined"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ note.id | int }}", '"A/1 é" is not a whole number'),
        ("{{ [] | first }}", "an empty list has no first item"),
        ("{{ note.id.__class__ }}", "unsafe"),
        ("{{ note.__class__ }}", "missing"),
        ("{{ range(3) }}", "'range' is undefined"),
    ],
)
def test_a_template_that_cannot_be_rendered(text: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        rendered(text)
    assert message in str(caught.value)


def test_a_text_that_is_no_template() -> None:
    for text in ("{{ note.id", "{{ note.id | nothing }}", "{% if %}"):
        with pytest.raises(TemplateError, match="this is not a template"):
            compile_template(text)


def test_only_the_filters_and_tests_of_the_language_are_there() -> None:
    assert set(FILTERS) == set(filters.FILTERS)
    assert set(template_expressions.TESTS) == TESTS
    with pytest.raises(TemplateError):
        compile_template("{{ 'a' | escape }}")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("plain/file.txt", "unused", "plain/file.txt"),
        ("out/{{ id }}.txt", "a", "out/a.txt"),
        ("out/{{ id | key }}.txt", "../b", "out/%2E%2E%2Fb.txt"),
        ("{{ id }}/{{ id | upper }}{# c #}-{{ id }}", "a", "a/A-a"),
        ("s3://bucket/{{ id }}/x", "a", "s3://bucket/a/x"),
        ("/data/../{{ id }}", "a", "/data/../a"),
        ("{{ id }}.x", ".", "..x"),
        ("{{ id }}", date(2026, 1, 31), "2026-01-31"),
        ("{{ id }}", True, "true"),
        ("{{ id + 1 }}", 7, "8"),
        ("{{ id }}", "x" * 255, "x" * 255),
    ],
)
def test_path(path: str, value: object, expected: str) -> None:
    assert compile_path(path)({"id": value}) == expected


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("out/{{ id }}.txt", "a/b", '`{{ id }}` in a path has a `/`: "a/b"'),
        ("out/{{ id | lower }}.txt", "A/B", '`{{ id | lower }}` in a path has a `/`: "a/b"'),
        ("out/{{ id }}.txt", "", '`{{ id }}` in a path is empty: ""'),
        ("out/{{ id }}.txt", None, "`{{ id }}` in a path is null"),
        ("out/{{ id }}.txt", "a\0b", r'`{{ id }}` in a path has a NUL character: "a\u0000b"'),
        ("out/{{ id }}", "..", "`{{ id }}` makes `..` a component of a path"),
        ("out/{{ id }}.", ".", "`{{ id }}` makes `..` a component of a path"),
        ("{{ id }}{{ id }}/x", ".", "`{{ id }}` makes `..` a component of a path"),
        ("out/{{ id }}/x", ".", "`{{ id }}` makes `.` a component of a path"),
        ("out/{{ id }}", "é" * 128, "longer than 255 bytes"),
        ("out/{{ id }}.txt", "x" * 252, "longer than 255 bytes"),
        ("out/{{ id }}", "\ud800", "no Unicode text"),
    ],
)
def test_a_value_that_cannot_be_part_of_a_path(path: str, value: object, message: str) -> None:
    with pytest.raises(PathComponentError) as caught:
        compile_path(path)({"id": value})
    assert message in str(caught.value)


def test_a_path_without_its_value() -> None:
    for path in ("{{ note.id }}", "{{ note.id | upper }}"):
        with pytest.raises(TemplateError, match="a value is missing"):
            compile_path(path)({"note": {}})
    with pytest.raises(TemplateError, match="cannot have statements"):
        compile_path("{% if a %}b{% endif %}")


@given(st.text(min_size=1))
def test_a_rendered_path_stays_where_its_template_is(text: str) -> None:
    try:
        path = compile_path("out/{{ id }}/end")({"id": text})
    except PathComponentError:
        assert (
            text in (".", "..")
            or "/" in text
            or "\0" in text
            or len(text.encode(errors="replace")) > 255
            or (not text.isprintable())
        )
        return
    assert path == f"out/{text}/end"
    assert path.split("/") == ["out", text, "end"]


@given(st.one_of(st.text(), st.integers(), st.booleans(), st.dates(), st.timedeltas(), st.uuids()))
def test_a_template_and_a_path_print_alike(value: object) -> None:
    assert compile_template("{{ x }}")({"x": value}) == plain_text(value)
    assert compile_path("{{ x | hex }}.")({"x": "a"}) == "61."
