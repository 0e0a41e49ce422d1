"""Resource classes of sub-problems: few, each of them large enough, and none that no worker offers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_launch_check import dataset, plan_of

from apwa_compiler.plan import Plan
from apwa_runtime.errors import RunError
from apwa_runtime.launch.feasible import check_feasible
from apwa_runtime.resources import Offers, ResourceClasses

PROGRAM = """
param each: int = 1
record Job { id: str @key  size: float  cores: int }
table jobs: Job = read "jobs.jsonl"
task work(job: Job) -> float { return: job.size resources: { %s } }
split per_job = jobs by row
flow main { done = map work over per_job }
"""
BY_SIZE = "memory: job.size * each * 1MiB"
MIB = 2.0**20


def plan(resources: str = BY_SIZE) -> Plan:
    return plan_of(PROGRAM % resources, Path("/nowhere"))


def job(size: float, cores: int = 1) -> dict[str, object]:
    return {"id": "a", "size": size, "cores": cores}


def classes(
    resources: str, *rows: dict[str, object], **offers: dict[str, float]
) -> list[tuple[dict[str, float], list[int]]]:
    planned = plan(resources)
    return ResourceClasses(planned, planned.step("done"), Offers(offers) if offers else None).classes(rows)


def test_the_costly_first_and_memory_in_powers_of_two() -> None:
    found = classes(BY_SIZE, job(3), job(100), job(4), job(65), job(0))
    assert found == [({"MEMORY": 128 * MIB}, [1, 3]), ({"MEMORY": 4 * MIB}, [0, 2]), ({}, [4])]


def test_a_thousand_sizes_are_eleven_classes() -> None:
    assert len(classes(BY_SIZE, *(job(size) for size in range(1, 1025)))) == 11


def test_rounding_never_asks_for_more_than_a_worker_has() -> None:
    offers = {"small": {"MEMORY": 5 * MIB}, "large": {"MEMORY": 12 * MIB}}
    found = classes(BY_SIZE, job(9), job(12), job(3), job(4.5), job(6), **offers)
    assert found == [
        ({"MEMORY": 12 * MIB}, [0, 1]),
        ({"MEMORY": 8 * MIB}, [4]),
        ({"MEMORY": 5 * MIB}, [3]),
        ({"MEMORY": 4 * MIB}, [2]),
    ]


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=30),
    st.lists(st.floats(100, 300), min_size=1, max_size=4),
    st.lists(st.integers(1, 4), min_size=4, max_size=4),
)
def test_every_class_is_enough_and_fits_a_worker(sizes: list[float], memory: list[float], cores: list[int]) -> None:
    offers = {f"w{n}": {"MEMORY": amount * MIB, "CPU": 4.0 + cores[n]} for n, amount in enumerate(memory)}
    rows = [job(size, cores[n % 4]) for n, size in enumerate(sizes)]
    found = classes(f"{BY_SIZE}, cpu: job.cores", *rows, **offers)
    assert sorted(place for _, places in found for place in places) == list(range(len(rows)))
    for needs, places in found:
        assert any(all(offer[name] >= amount for name, amount in needs.items()) for offer in offers.values())
        for place in places:
            assert needs.get("MEMORY", 0) >= sizes[place] * MIB
            assert needs.get("CPU", 1) >= cores[place % 4]


def test_few_cores_stay_as_they_are_and_one_goes_without_saying() -> None:
    found = classes("cpu: job.cores", job(1, 1), job(1, 3), job(1, 11))
    assert found == [({"CPU": 16.0}, [2]), ({"CPU": 3.0}, [1]), ({}, [0])]


def test_constants_are_one_class() -> None:
    planned = plan("gpu: each, memory: 3 * 1MiB, cpu: 1")
    found = ResourceClasses(planned, planned.step("done"))
    assert found.fixed == {"GPU": 1.0, "MEMORY": 3 * MIB}
    assert found.classes([job(1), job(2)]) == [({"GPU": 1.0, "MEMORY": 3 * MIB}, [0, 1])]


def test_a_demand_without_a_value_asks_for_nothing() -> None:
    assert classes("gpu: 1 / job.size, memory: job.size * 1MiB", job(0), job(-2)) == [({}, [0, 1])]


class TestLaunch:
    OFFERS = Offers({"small": {"MEMORY": 4 * MIB}, "gpu (tcp://b)": {"GPU": 1, "MEMORY": 2 * MIB}}, "add {resources}")

    def refused(self, resources: str, folder: Path) -> str:
        planned = plan(resources)
        rows: list[dict[str, object]] = [
            {"id": name, "size": size, "cores": 1} for name, size in (("a", 1.0), ("b", 5.0), ("c", 9.0), ("d", 7.0))
        ]
        with pytest.raises(RunError) as error:
            check_feasible(planned, {"jobs": dataset(planned, folder, rows, "jobs")}, self.OFFERS)
        assert error.value.exit_code == 1
        return str(error.value)

    def test_names_the_sub_problem_that_needs_most(self, tmp_path: Path) -> None:
        assert self.refused(BY_SIZE, tmp_path) == (
            'task `work` needs 9MiB MEMORY for a sub-problem of step `done` (id: "c"), but no worker offers it: '
            "the best, small, offers 4MiB MEMORY; add MEMORY=9437184"
        )

    def test_one_worker_must_offer_all(self, tmp_path: Path) -> None:
        assert self.refused("gpu: 1, memory: 3 * 1MiB", tmp_path) == (
            "task `work` needs 1 GPU and 3MiB MEMORY, but no worker offers it: "
            "the best, gpu (tcp://b), offers 1 GPU and 2MiB MEMORY; add GPU=1 MEMORY=3145728"
        )

    def test_what_nobody_declares(self, tmp_path: Path) -> None:
        assert "needs 2 TPU, but no worker offers it: none declares any" in self.refused("tpu: 2", tmp_path)

    def test_what_fits_is_not_refused(self, tmp_path: Path) -> None:
        planned = plan(BY_SIZE)
        rows: list[dict[str, object]] = [{"id": "a", "size": 3.9, "cores": 1}]
        check_feasible(planned, {"jobs": dataset(planned, tmp_path, rows, "jobs")}, self.OFFERS)
