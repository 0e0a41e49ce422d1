"""Plans of known size as Dask graphs, on a cluster where one worker alone has the resource."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from distributed import Client, Scheduler, SpecCluster, Worker, get_worker
from plans import mapped, save, small, step, task, wards

from apwa_compiler.lowering.graph import high_level_graph, output_keys
from apwa_compiler.plan import Plan, Step
from apwa_lang.semantics.core import Const
from apwa_lang.semantics.types import FLOAT


def trace(step: Step, partition: int, results: Sequence[object]) -> object:
    """What ran, over what, and where."""
    return {"step": step.name, "partition": partition, "results": list(results), "worker": _worker()}


def _worker() -> str:
    try:
        return str(get_worker().name)
    except ValueError:
        return "none"


def on_gpu() -> Plan:
    return small(
        step("plain", mapped("light", "counts"), "counts"),
        step("heavy", mapped("needy", "counts"), "plain"),
        save("heavy"),
        tasks=(task("light", "mod:fn"), task("needy", "mod:fn", resources=(("GPU", Const(1.0, FLOAT)),))),
    )


def test_layers_follow_the_plan() -> None:
    graph = high_level_graph(wards(), {"clean": 2}, trace, "r")
    assert list(graph.layers) == [step.name for step in wards().steps]
    assert graph.dependencies["save_week"] == {"week", "clean"}
    assert set(graph.layers["clean"]) == {"r/clean/0/0", "r/clean/1/0"}
    assert graph.layers["clean"].annotations["priority"] == 1


def test_a_map_of_rows_waits_only_for_its_own_partition() -> None:
    graph = high_level_graph(on_gpu(), {"counts": 3, "plain": 3, "heavy": 3}, trace, "r")
    dependencies = graph.get_all_dependencies()
    assert dependencies["r/heavy/2/0"] == {"r/plain/2/0"}
    assert dependencies["r/save_heavy/0/0"] == {f"r/heavy/{place}/0" for place in range(3)}


def test_a_tree_merges_level_by_level() -> None:
    plan = wards()
    week = replace(plan.step("week"), operation=replace(plan.step("week").operation, arity=2))
    plan = replace(plan, steps=tuple(week if step.name == "week" else step for step in plan.steps))
    dependencies = high_level_graph(plan, {"digests": 3}, trace, "r").get_all_dependencies()
    assert dependencies["r/week/0/0"] == {"r/digests/0/0", "r/digests/1/0"}
    assert dependencies["r/week/2/0"] == {"r/week/0/0", "r/week/1/0"}
    assert dependencies["r/save_week/0/0"] == {"r/week/2/0", "r/clean/0/0"}


def test_resources_hold_on_a_cluster() -> None:
    plan = on_gpu()
    graph = high_level_graph(plan, {"counts": 4, "plain": 4, "heavy": 4}, trace, "r")
    workers = {
        name: {"cls": Worker, "options": {"nthreads": 1, "host": "127.0.0.1", "dashboard": False, "resources": offered}}
        for name, offered in (("bare", {}), ("equipped", {"GPU": 1}))
    }
    scheduler = {"cls": Scheduler, "options": {"dashboard": False, "host": "127.0.0.1", "port": 0}}
    with (
        SpecCluster(workers=workers, scheduler=scheduler) as cluster,
        Client(cluster) as client,
    ):
        (saved,) = client.get(graph, output_keys(plan, graph))
    heavy = saved["results"]
    assert [result["partition"] for result in heavy] == [0, 1, 2, 3]
    assert {result["worker"] for result in heavy} == {"equipped"}
    assert [result["results"][0]["step"] for result in heavy] == ["plain"] * 4
