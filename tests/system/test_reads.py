"""Files that sub-problems read, on workers that do not see the disk of the program."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.cluster import RealCluster, can_hide, real_cluster
from tests.support.command import apwa
from tests.support.model_server import model_server

PROGRAM = """
record Page {{ name: str @key }}
record Size {{ size: int  worker: str }}
table pages: Page = read "pages.jsonl"
task weigh(page: Page) -> Size {{
  python: "fns:weigh"  reads: {reads}  trust: "it looks at its file and its name"  on_error: quarantine
}}
split each = pages by row
flow main {{ sizes = map weigh over each keep name  save sizes to "sizes.jsonl" }}
"""
SHOWN = """
record Page {{ name: str @key }}
table pages: Page = read "pages.jsonl"
model eye {{ provider: "openai"  name: "eye"  base_url: "{url}" }}
task read(page: Page) -> str {{
  model: eye
  prompt: "It says {{{{ ('pages/' ~ page.name ~ '.txt') | file }}}}."
  on_error: quarantine
}}
split each = pages by row
flow main {{ sizes = map read over each keep name  save sizes to "sizes.jsonl" }}
"""
BODY = """
import os
import time
from pathlib import Path


def weigh(page, file=None):
    return {"size": Path(file).stat().st_size, "worker": os.environ["WORKER_NAME"]}
"""
NAMED = '{ file: "pages/{{ page.name }}.txt" }'


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not can_hide():
        pytest.skip("this machine does not let a process hide a folder from itself")
    return tmp_path_factory.mktemp("hidden")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, hidden: Path) -> Iterator[RealCluster]:
    """Of two workers the second does not see the folder ``hidden``."""
    with real_cluster(tmp_path_factory.mktemp("elsewhere"), [{}]) as running:
        running.start_worker({}, hidden=hidden)
        running.wait_for_workers()
        yield running


def project(folder: Path, reads: str, sizes: dict[str, int]) -> None:
    (folder / "pages").mkdir(parents=True)
    (folder / "main.apwa").write_text(PROGRAM.format(reads=reads))
    (folder / "fns.py").write_text(BODY)
    (folder / "pages.jsonl").write_text("".join(json.dumps({"name": name}) + "\n" for name in sizes))
    for name, size in sizes.items():
        with (folder / "pages" / f"{name}.txt").open("wb") as page:
            page.truncate(size)


def test_named_files_are_sent_along(cluster: RealCluster, hidden: Path) -> None:
    folder = hidden / "named"
    # Three of the large ones are more than travels at a time.
    wanted = {f"p{n}": 12 * 2**20 + n if n < 9 else n for n in range(60)}
    project(folder, NAMED, {**wanted, "gone": 1})
    (folder / "pages" / "gone.txt").unlink()
    ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=folder)
    assert ended.code == 1, ended.err
    rows = [json.loads(line) for line in (folder / "sizes.jsonl").read_text().splitlines()]
    assert {row["name"]: row["size"] for row in rows} == wanted
    assert {row["worker"] for row in rows} == {"worker-0", "worker-1"}
    assert "sizes[name=gone]: [Errno 2] No such file or directory" in ended.err


def test_files_that_prompts_show_are_sent_along(cluster: RealCluster, hidden: Path) -> None:
    folder = hidden / "shown"
    project(folder, NAMED, {f"p{n}": 1 for n in range(40)})
    for page in (folder / "pages").iterdir():
        page.write_text(page.stem)
    (folder / "pages" / "p39.txt").unlink()
    with model_server(latency=0.05) as server:
        (folder / "main.apwa").write_text(SHOWN.format(url=server.url))
        ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=folder)
    assert ended.code == 1, ended.err
    rows = [json.loads(line) for line in (folder / "sizes.jsonl").read_text().splitlines()]
    assert rows == [{"value": f"It says p{n}.", "name": f"p{n}"} for n in range(39)]
    assert "sizes[name=p39]: `pages/p39.txt` does not exist" in ended.err


def test_what_a_fold_reads_cannot_be_sent(cluster: RealCluster, hidden: Path) -> None:
    folder = hidden / "fold"
    project(folder, NAMED, {"p": 1})
    (folder / "main.apwa").write_text(
        PROGRAM.format(reads=NAMED).partition("task")[0]
        + 'task join(a: Page, b: Page) -> Page { shell: "cat $file"  reads: { file: "{{ a.name | key }}" } }\n'
        + 'flow main { all = reduce join over pages by fold  save all to "all.jsonl" }\n'
    )
    ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=folder)
    assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
    assert "worker worker-1 (tcp://" in ended.err
    assert f"does not see the folder {folder}, from which task `join` reads; what a `fold` reads" in ended.err


@pytest.mark.slow
def test_a_worker_that_joins_later_and_does_not_see_the_files_leaves(hidden: Path, tmp_path: Path) -> None:
    folder = hidden / "later"
    project(folder, NAMED, {f"p{n}": n for n in range(8)})
    gate = tmp_path / "open"
    (folder / "fns.py").write_text(
        BODY.replace(
            "    return", "    while not os.path.exists(os.environ['GATE']):\n        time.sleep(0.05)\n    return"
        )
    )
    with real_cluster(tmp_path, [{}], {"GATE": str(gate)}) as cluster, ThreadPoolExecutor() as pool:
        running = pool.submit(apwa, "run", "main.apwa", "--scheduler", cluster.address, cwd=folder)
        while not list(tmp_path.rglob("fns.py")) and not running.done():
            time.sleep(0.05)
        assert not running.done(), running.result()
        cluster.start_worker({}, hidden=hidden)
        cluster.workers[1].wait(timeout=60)
        gate.touch()
        ended = running.result()
    assert ended.code == 0, ended.err
    assert "worker-1 (tcp://127.0.0.1:" in ended.err
    assert f"does not see the folder {folder}, from which files are read" in ended.err
    assert len((folder / "sizes.jsonl").read_text().splitlines()) == 8
