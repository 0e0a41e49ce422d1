"""Python bodies on workers that do not see the folder of the program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version as installed
from pathlib import Path

import pytest

from tests.support.cluster import RealCluster, real_cluster
from tests.support.command import apwa, python
from tests.support.forked import start
from tests.support.model_server import model_server

PROGRAM = """
record Item { n: int @key }
record Told { word: str  place: str  worker: str }
table items: Item = read "items.jsonl"
task tell(item: Item) -> Told { python: "teller:tell" }
split each = items by row
flow main { told = map tell over each keep n  save told to "told.jsonl" }
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> RealCluster:  # type: ignore[misc]
    with real_cluster(tmp_path_factory.mktemp("elsewhere"), [{}, {}]) as running:
        yield running  # type: ignore[misc]


def project(folder: Path) -> None:
    (folder / "main.apwa").write_text(PROGRAM)
    (folder / "items.jsonl").write_text("".join(json.dumps({"n": n}) + "\n" for n in range(40)))
    (folder / "teller.py").write_text(
        "import os\nimport yaml\nfrom words import first\n\n"
        "def tell(item):\n"
        "    return {'word': first.word(), 'place': first.__file__, 'worker': os.environ['WORKER_NAME']}\n"
    )
    package = folder / "words"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "first.txt").write_text("hello")
    (package / "first.py").write_text(
        "from pathlib import Path\n\n\ndef word():\n    return (Path(__file__).parent / 'first.txt').read_text()\n"
    )


def told(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "told.jsonl").read_text().splitlines()]


def test_modules_and_the_data_of_packages_are_shipped_and_taken_away(cluster: RealCluster, tmp_path: Path) -> None:
    project(tmp_path)
    ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
    assert ended.code == 0, ended.err
    rows = told(tmp_path)
    assert {row["word"] for row in rows} == {"hello"}
    assert {row["worker"] for row in rows} == {"worker-0", "worker-1"}
    places = {Path(row["place"]) for row in rows}
    assert all(place.is_relative_to(cluster.folder) for place in places), places
    assert not any(place.exists() for place in places)


def test_two_programs_with_modules_of_one_name_do_not_mix(cluster: RealCluster, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, word in ((one, "first"), (two, "second")):
        folder.mkdir()
        project(folder)
        (folder / "words" / "first.txt").write_text(word)
        ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=folder)
        assert ended.code == 0, ended.err
        assert {row["word"] for row in told(folder)} == {word}


def test_a_module_that_changed_after_the_proof_is_refused(cluster: RealCluster, tmp_path: Path) -> None:
    project(tmp_path)
    assert apwa("compile", "main.apwa", "-o", "compiled.py", cwd=tmp_path).code == 0
    with (tmp_path / "words" / "first.py").open("a") as module:
        module.write("\nSEEN = []\n")
    for place in ([], ["--scheduler", cluster.address]):
        ended = python("compiled.py", *place, cwd=tmp_path)
        assert ended.code == 1
        assert "words/first.py has changed since it was proved" in ended.err
        assert not (tmp_path / "told.jsonl").exists()


def test_a_package_too_large_to_send_is_refused(cluster: RealCluster, tmp_path: Path) -> None:
    project(tmp_path)
    with (tmp_path / "words" / "weights.bin").open("wb") as file:
        file.truncate(65 * 2**20)
    ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
    assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
    assert "words holds more than 64 MiB" in ended.err


def test_a_worker_with_another_version_is_refused(tmp_path: Path) -> None:
    project(tmp_path)
    elsewhere, others = tmp_path / "elsewhere", tmp_path / "others"
    elsewhere.mkdir()
    with real_cluster(elsewhere, [{}]) as cluster:
        cluster.start_worker({}, {"PYTHONPATH": f"{others}:{os.environ.get('PYTHONPATH', '')}"})
        cluster.wait_for_workers()
        # What a body imports, what the runtime does, and the runtime itself.
        for package, version in (("PyYAML", "1.0"), ("pydantic", "1.0"), ("apwa-lang", "0.0.1")):
            pretend(others, package, version)
            ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
            assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
            assert "worker worker-1 (tcp://127.0.0.1:" in ended.err
            assert f"has {package} {version}, and this run needs {installed(package)}" in ended.err
            assert not (tmp_path / "told.jsonl").exists()
            shutil.rmtree(others)


def test_a_worker_of_another_version_that_joins_later_takes_no_work(tmp_path: Path) -> None:
    project(tmp_path)
    gate = tmp_path / "open"
    (tmp_path / "teller.py").write_text(
        "import os\nimport time\nfrom pathlib import Path\nimport yaml\n\n"
        "def tell(item):\n"
        "    while not Path(os.environ['GATE']).exists():\n        time.sleep(0.05)\n"
        "    return {'word': '', 'place': '', 'worker': os.environ['WORKER_NAME']}\n"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    env = pretend(tmp_path / "others", "PyYAML", "1.0")
    with real_cluster(elsewhere, [{}], {"GATE": str(gate)}) as cluster, ThreadPoolExecutor() as pool:
        running = pool.submit(apwa, "run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
        while not list(elsewhere.rglob("teller.py")) and not running.done():
            time.sleep(0.05)
        cluster.start_worker({}, env)
        cluster.workers[1].wait(timeout=60)
        gate.touch()
        ended = running.result()
    assert ended.code == 0, ended.err
    assert "PyYAML 1.0, and this run needs" in ended.err
    assert {row["worker"] for row in told(tmp_path)} == {"worker-0"}


def pretend(folder: Path, package: str, version: str) -> dict[str, str]:
    """The environment of a process in which another version of a package seems to be installed."""
    info = folder / f"{package.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    return {"PYTHONPATH": f"{folder}:{os.environ.get('PYTHONPATH', '')}"}


ASKS = """
record Item {{ id: str @key }}
table items: Item = read "items.jsonl"
model m {{ provider: "openai" name: "m" base_url: "{url}" api_key: secret("KEY") concurrency: 2 }}
task ask(item: Item) -> str {{ model: m  prompt: "What is {{{{ item.id }}}}?" }}
split each = items by row
flow main {{ said = map ask over each  save said to "said.jsonl" }}
"""


def asking(folder: Path, url: str) -> None:
    (folder / "main.apwa").write_text(ASKS.format(url=url))
    (folder / "items.jsonl").write_text("".join(f'{{"id": "i{n}"}}\n' for n in range(100)))


def test_a_worker_without_the_key_that_joins_later_takes_no_work(tmp_path: Path) -> None:
    with model_server(latency=0.2) as server, real_cluster(tmp_path, [{}], {"KEY": "k"}) as cluster:
        asking(tmp_path, server.url)
        with ThreadPoolExecutor() as pool:
            running = pool.submit(apwa, "run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
            while not server.requests() and not running.done():
                time.sleep(0.05)
            cluster.start_worker({})
            cluster.workers[1].wait(timeout=60)
            ended = running.result()
    assert ended.code == 0, ended.err
    assert "worker-1" in ended.err
    assert "KEY" in ended.err


def test_a_run_whose_client_has_died_turns_no_worker_away(tmp_path: Path) -> None:
    with model_server(latency=0.2) as server, real_cluster(tmp_path, [{}], {"KEY": "k"}) as cluster:
        asking(tmp_path, server.url)
        process = start("-m", "apwa_lang.cli", "run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
        while not server.requests():
            time.sleep(0.05)
        process.kill()
        process.wait()
        cluster.start_worker({})
        cluster.wait_for_workers()
        with pytest.raises(subprocess.TimeoutExpired):
            cluster.workers[1].wait(timeout=2)
        assert apwa("run", "main.apwa", "--resume", "--scheduler", cluster.address, cwd=tmp_path).code == 2
        cluster.workers[1].terminate()
        cluster.workers[1].wait()
        ended = apwa("run", "main.apwa", "--resume", "--scheduler", cluster.address, cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert "of them from earlier runs" in ended.out
