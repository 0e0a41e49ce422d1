"""The prover against brute force: random records and templates, every row of a small universe, paths by the runtime.

A claim must not be called proved when two rows of the universe meet, and a witness must hold when it is rendered by the
runtime's own templates.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from functools import lru_cache

import proof_programs as make
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apwa_lang.proofs import Claim, Verdict, decide
from apwa_lang.semantics.types import BOOL, INT, STR, Choice, Field, RecordType
from apwa_runtime.templates import TemplateError, compile_path

ALPHABET = "aA-0b"
WORDS = ["".join(letters) for size in (1, 2, 3) for letters in itertools.product(ALPHABET, repeat=size)]
NAMES = ("p", "q", "r")

FIELDS = st.one_of(
    st.builds(
        lambda values: Field("", Choice(tuple(values))),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True),
    ),
    st.sampled_from(
        [
            Field("", STR),
            Field("", STR, pattern="[ab]{1,2}"),
            Field("", STR, pattern="a*b?"),
            Field("", STR, pattern="(a|ab)(b|-)*"),
            Field("", STR, pattern="[^-]+"),
            Field("", STR, pattern=r"\d+"),
            Field("", STR, pattern=r"^\w-\w$"),
            Field("", STR, pattern="(?=a)[ab]+"),
            Field("", INT, minimum=0, maximum=12),
            Field("", INT, minimum=-2, maximum=2),
            Field("", INT),
            Field("", BOOL),
        ]
    ),
)
FILTERS = [
    "key",
    "hex",
    "zfill(2)",
    "lower",
    "upper",
    'replace("a", "b")',
    "truncate(1)",
    "string",
    "slugify",
    "sha256",
]


def universe(field: Field) -> list[object]:
    match field.type:
        case Choice(values):
            return list(values)
        case _ if field.type == BOOL:
            return [True, False]
        case _ if field.type == INT:
            low, high = field.minimum, field.maximum
            return list(range(int(-11 if low is None else low), int(12 if high is None else high) + 1))
        case _:
            return [word for word in WORDS if field.pattern is None or re.fullmatch(field.pattern, word)][:40]


@st.composite
def records(draw: st.DrawFn) -> RecordType:
    fields = []
    for name in NAMES[: draw(st.integers(1, 3))]:
        field = draw(FIELDS)
        key, unique = draw(st.booleans()), draw(st.integers(0, 5)) == 0
        fields.append(
            Field(name, field.type, key, unique, pattern=field.pattern, minimum=field.minimum, maximum=field.maximum)
        )
    return RecordType("R", tuple(fields))


def holes(draw: st.DrawFn, record: RecordType) -> str:
    field = draw(st.sampled_from(record.fields))
    filters = []
    if draw(st.integers(0, 2)) == 0:
        name = draw(st.sampled_from(FILTERS))
        works = field.type == INT if name.startswith("zfill") else field.type not in (INT, BOOL)
        if works or name in ("key", "hex", "string", "sha256"):
            filters.append(name)
    return "{{ " + " | ".join((f"note.{field.name}", *filters)) + " }}"


@st.composite
def paths(draw: st.DrawFn, record: RecordType) -> str:
    pieces = []
    for _ in range(draw(st.integers(1, 3))):
        pieces.append(draw(st.sampled_from(["", "", "-", "a", "0", "/", "x/"])))
        pieces.append(holes(draw, record))
    pieces.append(draw(st.sampled_from(["", "", "a", ".md", "-b"])))
    text = "".join(pieces)
    return "x" + text if text.startswith("/") else text


def rows(record: RecordType) -> Iterator[dict[str, object]]:
    domains = [universe(field) for field in record.fields]
    limit = {1: 100, 2: 25, 3: 9}[len(domains)]
    for values in itertools.product(*(domain[:limit] for domain in domains)):
        yield dict(zip((field.name for field in record.fields), values, strict=True))


compiled = lru_cache(maxsize=8)(compile_path)


def rendered(path: str, row: dict[str, object]) -> str | None:
    try:
        return compiled(path)({"note": row}).removesuffix("/**")
    except TemplateError:
        return None


def two_rows(record: RecordType, one: dict[str, object], other: dict[str, object]) -> bool:
    """Whether a table may hold both."""
    keys = [field.name for field in record.keys]
    if keys and all(one[name] == other[name] for name in keys):
        return False
    return all(one[field.name] != other[field.name] for field in record.fields if field.unique)


def meets(one: str, other: str, tree: bool) -> bool:
    return one == other or (tree and (one.startswith(f"{other}/") or other.startswith(f"{one}/")))


def brute_force(record: RecordType, first: str, second: str, separate: bool) -> bool:
    """Whether two sub-problems (any two, unless ``separate``) of the universe meet."""
    tree = first.endswith("/**") or second.endswith("/**")
    left = [(row, path) for row in rows(record) if (path := rendered(first, row)) is not None]
    right = [(row, path) for row in rows(record) if (path := rendered(second, row)) is not None]
    if not tree:
        places: dict[str, list[dict[str, object]]] = {}
        for row, path in right:
            places.setdefault(path, []).append(row)
        candidates = ((row, other) for row, path in left for other in places.get(path, ()))
    else:
        candidates = ((row, other) for row, path in left for other, its in right if meets(path, its, tree))
    return any(not separate or two_rows(record, row, other) for row, other in candidates)


def witness_holds(record: RecordType, claim: Claim, first: str, second: str, separate: bool) -> bool:
    assert claim.witness is not None
    one, other = ({name: json.loads(text) for name, text in row} for row in (claim.witness.left, claim.witness.right))
    for field in record.fields:
        for row in (one, other):
            assert field.name not in row or allowed(field, row[field.name])
        # A field that the witness does not name may have any value.
        values = universe(field)
        one.setdefault(field.name, next((each for each in values if each != other.get(field.name)), values[0]))
        other.setdefault(field.name, next((each for each in values if each != one[field.name]), values[0]))
    if "slugify" not in first + second:
        paths = rendered(first, one), rendered(second, other)
        assert paths[0] is not None
        assert paths[1] is not None
        assert meets(paths[0], paths[1], first.endswith("/**") or second.endswith("/**"))
    return not separate or two_rows(record, one, other)


def allowed(field: Field, value: object) -> bool:
    if isinstance(field.type, Choice):
        return value in field.type.values
    if isinstance(value, str) and field.pattern is not None:
        return re.fullmatch(field.pattern, value) is not None
    if isinstance(value, int) and field.minimum is not None and field.maximum is not None:
        return field.minimum <= value <= field.maximum
    return True


def check(record: RecordType, claim: Claim, first: str, second: str, separate: bool) -> None:
    met = brute_force(record, first, second, separate)
    assert not (met and claim.verdict is Verdict.PROVED), f"unsound: {first} and {second} over {record.fields}"
    if claim.verdict is Verdict.REFUTED:
        assert witness_holds(record, claim, first, second, separate), (claim.witness, first, second, record.fields)


many = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
very_many = settings(max_examples=1_500, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def one_step(draw: st.DrawFn) -> tuple[RecordType, str, str]:
    record = draw(records())
    tree = "/**" if draw(st.integers(0, 4)) == 0 else ""
    return record, draw(paths(record)) + tree, draw(paths(record))


def check_one_step(case: tuple[RecordType, str, str]) -> None:
    record, written, read = case
    program = make.one_map(record, writes=[written], reads=[read])
    for claim in decide(program)[0][:2]:
        check(record, claim, claim.effect_a.target.text, claim.effect_b.target.text, separate=True)


def check_two_steps(case: tuple[RecordType, str, str]) -> None:
    record, first, second = case
    of = make.split("notes", record)
    tasks = [make.task(f"t{n}", {"note": record}, writes=[path]) for n, path in enumerate((first, second))]
    steps = [make.mapped(task.name, task, of) for task in tasks]
    claims, _ = decide(make.program([make.table("notes", record)], [of], tasks, steps))
    (claim,) = [claim for claim in claims if claim.step_a != claim.step_b]
    check(record, claim, first, second, separate=False)


@given(one_step())
@many
def test_two_subproblems_of_one_step(case: tuple[RecordType, str, str]) -> None:
    check_one_step(case)


@given(one_step())
@many
def test_two_steps(case: tuple[RecordType, str, str]) -> None:
    check_two_steps(case)


@pytest.mark.slow
@given(one_step())
@very_many
def test_two_subproblems_of_one_step_at_length(case: tuple[RecordType, str, str]) -> None:
    check_one_step(case)


@pytest.mark.slow
@given(one_step())
@very_many
def test_two_steps_at_length(case: tuple[RecordType, str, str]) -> None:
    check_two_steps(case)


FINITE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5, unique=True).map(lambda values: Choice(tuple(values)))


@given(FINITE, FINITE, st.sampled_from(["", "-", "a", "b-", "/"]), st.booleans())
@many
def test_small_finite_domains_are_decided_exactly(first: Choice, second: Choice, between: str, both_keys: bool) -> None:
    record = make.record(Field("p", first, key=True), Field("q", second, key=both_keys))
    path = "{{ note.p }}" + between + "{{ note.q }}"
    (claim,) = decide(make.one_map(record, writes=[path]))[0]
    met = brute_force(record, path, path, separate=True)
    assert claim.verdict is (Verdict.REFUTED if met else Verdict.PROVED)
