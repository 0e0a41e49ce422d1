"""Plans survive a round trip through JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import COUNT, DIGEST, NOTE, small, step, wards

from apwa_compiler.plan import Call, LiteralSource, Model, Parameter, Rate, Scan, Secret, Select, Step
from apwa_compiler.plan_json import from_json, to_json
from apwa_lang.semantics.core import Apply, Const, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.types import BOOL, FLOAT, INT, JSON, STR, Default, Field, ListOf, Optional, RecordType, Union

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("$"), inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from([STR, INT, FLOAT, BOOL, JSON, ListOf(NOTE), Optional(COUNT), Union((NOTE, DIGEST))])
LEAVES: st.SearchStrategy[Core] = st.builds(Const, JSON_VALUES, TYPES) | st.builds(Var, st.text(min_size=1))
CORES: st.SearchStrategy[Core] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(GetField, inner, st.text(), st.booleans()),
        st.builds(GetItem, inner, inner),
        st.builds(Apply, st.sampled_from(["+", "and", "len"]), st.lists(inner).map(tuple)),
        st.builds(MakeList, st.lists(inner).map(tuple)),
        st.builds(MakeRecord, st.just(COUNT), st.lists(st.tuples(st.text(), inner)).map(tuple)),
        st.builds(MakeMap, st.lists(st.tuples(st.text(), inner)).map(tuple)),
    ),
    max_leaves=10,
)


def test_the_whole_program_of_the_first_page_comes_back() -> None:
    assert from_json(to_json(wards())) == wards()


@given(CORES)
def test_every_expression_comes_back(core: Core) -> None:
    plan = small(step("chosen", Select((("value", core),)), "counts"))
    assert from_json(to_json(plan)) == plan


@given(JSON_VALUES)
def test_every_constant_comes_back_as_it_was(value: object) -> None:
    plan = replace(
        small(Step("rows", Scan(LiteralSource(((value,),))), (), COUNT)),
        parameters=(Parameter("given", JSON, value),),
        models=(
            Model("m", "openai", None, (("headers", {"x": Secret("KEY", True), "y": value}), ("rate", Rate(1, 2.0)))),
        ),
    )
    assert from_json(to_json(plan)) == plan


def test_a_default_of_none_is_told_from_no_default() -> None:
    with_default = RecordType("R", (Field("x", Optional(INT), default=Default(None)), Field("y", Optional(INT))))
    plan = small(Step("made", Call("f", ()), (), with_default))
    assert from_json(to_json(plan)).step("made").record == with_default


def test_equal_plans_give_equal_text() -> None:
    assert to_json(wards()) == to_json(wards())
    assert to_json(wards()).endswith("}\n")


@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"format": "apwa-plan/1", "plan": {"$": "Plan"}}', "{"])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_json(text)


def test_an_unknown_class_is_refused() -> None:
    document = json.loads(to_json(wards()))
    document["plan"]["steps"][0]["operation"]["$"] = "Teleport"
    with pytest.raises(ValueError, match="damaged"):
        from_json(json.dumps(document))
