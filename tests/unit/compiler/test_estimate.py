"""What a plan will amount to before it runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plans import COUNT, mapped, more_than, save, small, step, task, wards

from apwa_compiler.estimate import Cost, Count, Share, StepEstimate, Unknown, estimate
from apwa_compiler.pipeline import optimise
from apwa_compiler.plan import Aggregate, Limit, Map, Model, Plan, Prompt, Split, Step, Union
from apwa_lang.semantics.core import Apply, Const, GetField, Var
from apwa_lang.semantics.types import INT


def of(plan: Plan, rows: int | None, tokens: float | None = None) -> dict[str, StepEstimate]:
    tables = {plan.steps[0].name: rows}
    sample = None if tokens is None else {"small": Share(1.0, tokens)}
    return {found.step.name: found for found in estimate(plan, tables, lambda step: sample)}


def test_a_map_of_rows_is_known_from_the_table() -> None:
    found = of(optimise(wards()), 1000, 40.0)["clean"]
    assert (found.rows, found.subproblems, found.dask_tasks) == (1000, 1000, 1)
    assert found.costs == (Cost("small", 40_000, 40, None, pytest.approx(0.006)),)


def test_groups_are_unknown_until_the_table_is_split_and_so_is_what_follows() -> None:
    found = of(optimise(wards()), 1000)
    unknown = Unknown("the rows of `notes` are split")
    assert found["digests"].subproblems == found["digests"].dask_tasks == found["week"].subproblems == unknown
    assert found["week"].rows == 1
    assert str(unknown) == "unknown until the rows of `notes` are split"


def test_a_table_that_tells_no_size_leaves_all_unknown() -> None:
    assert of(wards(), None)["clean"].subproblems == Unknown("`notes` is read")


def test_the_longest_answers_bound_the_price() -> None:
    plan = wards()
    model = replace(plan.models[0], settings=(*plan.models[0].settings, ("max_tokens", 100)))
    cost = of(replace(plan, models=(model,)), 1000, 40.0)["clean"].costs
    assert cost == (Cost("small", 40_000, 40, 100_000, pytest.approx(0.066)),)


def test_a_route_shares_the_calls_among_its_models() -> None:
    plan = wards()
    large = Model("large", "openai", None, (("price", {"input": 2.0, "output": 8.0}), ("max_tokens", 10)))
    condition = Apply("<", (Apply("len", (GetField(Var("note"), "text"),)), Const(9, INT)))
    first = plan.task("redact")
    routed = replace(first, body=Prompt("{{ note.text }}", ("small", "large"), None, (condition, None)))
    tasks = tuple(routed if task is first else task for task in plan.tasks)
    plan = replace(plan, models=(*plan.models, large), tasks=tasks)
    sample = {"small": Share(0.75, 8.0), "large": Share(0.25, 100.0)}
    found = {one.step.name: one for one in estimate(plan, {"notes": 1000}, lambda step: sample)}
    assert found["clean"].costs == (
        Cost("small", 6_000, 8, None, pytest.approx(0.0009)),
        Cost("large", 25_000, 100, 2_500, pytest.approx(0.07)),
    )


@pytest.mark.parametrize(
    ("rule", "arguments", "rows", "expected"),
    [
        ("chunk", {"n": 10}, 101, 11),
        ("chunk", {"n": 10}, 0, 0),
        ("window", {"size": 4}, 10, 3),
        ("window", {"size": 4, "stride": 2}, 10, 4),
        ("window", {"size": 4, "stride": 2, "full": True}, 9, 3),
        ("window", {"size": 4, "stride": 2}, 9, 4),
        ("window", {"size": 20}, 3, 1),
        ("window", {"size": 20}, 0, 0),
        ("tokens", {"field": "id", "size": 5}, 10, Unknown("the rows of `counts` are split")),
    ],
)
def test_sub_problems_of_a_split(rule: str, arguments: dict[str, object], rows: int, expected: Count) -> None:
    operation = Map("f", Split(rule, tuple(arguments.items()), COUNT, ()), ())
    plan = small(step("made", operation, "counts"), tasks=(task("f", "mod:fn"),))
    assert of(plan, rows)["made"].subproblems == expected


def test_a_cross_multiplies() -> None:
    operation = Map("f", Split("cross", (("other", "counts"),), COUNT, ()), ())
    plan = small(Step("made", operation, ("counts", "counts"), COUNT), tasks=(task("f", "mod:fn"),))
    assert of(plan, 12)["made"].subproblems == 144


def test_relations_pass_on_what_they_know() -> None:
    plan = small(
        step("few", Limit(5), "counts"),
        step("long", more_than(3), "counts"),
        step("total", Aggregate("sum", "words"), "long"),
        step("both", Union(), "few", "total"),
        step("more", Union(), "few", "long"),
        step("mapped", mapped("f", "both"), "both"),
        save("both"),
        tasks=(task("f", "mod:fn"),),
    )
    found = of(plan, 100)
    assert (found["few"].rows, found["total"].rows, found["both"].rows) == (5, 1, 6)
    assert found["long"].rows == found["more"].rows == Unknown("`long` has run")
    assert found["mapped"].subproblems == found["save_both"].rows == 6
    assert found["mapped"].costs == ()
