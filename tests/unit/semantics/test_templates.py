"""What templates mean: their names and holes, and findings at the exact place inside the text."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from checking import Lab, expression, literal
from hypothesis import given
from hypothesis import strategies as st

from apwa_lang.semantics.core import Apply, Const, GetField, Var
from apwa_lang.semantics.filters import FILTERS
from apwa_lang.semantics.program import Filter, Hole, Literal
from apwa_lang.semantics.templates import check_template
from apwa_lang.semantics.types import DATETIME, INT, JSON, STR, ListOf, Optional
from apwa_lang.syntax import nodes
from apwa_lang.syntax.source import Source, Span


@pytest.mark.parametrize(
    "text",
    [
        "plain { text } 100%",
        "{{ note }} {{ notes }} {{ note.data.a.b }} {{ note.counts }}",
        "{% for n in notes %}{{ loop.index }}: {{ n.id }}{% if not loop.last %}, {% endif %}{% else %}none{% endfor %}",
        "{% for n in notes if n.title %}{{ n.title | upper }}{% endfor %}",
        "{% for key in note.counts %}{{ key }}={{ note.counts[key] }}{% endfor %}",
        "{% if note.title %}{{ note.title }}{% endif %}",
        "{% if note.title is not none and note.title | length > 2 %}{{ note.title }}{% endif %}",
        "{% if note.title != none %}{{ note.title }}{% endif %}",
        "{% if not note.title %}none{% else %}{{ note.title }}{% endif %}",
        "{% if note.size > 1 %}a{% elif note.title %}{{ note.title }}{% else %}b{% endif %}",
        "{% if note.author and note.author.value %}{{ note.author.value }}{% endif %}",
        "{{ note.title | default('none') | upper }} {{ note.title or 'none' }}",
        "{{ note.title if note.title else 'none' }}",
        "{% set n = note.size + 1 %}{{ n * 2 }}",
        "{% if note.size %}{% set n = 1 %}{% else %}{% set n = 2 %}{% endif %}{{ n }}",
        "{{ notes | map(attribute='id') | join(', ') }} {{ notes | length }} {{ notes | json(indent=2) }}",
        "{{ note.id[:3] }} {{ note.tags[0] }} {{ note['id'] }} {{ note.id ~ '-' ~ note.size }}",
        "{{ note.size is even }} {{ 'a' in note.tags }} {{ note.ward in ('north', 'south') }}",
        "{# {{ nothing }} #}{% raw %}{{ nothing }}{% endraw %}",
        "{{ note.mark | hex }} {{ note.taken | strftime('%Y') }} {{ note.score | round(1) }}",
    ],
)
def test_clean(text: str) -> None:
    lab = Lab()
    check_template(literal(text), lab.scope)
    assert lab.found == []


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ("{{ nte.id }}", "APWA201", "nte", "did you mean `note`"),
        ("{{ null }}", "APWA201", "null", "written `none`"),
        ("{{ note.idd }}", "APWA202", "idd", "did you mean `id`"),
        ("{{ note . idd | upper }}", "APWA202", "idd", "did you mean `id`"),
        ("{{ note['idd'] }}", "APWA202", "'idd'", "did you mean `id`"),
        ("{% for n in notes %}{{ n.idd }}{% endfor %}", "APWA202", "idd", "did you mean `id`"),
        ("{% for n in notes %}{{ loop.idx }}{% endfor %}", "APWA202", "idx", "did you mean `index`"),
        ("{% for n in notes %}{% endfor %}{{ n.id }}", "APWA201", "n", "in reach here"),
        ("{%- if note.size -%}  {{ note.idd }} {%- endif %}", "APWA202", "idd", "did you mean `id`"),
        ("{{ notes | map(attribute='idd') }}", "APWA202", "'idd'", "did you mean `id`"),
        ("{{ note.size + 'a' }}", "APWA206", "note.size + 'a'", "`int` and `str`"),
        ("{% if note.id > 1 %}{% endif %}", "APWA206", "note.id > 1", "`str` and `int`"),
        ("{{ style == 'shrot' }}", "APWA223", "'shrot'", "did you mean `short`"),
        ("{{ note.id", "APWA251", "{{", "not closed by `}}`"),
        ("{{ note.id }", "APWA251", "}", "unexpected"),
        ("a {% if note.id %} b", "APWA251", "if", "not closed by `{% endif %}`"),
        ("{% sing %}", "APWA251", "sing", "no statement"),
        ("{{ note.id ? }}", "APWA251", "?", "unexpected"),
        ("{{ note.id.upper() }}", "APWA252", "note.id.upper()", "| upper"),
        ("{{ range(3) }}", "APWA252", "range(3)", "filter"),
        ("{% macro f() %}{% endmacro %}", "APWA252", "macro", "`{% macro … %}`"),
        ("{% include 'x' %}", "APWA252", "include", "`{% include … %}`"),
        ("{% import 'x' as y %}", "APWA252", "import", "`{% import … %}`"),
        ("{% extends 'x' %}", "APWA252", "extends", "`{% extends … %}`"),
        ("{% block a %}{% endblock %}", "APWA252", "block", "`{% block … %}`"),
        ("{% for a, b in notes %}{% endfor %}", "APWA252", "a, b", "pairs"),
        ("{{ 'a' if note.size }}", "APWA252", "'a' if note.size", "else"),
        ("{{ {'a': 1} }}", "APWA252", "{'a': 1", "literal"),
        ("{{ note.id | uper }}", "APWA253", "uper", "did you mean `upper`"),
        ("{{ note.size is evn }}", "APWA253", "evn", "did you mean `even`"),
        ("{{ note.id | e }}", "APWA253", "e", "no filter `e`"),
        ("{{ note.size | upper }}", "APWA254", "upper", "takes `str`, but this is `int`"),
        ("{{ note.id | truncate('x') }}", "APWA254", "'x'", "takes `int` as `length`"),
        ("{{ note.id | truncate }}", "APWA254", "truncate", "truncate(text: str, length: int"),
        ("{{ note.title }}", "APWA255", "note.title", "note.title | default('')"),
        ("{{ note.title | upper }}", "APWA255", "note.title", "{% if note.title %}"),
        ("{{ note.author.value }}", "APWA255", "note.author", "may be null"),
        ("{% if note.title %}{% else %}{{ note.title }}{% endif %}", "APWA255", "note.title", "may be null"),
        ("{% for n in notes %}{% if note.title %}{{ n.title }}{% endif %}{% endfor %}", "APWA255", "n.title", "null"),
        ("{{ note.mark }}", "APWA256", "note.mark", "| hex"),
        ("{{ note.id ~ note.taken }}", "APWA256", "note.taken", "| string"),
        ("{% for letter in note.id %}{% endfor %}", "APWA257", "note.id", "cannot go through `str`"),
        ("{{ notes.id }}", "APWA257", "id", 'notes | map(attribute="id")'),
        ("{% if note.size %}{% set n = 1 %}{% endif %}{{ n }}", "APWA201", "n", "in reach here"),
    ],
)
def test_mistake(text: str, code: str, place: str, words: str) -> None:
    lab = Lab()
    check_template(literal(text), lab.scope)
    finding = lab.only
    assert (finding.code, finding.primary.span.text) == (code, place)
    assert words in f"{finding.message} {finding.help} {[label.text for label in finding.secondary]}"


def test_places_are_exact_in_dedented_text_and_after_escapes() -> None:
    lab = Lab()
    text = '"""\n      Dear {{ note.id }},\n        é {{ note.idd }}\n    """'
    source = expression(text)
    assert isinstance(source, nodes.StringLiteral)
    check_template(source, lab.scope)
    span = lab.only.primary.span
    assert (span.line, span.column, span.text) == (3, 19, "idd")

    lab = Lab()
    source = expression(r'"a\n\u00e9\"{{ note.idd }}"')
    assert isinstance(source, nodes.StringLiteral)
    check_template(source, lab.scope)
    assert lab.only.primary.span.text == "idd"


def test_places_are_exact_with_windows_line_ends() -> None:
    lab = Lab()
    check_template(literal("a\r\nb\r\n{{ note.id }} {{ note.idd }}\r\n"), lab.scope)
    assert lab.only.primary.span.text == "idd"


def test_segments_of_a_path() -> None:
    lab = Lab()
    made = check_template(literal("out/{{ note.id | replace(new='b', old='a') | key }}-{{ note.taken }}.md"), lab.scope)
    assert lab.found == []
    assert made.names == {"note"}
    assert made.segments is not None
    head, first, dash, second, tail = made.segments
    assert [part.text for part in (head, dash, tail) if isinstance(part, Literal)] == ["out/", "-", ".md"]
    assert isinstance(first, Hole) and isinstance(second, Hole)
    assert (first.value, first.type) == (GetField(Var("note"), "id"), STR)
    assert first.filters == (Filter("replace", ("a", "b")), Filter("key"))
    assert first.span.text == "{{ note.id | replace(new='b', old='a') | key }}"
    assert (second.value, second.type, second.filters) == (GetField(Var("note"), "taken"), DATETIME, ())


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("{{ note.tags[0] }}", STR),
        ("{{ note.data.a }}", JSON),
        ("{{ (note.id | title) ~ 'b' }}", STR),
    ],
)
def test_a_hole_without_a_counterpart_outside_templates_has_no_value(text: str, type: object) -> None:
    (hole,) = check_template(literal(text), Lab().scope).segments or ()
    assert isinstance(hole, Hole)
    assert (hole.value, hole.type, hole.filters) == (None, type, ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ note.size + 1 }}", Apply("+", (GetField(Var("note"), "size"), Const(1, INT)))),
        (
            "{{ 'a' ~ note.id | lower }}",
            Apply("~", (Const("a", STR), Apply("lower", (GetField(Var("note"), "id"),)))),
        ),
    ],
)
def test_a_hole_that_calculates_has_an_expression(text: str, value: object) -> None:
    (hole,) = check_template(literal(text), Lab().scope).segments or ()
    assert isinstance(hole, Hole)
    assert (hole.value, hole.filters) == (value, ())


def test_a_hole_has_the_type_before_its_filters() -> None:
    (hole,) = check_template(literal("{{ note.title | default('x') }}"), Lab().scope).segments or ()
    assert isinstance(hole, Hole)
    assert hole.type == Optional(STR)
    (hole,) = check_template(literal("{{ notes | length }}"), Lab().scope).segments or ()
    assert isinstance(hole, Hole) and isinstance(hole.type, ListOf)


def test_statements_and_mistakes_leave_no_segments() -> None:
    assert check_template(literal("{% if note.size %}a{% endif %}"), Lab().scope).segments is None
    assert check_template(literal("{{ note.idd }}"), Lab().scope).segments is None


def test_names_are_those_from_outside() -> None:
    made = check_template(
        literal("{% set n = style %}{% for note in notes %}{{ note.id }}{{ loop.index }}{{ n }}{% endfor %}"),
        Lab().scope,
    )
    assert made.names == {"notes", "style"}


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("{% if note.size %}a{% endif %}", "APWA258", "`{% if … %}`"),
        ("{{ note }}", "APWA259", "{{ note.id }}"),
        ("{{ notes }}", "APWA259", "one plain value"),
        ("{{ note.data }}", "APWA259", "| string"),
        ("{{ note.mark }}", "APWA259", "| hex"),
        ("{{ note.title }}", "APWA255", "default"),
    ],
)
def test_a_path_takes_plain_values_only(text: str, code: str, words: str) -> None:
    lab = Lab()
    check_template(literal(text), lab.scope, path=True)
    assert lab.only.code == code
    assert words in f"{lab.only.message} {lab.only.help}"


DEEP = ["{{ " + "+".join("1" * 3000) + " }}", "{{ " + "(" * 3000, "{{ note" + ".data" * 3000 + " }}"]


@pytest.mark.parametrize("text", DEEP, ids=["sum", "brackets", "fields"])
def test_deep_nesting_is_reported(text: str) -> None:
    lab = Lab()
    check_template(literal(text), lab.scope)
    assert lab.only.code == "APWA251"


PARTS = re.findall(
    r"\S+|\r?\n",
    "{{ }} {% %} {# #} if for in endif endfor set = note notes .id .title [ ] ( ) | upper default is none 'a' 1 , - é"
    " \n \r\n",
)


@given(st.lists(st.sampled_from(PARTS)), st.booleans())
def test_any_text_is_checked_or_reported(parts: list[str], path: bool) -> None:
    lab = Lab()
    text = " ".join(parts)
    places = tuple(range(len(text) + 1))
    made = nodes.StringLiteral(Span(Source(text), 0, len(text)), text, places)
    template = check_template(made, lab.scope, path=path)
    assert template.text == text
    assert not (lab.found and template.segments)
    for finding in lab.found:
        assert 0 <= finding.primary.span.start <= finding.primary.span.end <= len(text)


def test_plain_text_needs_no_jinja() -> None:
    program = (
        "import sys\n"
        "from apwa_lang.semantics.scope import Scope\n"
        "from apwa_lang.semantics.templates import check_template\n"
        "from apwa_lang.syntax.nodes import StringLiteral\n"
        "from apwa_lang.syntax.source import Source, Span\n"
        "span = Span(Source('plain'), 0, 5)\n"
        "check_template(StringLiteral(span, 'plain', tuple(range(6))), Scope({}, {}, print))\n"
        "sys.exit('jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_every_signature_can_be_read(name: str) -> None:
    for signature in FILTERS[name].signatures:
        assert signature.name == name
        assert signature.parameters
