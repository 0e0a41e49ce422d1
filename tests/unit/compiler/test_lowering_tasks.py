"""Steps as descriptions of Dask tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import COUNT, mapped, small, step, task, wards

from apwa_compiler.lowering.tasks import DaskTask, lower_batch, lower_step, tree_levels
from apwa_compiler.plan import Call, Step
from apwa_lang.semantics.core import Const
from apwa_lang.semantics.types import FLOAT, INT


def test_a_map_is_one_task_a_batch_under_keys_of_its_own() -> None:
    plan = wards()
    tasks = lower_step(plan, plan.step("clean"), "run1", 3)
    assert [task.key for task in tasks] == ["run1/clean/0/0", "run1/clean/1/0", "run1/clean/2/0"]
    assert {task.step for task in tasks} == {"clean"}


def test_another_attempt_is_another_task() -> None:
    plan = wards()
    first, second = (lower_batch(plan, plan.step("clean"), "run1", 5, attempt) for attempt in (0, 1))
    assert first.key != second.key
    assert (first.partition, second.partition) == (5, 5)


def test_a_task_asks_for_what_it_needs() -> None:
    needy = task("needy", "mod:fn", resources=(("GPU", Const(1.0, FLOAT)), ("MEMORY", Const(2**30, INT))))
    plan = small(step("run", mapped("needy", "counts"), "counts"), tasks=(needy,))
    assert lower_batch(plan, plan.step("run"), "r", 0) == DaskTask(
        key="r/run/0/0",
        step="run",
        partition=0,
        resources={"GPU": 1.0, "MEMORY": 2.0**30},
        priority=1,
        retries=0,
    )


def test_what_is_begun_is_finished_first() -> None:
    plan = wards()
    priority = {step.name: lower_batch(plan, step, "r", 0).priority for step in plan.steps}
    assert priority["notes"] < priority["digests"] < priority["week"]


def test_a_tree_reduction_is_a_task_a_merge() -> None:
    plan = wards()
    assert len(lower_step(plan, plan.step("week"), "r", 65)) == 9 + 2 + 1
    assert lower_step(plan, plan.step("week"), "r", 1) == ()


def test_a_call_and_a_fold_are_one_task_and_a_save_is_none() -> None:
    plan = wards()
    week = plan.step("week")
    fold = replace(week, operation=replace(week.operation, strategy="fold"))
    called = small(Step("all", Call("f", ()), (), COUNT), tasks=(task("f", "mod:fn"),))
    assert len(lower_step(plan, fold, "r", 65)) == 1
    assert len(lower_step(called, called.step("all"), "r", 1)) == 1
    assert lower_step(plan, plan.step("save_week"), "r", 4) == ()


@given(st.integers(0, 10_000), st.integers(2, 50))
def test_a_tree_ends_in_one_and_loses_no_row(rows: int, arity: int) -> None:
    levels = tree_levels(rows, arity)
    for before, after in zip((rows, *levels), levels, strict=False):
        assert (after - 1) * arity < before <= after * arity
    assert levels == () if rows < 2 else levels[-1] == 1


@pytest.mark.parametrize(("rows", "levels"), [(8, (1,)), (9, (2, 1)), (64, (8, 1)), (0, ()), (1, ())])
def test_levels_of_a_tree(rows: int, levels: tuple[int, ...]) -> None:
    assert tree_levels(rows, 8) == levels
