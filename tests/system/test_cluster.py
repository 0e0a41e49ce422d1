"""Programs on a real cluster of three worker processes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from distributed import Client, wait

from apwa_runtime.batches import nothing_left
from apwa_runtime.cluster import LostOnce
from tests.support.cluster import RealCluster, real_cluster
from tests.support.command import apwa

WHO = """
record Item {{ n: int @key }}
record Where {{ worker: str }}
table items: Item = read "items.jsonl"
task where_am_i(item: Item) -> Where {{
  python: "who:where"
  resources: {{ {resources} }}
}}
split each = items by row
flow main {{ places = map where_am_i over each keep n  save places to "places.jsonl" }}
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    offers = [{}, {"GPU": 1, "MEMORY": 4 * 2**20}, {"MEMORY": 16 * 2**20}]
    with real_cluster(tmp_path_factory.mktemp("cluster"), offers) as running:
        yield running


def project(folder: Path, resources: str, items: int = 150) -> None:
    (folder / "main.apwa").write_text(WHO.format(resources=resources))
    (folder / "items.jsonl").write_text("".join(json.dumps({"n": n}) + "\n" for n in range(items)))
    (folder / "who.py").write_text(
        "import os\nimport time\n\n"
        "def where(item):\n    time.sleep(0.005)\n    return {'worker': os.environ['WORKER_NAME']}\n"
    )


def places(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "places.jsonl").read_text().splitlines()]


def test_resources_hold(cluster: RealCluster, tmp_path: Path) -> None:
    project(tmp_path, "gpu: 1")
    ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert {row["worker"] for row in places(tmp_path)} == {"worker-1"}
    assert [row["n"] for row in places(tmp_path)] == list(range(150))


def test_without_resources_the_work_spreads(cluster: RealCluster, tmp_path: Path) -> None:
    project(tmp_path, "")
    ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert len({row["worker"] for row in places(tmp_path)}) > 1


def test_a_demand_no_worker_meets_is_refused_before_anything_runs(cluster: RealCluster, tmp_path: Path) -> None:
    project(tmp_path, "gpu: 2")
    ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
    assert ended.code == 1
    assert "`where_am_i` needs 2 GPU" in ended.err
    assert not (tmp_path / "places.jsonl").exists()


def test_no_scheduler_there(tmp_path: Path) -> None:
    project(tmp_path, "")
    soon = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"}
    ended = apwa("run", "main.apwa", "--scheduler", "tcp://127.0.0.1:9", cwd=tmp_path, env=soon)
    assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in ended.err


SIZED = """
record Item { n: int @key  mib: int }
record Where { worker: str }
table items: Item = read "items.jsonl"
task where_am_i(item: Item) -> Where {
  python: "who:where"
  resources: { memory: choose(item.n == 50, 1MiB / (item.n - 50), item.mib * 1MiB) }
  on_error: skip
}
split each = items by row
flow main { places = map where_am_i over each keep n, mib  save places to "places.jsonl" }
"""


class TestResourcesThatDiffer:
    """By sub-problem, on workers that offer 0, 4 and 16 MiB."""

    def project(self, folder: Path, sizes: Sequence[int]) -> None:
        project(folder, "")
        (folder / "main.apwa").write_text(SIZED)
        rows = [{"n": n, "mib": mib} for n, mib in enumerate(sizes)]
        (folder / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def test_each_runs_where_it_fits(self, cluster: RealCluster, tmp_path: Path) -> None:
        sizes = [(0, 3, 16)[n * 7 % 3] for n in range(120)]
        self.project(tmp_path, sizes)
        ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
        assert ended.code == 0, ended.err
        rows = places(tmp_path)
        assert [(row["n"], row["mib"]) for row in rows] == [(n, mib) for n, mib in enumerate(sizes) if n != 50]
        ran = {mib: {row["worker"] for row in rows if row["mib"] == mib} for mib in (3, 16)}
        assert ran[3] <= {"worker-1", "worker-2"}
        assert ran[16] == {"worker-2"}
        assert "1 skipped" in ended.out

    def test_the_costly_come_first_wherever_they_stand(self, tmp_path: Path) -> None:
        sizes = [(1, 8, 2, 4)[n // 97 % 4] for n in range(1200)]
        self.project(tmp_path, sizes)
        (tmp_path / "who.py").write_text(
            "import time\n\n\ndef where(item):\n    return {'worker': f'{time.monotonic_ns():020}'}\n"
        )
        ended = apwa("run", "main.apwa", "--workers", "1", cwd=tmp_path)
        assert ended.code == 0, ended.err
        rows = [row for row in places(tmp_path) if row["n"] != 50]
        assert [row["n"] for row in rows] == [n for n in range(1200) if n != 50]
        rows.sort(key=lambda row: str(row["worker"]))
        assert [row["mib"] for row in rows] == sorted((row["mib"] for row in rows), reverse=True)

    def test_too_much_is_refused_before_anything_runs(self, cluster: RealCluster, tmp_path: Path) -> None:
        self.project(tmp_path, [1, 17, 40, 2])
        ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
        assert (ended.code, ended.err.count("\n")) == (1, 1), ended.err
        assert "`where_am_i` needs 40MiB MEMORY for a sub-problem of step `places` (n: 2)" in ended.err
        assert "the best, worker-2 (tcp://127.0.0.1:" in ended.err
        assert not (tmp_path / "places.jsonl").exists()


def test_a_result_that_is_lost_with_its_worker_is_not_computed_again_by_dask(tmp_path: Path) -> None:
    """The driver, which has most of it already, gives out the rest."""
    counted = tmp_path / "counted.txt"

    def compute(file: Path) -> str:
        with file.open("a") as stream:
            stream.write("once\n")
        return "whole"

    with real_cluster(tmp_path, [{}, {}]) as cluster, Client(cluster.address) as client:
        client.register_plugin(LostOnce("run", client.id, "apwa-run"))
        future = client.submit(compute, counted, key="run/step/0", pure=False)
        wait(future)
        (holder,) = client.who_has([future])[future.key]
        name = client.scheduler_info()["workers"][holder]["name"]
        cluster.workers[int(name.removeprefix("worker-"))].kill()
        while holder in client.scheduler_info()["workers"]:
            pass
        assert future.result(timeout=30) == nothing_left()
    assert counted.read_text() == "once\n"
