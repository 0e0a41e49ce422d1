"""Each pass on plans written by hand: what it changes, and what it must leave alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plans import COUNT, mapped, more_than, save, small, step, task, wards

from apwa_compiler.passes.fold_params import fold_params
from apwa_compiler.passes.fuse_relations import fuse_relations
from apwa_compiler.passes.order import order
from apwa_compiler.passes.prune import prune
from apwa_compiler.passes.share_scans import share_scans
from apwa_compiler.passes.size_batches import size_batches
from apwa_compiler.pipeline import optimise
from apwa_compiler.plan import Call, Contract, Map, Parameter, Plan, Return, Select, Step, Where
from apwa_lang.semantics.core import Apply, Const, Core, GetField, MakeRecord, Var
from apwa_lang.semantics.types import BOOL, INT, STR


def constant(value: object) -> Core:
    return Const(value, STR if isinstance(value, str) else BOOL if isinstance(value, bool) else INT)


def names(plan: Plan) -> list[str]:
    return [step.name for step in plan.steps]


class TestFoldParams:
    LIMIT = (Parameter("least", INT, 4),)

    def test_a_parameter_becomes_its_value(self) -> None:
        condition = Apply(">", (Var("words"), Apply("*", (Var("least"), constant(10)))))
        plan = small(step("long", Where(condition), "counts"), parameters=self.LIMIT)
        assert fold_params(plan).step("long").operation == Where(Apply(">", (Var("words"), constant(40))))

    def test_a_field_of_that_name_hides_the_parameter(self) -> None:
        plan = small(
            step("long", Where(Apply(">", (Var("words"), constant(1)))), "counts"),
            parameters=(Parameter("words", INT, 9),),
        )
        assert fold_params(plan) == plan

    def test_an_argument_and_the_result_hide_the_parameter(self) -> None:
        body = task("grow", Var("count"), ensures=(Contract(Apply("==", (Var("result"), Var("least"))), "…"),))
        plan = small(tasks=(body,), parameters=(*self.LIMIT, Parameter("count", INT, 1), Parameter("result", INT, 2)))
        (folded,) = fold_params(plan).tasks
        assert folded.body == Return(Var("count"))
        assert folded.ensures[0].condition == Apply("==", (Var("result"), constant(4)))

    def test_a_table_hides_the_parameter_in_a_call(self) -> None:
        plan = small(
            Step("all", Call("f", (("rows", Var("counts")), ("least", Var("least")))), ("counts",), COUNT),
            parameters=(*self.LIMIT, Parameter("counts", INT, 1)),
        )
        assert fold_params(plan).step("all").operation == Call("f", (("rows", Var("counts")), ("least", constant(4))))

    def test_arguments_of_a_map_are_folded(self) -> None:
        grow = replace(mapped("grow", "counts"), arguments=(("a", Var("least")), ("b", Var("words"))))
        plan = small(step("grown", grow, "counts"), parameters=self.LIMIT)
        operation = fold_params(plan).step("grown").operation
        assert isinstance(operation, Map)
        assert operation.arguments == (("a", constant(4)), ("b", Var("words")))

    @pytest.mark.parametrize(
        ("core", "expected"),
        [
            (Apply("and", (constant(True), Var("x"))), Var("x")),
            (Apply("and", (constant(False), Var("x"))), constant(False)),
            (Apply("or", (constant(False), Var("x"))), Var("x")),
            (Apply("choose", (constant(False), Var("x"), Var("y"))), Var("y")),
            (Apply("not", (constant(True),)), constant(False)),
            (Apply("+", (constant("a"), constant("b"))), constant("ab")),
            (Apply("in", (constant("b"), constant("abc"))), constant(True)),
            (GetField(MakeRecord(COUNT, (("id", Var("a")), ("words", Var("b")))), "words"), Var("b")),
            # Left to the run: it fails there, with a place and a row.
            (Apply("//", (constant(1), constant(0))), Apply("//", (constant(1), constant(0)))),
            (Apply("and", (Var("x"), constant(True))), Apply("and", (Var("x"), constant(True)))),
        ],
    )
    def test_constant_parts_are_worked_out(self, core: Core, expected: Core) -> None:
        plan = small(step("made", Select((("value", core),)), "counts"))
        assert fold_params(plan).step("made").operation == Select((("value", expected),))


class TestPrune:
    def test_a_relation_without_readers_goes_with_what_only_it_reads(self) -> None:
        plan = small(step("long", more_than(3), "counts"), step("longer", more_than(9), "long"))
        assert names(prune(plan)) == []

    def test_effects_stay_without_readers(self) -> None:
        plan = small(step("mapped", mapped("f", "counts"), "counts"), step("long", more_than(3), "counts"))
        assert names(prune(plan)) == ["counts", "mapped"]

    def test_who_waited_for_a_dropped_step_waits_for_what_it_read(self) -> None:
        plan = small(
            step("first", mapped("f", "counts"), "counts"),
            step("long", more_than(3), "first"),
            step("second", mapped("f", "counts"), "counts", after=("long",)),
        )
        assert prune(plan).step("second").after == ("first",)

    def test_a_plan_without_waste_is_left_alone(self) -> None:
        assert prune(wards()) == wards()


class TestFuseRelations:
    def test_two_filters_become_one_in_order(self) -> None:
        plan = small(step("long", more_than(3), "counts"), step("longer", more_than(9), "long"), save("longer"))
        fused = fuse_relations(plan)
        assert names(fused) == ["counts", "longer", "save_longer"]
        assert fused.step("longer").inputs == ("counts",)
        first, second = more_than(3).condition, more_than(9).condition
        assert fused.step("longer").operation == Where(Apply("and", (first, second)))

    def test_two_projections_become_one(self) -> None:
        twice = Select((("id", Var("id")), ("words", Apply("*", (Var("words"), constant(2))))))
        more = Select((("id", Var("id")), ("words", Apply("+", (Var("words"), constant(1))))))
        plan = small(step("doubled", twice, "counts"), step("more", more, "doubled"), save("more"))
        assert fuse_relations(plan).step("more").operation == Select(
            (("id", Var("id")), ("words", Apply("+", (Apply("*", (Var("words"), constant(2))), constant(1)))))
        )

    def test_a_step_that_others_read_stays(self) -> None:
        plan = small(step("long", more_than(3), "counts"), step("longer", more_than(9), "long"), save("long"))
        assert fuse_relations(plan) == plan

    def test_a_step_that_others_wait_for_stays(self) -> None:
        plan = small(
            step("long", more_than(3), "counts"),
            step("longer", more_than(9), "long"),
            step("mapped", mapped("f", "counts"), "counts", after=("long",)),
        )
        assert "long" in names(fuse_relations(plan))

    def test_a_filter_and_a_projection_stay_two(self) -> None:
        plan = small(
            step("long", more_than(3), "counts"),
            step("made", Select((("words", constant(1)),)), "long"),
            step("again", more_than(0), "made"),
        )
        assert fuse_relations(plan) == plan


def test_equal_tables_are_read_once_and_calls_follow() -> None:
    counts = small().steps[0]
    plan = small(
        replace(counts, name="twin"),
        Step("all", Call("f", (("rows", Var("twin")),)), ("twin",), COUNT),
        step("mapped", mapped("f", "twin"), "twin", after=("twin",)),
    )
    shared = share_scans(plan)
    assert names(shared) == ["counts", "all", "mapped"]
    assert shared.step("all").operation == Call("f", (("rows", Var("counts")),))
    assert (shared.step("mapped").inputs, shared.step("mapped").after) == (("counts",), ("counts",))


def test_a_table_read_under_another_row_type_is_read_again() -> None:
    counts = small().steps[0]
    plan = small(replace(counts, name="other", record=replace(COUNT, name="Other")))
    assert share_scans(plan) == plan


def batch_of(plan: Plan, name: str) -> int:
    operation = size_batches(plan).step(name).operation
    assert isinstance(operation, Map)
    return operation.batch


def test_batches_follow_the_body_and_the_author() -> None:
    plan = small(
        step("returned", mapped("grow", "counts"), "counts"),
        step("python", mapped("own", "counts"), "counts"),
        step("set", mapped("chosen", "counts"), "counts"),
        tasks=(task("grow", Var("count")), task("own", "mod:fn"), task("chosen", "mod:fn", batch=7)),
    )
    assert [batch_of(plan, name) for name in ("returned", "python", "set")] == [8192, 64, 63]


def test_prompts_to_a_local_model_travel_in_small_batches() -> None:
    remote = wards()
    local = replace(remote, models=(replace(remote.models[0], provider="local"),))
    assert [batch_of(plan, "clean") for plan in (remote, local)] == [1024, 4]


class TestOrder:
    def test_each_step_follows_what_it_waits_for_and_keeps_its_place_otherwise(self) -> None:
        plan = wards()
        assert order(plan) == plan
        assert order(replace(plan, steps=plan.steps[::-1])).steps != plan.steps[::-1]
        shuffled = order(replace(plan, steps=plan.steps[::-1]))
        place = {step.name: index for index, step in enumerate(shuffled.steps)}
        assert all(place[name] < place[step.name] for step in plan.steps for name in (*step.inputs, *step.after))

    def test_a_circle_is_named(self) -> None:
        plan = small(step("a", more_than(1), "b"), step("b", more_than(1), "a"))
        with pytest.raises(ValueError, match="a, b"):
            order(plan)

    def test_a_missing_step_is_named(self) -> None:
        with pytest.raises(ValueError, match="'gone'"):
            order(small(step("a", more_than(1), "gone")))


def test_the_pipeline_is_idempotent() -> None:
    plan = small(
        step("long", more_than(3), "counts"),
        step("longer", more_than(9), "long"),
        step("unread", more_than(1), "counts"),
        save("longer"),
    )
    once = optimise(plan)
    assert names(once) == ["counts", "longer", "save_longer"]
    assert optimise(once) == once
