"""Runs that were killed, cut or interrupted go on where they were: nothing lost, nothing done twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support import forked
from tests.support.cluster import can_hide, real_cluster
from tests.support.command import Ended, apwa
from tests.support.forked import Process
from tests.support.model_server import Running, model_server

PROMPTS = """
record Note {{ id: str @key  text: str }}
record Label {{ topic: str  urgent: bool }}
table notes: Note = read "notes.jsonl"
model server {{ provider: "openai" name: "test" base_url: "{url}" concurrency: {concurrency} }}
task classify(note: Note) -> Label {{
  model: server
  prompt: "What is this about? {{{{ note.text }}}}"
  writes: "pages/{{{{ note.id }}}}.json"
  retry: 0
  on_error: quarantine
  {more}
}}
task merge(parts: list[Label]) -> Label {{ return: {{ topic: "all", urgent: parts[0].urgent }} }}
split per_note = notes by row
flow main {{
  labels = map classify over per_note keep id
  save labels to "labels.parquet"
  save labels to "labels.jsonl"
}}
"""

PYTHON = """
record Item { n: int @key  text: str }
record Out { shout: str }
table items: Item = read "items.jsonl"
task work(item: Item) -> Out { python: "fns:work"  trust: "the tests know it"  on_error: quarantine }
split each = items by row
flow main { done = map work over each keep n  save done to "done.jsonl" }
"""


def prompts(
    folder: Path, url: str, count: int = 300, concurrency: int = 4, more: str = "", texts: dict[int, str] | None = None
) -> None:
    (folder / "main.apwa").write_text(PROMPTS.format(url=url, concurrency=concurrency, more=more))
    texts = texts or {}
    rows = [{"id": f"n{n:04}", "text": texts.get(n, f"note {n}")} for n in range(count)]
    (folder / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def bodies(folder: Path, source: str, count: int = 200) -> None:
    (folder / "main.apwa").write_text(PYTHON)
    (folder / "fns.py").write_text(source)
    (folder / "items.jsonl").write_text("".join(json.dumps({"n": n, "text": f"t{n}"}) + "\n" for n in range(count)))


def start(*arguments: str, cwd: Path, stderr: int = subprocess.DEVNULL) -> Process:
    command = ("-m", "apwa_lang.cli", "run", *arguments, "--progress", "none")
    return forked.start(*command, cwd=cwd, stderr=stderr, new_session=True)


def kill(process: Process) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run_of(folder: Path) -> Path:
    (run,) = (folder / ".apwa/runs").iterdir()
    return run


def logged(folder: Path) -> int:
    """Bytes in the journals of a folder's runs."""
    return sum(log.stat().st_size for log in folder.glob(".apwa/runs/*/journal/*/*.log") if "started" not in log.name)


def until(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.1)


def outputs(folder: Path) -> dict[str, bytes]:
    """Everything that a run of PROMPTS has saved."""
    files = [*folder.glob("labels.*"), *folder.glob("pages/*")]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def reused(ended: Ended) -> int:
    line = ended.out.splitlines()[0]
    before, found, _ = line.partition(" of them from earlier runs")
    return int(before.rpartition(", ")[2].replace(",", "")) if found else 0


def prompts_asked(server: Running) -> Counter[str]:
    return Counter(entry["body"]["messages"][0]["content"] for entry in server.requests())


def undisturbed(folder: Path, url: str, **options: Any) -> dict[str, bytes]:
    folder.mkdir()
    prompts(folder, url, **options)
    assert apwa("run", "main.apwa", cwd=folder).code == 0
    return outputs(folder)


def test_a_killed_run_goes_on_and_repeats_only_what_had_just_finished(tmp_path: Path) -> None:
    with model_server(latency=0.02) as server:
        expected = undisturbed(tmp_path / "undisturbed", server.url)
        server.reset()
        folder = tmp_path / "killed"
        folder.mkdir()
        prompts(folder, server.url)
        process = start("main.apwa", cwd=folder)
        until(lambda: server.stats()["outcomes"].get("200", 0) > 100)
        kill(process)
        listed = apwa("runs", cwd=folder)
        assert "interrupted" in listed.out
        assert f"apwa run main.apwa {run_of(folder).name} --resume" in listed.out
        ended = apwa("run", "main.apwa", "--resume", cwd=folder)
        assert ended.code == 0, ended.err
        assert outputs(folder) == expected
        asked = prompts_asked(server)
        assert len(asked) == 300
        assert server.stats()["max_concurrent"] <= 4
        # Fifty answers a second come within the second that a journal may lag behind, and four were on the wire.
        repeated = sum(asked.values()) - 300
        assert repeated < 220
        assert reused(ended) + repeated >= 100
        assert json.loads(apwa("runs", "--output-format", "json", cwd=folder).out)[0]["state"] == "done"


def test_a_journal_cut_anywhere_gives_the_same_results(tmp_path: Path) -> None:
    with model_server(latency=0.01) as server:
        expected = undisturbed(tmp_path / "undisturbed", server.url, count=120)
        killed = tmp_path / "killed"
        killed.mkdir()
        prompts(killed, server.url, count=120)
        process = start("main.apwa", cwd=killed)
        until(lambda: logged(killed) > 8000)
        kill(process)
        for kept in (0.0, 0.1, 0.5, 0.97):
            folder = shutil.copytree(killed, tmp_path / f"cut-{kept}")
            for log in folder.glob(".apwa/runs/*/journal/*/*.log"):
                data = log.read_bytes()
                cut = int(len(data) * kept)
                log.write_bytes(data[:cut] + os.urandom(40))
            ended = apwa("run", "main.apwa", "--resume", cwd=folder)
            assert ended.code == 0, (kept, ended.err)
            assert reused(ended) > 0 or kept < 0.5
            assert outputs(folder) == expected, kept


def test_damage_in_the_middle_costs_what_it_hits(tmp_path: Path) -> None:
    with model_server(latency=0.01) as server:
        prompts(tmp_path, server.url, count=120)
        process = start("main.apwa", cwd=tmp_path)
        until(lambda: logged(tmp_path) > 12000)
        kill(process)
        (log,) = tmp_path.glob(".apwa/runs/*/journal/*/labels.log")
        data = bytearray(log.read_bytes())
        data[60] ^= 0xFF
        log.write_bytes(data)
        ended = apwa("run", "main.apwa", "--resume", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert 0 < reused(ended) < 120


def test_results_of_another_run_are_taken_by_content(tmp_path: Path) -> None:
    with model_server() as server:
        prompts(tmp_path, server.url, count=20)
        assert apwa("run", "main.apwa", cwd=tmp_path).code == 0
        prompts(tmp_path, server.url, count=25, texts={3: "changed"})
        again = apwa("run", "main.apwa", cwd=tmp_path)
        assert reused(again) == 19
        assert server.stats()["requests"] == 20 + 6
        fresh = apwa("run", "main.apwa", "--no-cache", cwd=tmp_path)
        assert reused(fresh) == 0
        prompts(tmp_path, server.url, count=25, more="cache: off")
        assert reused(apwa("run", "main.apwa", cwd=tmp_path)) == 0


def test_a_changed_ingredient_is_not_reused(tmp_path: Path) -> None:
    with model_server() as server:
        prompts(tmp_path, server.url, count=5)
        assert apwa("run", "main.apwa", cwd=tmp_path).code == 0
        program = (tmp_path / "main.apwa").read_text()
        (tmp_path / "main.apwa").write_text(program.replace("concurrency: 4", "concurrency: 2"))
        assert reused(apwa("run", "main.apwa", "--resume", cwd=tmp_path)) == 5
        (tmp_path / "main.apwa").write_text(program.replace("What is this about?", "Which topic?"))
        assert reused(apwa("run", "main.apwa", "--resume", cwd=tmp_path)) == 0


def test_a_file_that_was_deleted_is_written_again(tmp_path: Path) -> None:
    with model_server() as server:
        prompts(tmp_path, server.url, count=6)
        assert apwa("run", "main.apwa", cwd=tmp_path).code == 0
        before = outputs(tmp_path)
        (tmp_path / "pages/n0002.json").unlink()
        (tmp_path / "pages/n0004.json").write_text("touched")
        ended = apwa("run", "main.apwa", "--resume", cwd=tmp_path)
    assert reused(ended) == 4
    assert outputs(tmp_path) == before


def test_quarantined_rows_are_mended_and_run_alone(tmp_path: Path) -> None:
    with model_server() as server:
        prompts(tmp_path, server.url, count=10, texts={2: "[fault 400]", 7: "[fault 400] too"})
        first = apwa("run", "main.apwa", cwd=tmp_path)
        assert first.code == 1
        assert "2 quarantined" in first.out
        assert reused(apwa("run", "main.apwa", "--resume", cwd=tmp_path)) == 10
        table = run_of(tmp_path) / "quarantine/labels.jsonl"
        rows = [json.loads(line) for line in table.read_text().splitlines()]
        assert [(row["_ordinal"], row["text"]) for row in rows] == [(2, "[fault 400]"), (7, "[fault 400] too")]
        assert all("answered 400" in row["_reason"] for row in rows)
        table.write_text(json.dumps({**rows[0], "text": "mended"}) + "\n")
        server.reset()
        ended = apwa("run", "main.apwa", "--only-quarantined", cwd=tmp_path)
        assert list(prompts_asked(server)) == ["What is this about? mended"]
        assert "9 done, 0 failed, 1 quarantined" in ended.out
        saved = [json.loads(line)["id"] for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
        assert saved == [f"n{n:04}" for n in range(10) if n != 7]
        server.reset()
        assert "9 done, 0 failed, 1 quarantined" in apwa("run", "main.apwa", "--resume", cwd=tmp_path).out
        (row,) = [json.loads(line) for line in table.read_text().splitlines()]
        table.write_text(json.dumps({**row, "text": "mended as well"}) + "\n")
        assert "10 done, 0 failed, 0 quarantined" in apwa("run", "main.apwa", "--only-quarantined", cwd=tmp_path).out
        assert list(prompts_asked(server)) == ["What is this about? mended as well"]
        assert len((tmp_path / "labels.jsonl").read_text().splitlines()) == 10
        # A row that stands for another now is not put in its place.
        prompts(tmp_path, server.url, count=10, texts={2: "new", 7: "new too"})
        assert "10 done" in apwa("run", "main.apwa", "--resume", cwd=tmp_path).out
        assert sorted(list(prompts_asked(server))[1:]) == ["What is this about? new", "What is this about? new too"]
        # Nor does one that does not fit the record any more stand in the way.
        (tmp_path / "main.apwa").write_text((tmp_path / "main.apwa").read_text().replace("text: str", "text: int"))
        (tmp_path / "notes.jsonl").write_text("".join(f'{{"id": "n{n:04}", "text": {n}}}\n' for n in range(10)))
        changed = apwa("run", "main.apwa", "--resume", cwd=tmp_path)
        assert changed.code == 0, changed.err


def test_a_mended_row_must_fit(tmp_path: Path) -> None:
    with model_server() as server:
        prompts(tmp_path, server.url, count=3, texts={1: "[fault 400]"})
        apwa("run", "main.apwa", cwd=tmp_path)
        table = run_of(tmp_path) / "quarantine/labels.jsonl"
        table.write_text('{"_ordinal": 1, "id": 5, "text": "x"}\n')
        ended = apwa("run", "main.apwa", "--only-quarantined", cwd=tmp_path)
        assert ended.code == 2
        assert "quarantine/labels.jsonl:1" in ended.err
        assert ended.err.count("\n") == 1
        table.write_text('{"_ordinal": 1, "text": "x"}\n{"_ordinal": 1, "text": "y"}\n')
        assert "jsonl:2: sub-problem 1 stands here twice" in apwa("run", "--only-quarantined", cwd=tmp_path).err
        table.write_text('{"_ordinal": 2, "text": "x"}\n')
        assert "jsonl:1: sub-problem 2 was not quarantined" in apwa("run", "--only-quarantined", cwd=tmp_path).err


def test_what_failed_is_tried_again_and_what_is_done_is_not(tmp_path: Path) -> None:
    with model_server() as server:
        prompts(tmp_path, server.url, count=8, texts={5: "[fault 500 once]"})
        program = (tmp_path / "main.apwa").read_text().replace("on_error: quarantine", "on_error: fail")
        (tmp_path / "main.apwa").write_text(program)
        assert apwa("run", "main.apwa", cwd=tmp_path).code == 1
        ended = apwa("run", "main.apwa", "--resume", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert reused(ended) == 7


@pytest.mark.skipif(not can_hide(), reason="no file system can be mounted here")
def test_a_folder_that_cannot_be_written_ends_the_run_before_much_is_paid_for(tmp_path: Path) -> None:
    with model_server(latency=0.02) as server:
        expected = undisturbed(tmp_path / "undisturbed", server.url)
        server.reset()
        folder = tmp_path / "closed"
        folder.mkdir()
        prompts(folder, server.url)
        (folder / "pages").mkdir()
        closed = ("unshare", "--mount", "--map-root-user", "sh", "-c")
        mount = 'mount -t tmpfs -o ro none pages && exec "$@"'
        command = (sys.executable, "-m", "apwa_lang.cli", "run", "main.apwa", "--progress", "none")
        ended = subprocess.run(
            [*closed, mount, "sh", *command], cwd=folder, capture_output=True, text=True, timeout=60, check=False
        )
        assert (ended.returncode, ended.stderr.count("\n")) == (1, 1), ended.stderr
        assert f"error: {folder}/pages/n0" in ended.stderr
        assert "cannot be written: Read-only file system" in ended.stderr
        assert server.stats()["requests"] < 150
        assert apwa("run", "main.apwa", "--resume", cwd=folder).code == 0
    assert outputs(folder) == expected


def test_a_run_is_one_process_at_a_time(tmp_path: Path) -> None:
    with model_server(latency=0.5) as server:
        prompts(tmp_path, server.url)
        process = start("main.apwa", cwd=tmp_path)
        try:
            until(lambda: logged(tmp_path) > 0)
            ended = apwa("run", "main.apwa", "--resume", cwd=tmp_path)
            assert ended.code == 2
            assert "still going on" in ended.err
        finally:
            kill(process)


def test_a_budget_stops_the_run_and_keeps_what_is_done(tmp_path: Path) -> None:
    with model_server(latency=0.02) as server:
        prompts(tmp_path, server.url, count=400, more="budget: { tokens: 400 }")
        ended = apwa("run", "main.apwa", cwd=tmp_path)
        asked = server.stats()["requests"]
        assert ended.code == 1
        assert "the budget of 400 tokens of task `classify` is spent" in ended.err
        assert 0 < asked < 400
        prompts(tmp_path, server.url, count=400, more="budget: { tokens: 1_000_000 }")
        resumed = apwa("run", "main.apwa", "--resume", cwd=tmp_path)
        assert resumed.code == 0, resumed.err
        assert reused(resumed) == asked
        assert server.stats()["requests"] == 400


KILLS = (
    "import os, signal, time\n\n"
    "def work(item):\n"
    "    time.sleep(0.01)\n"
    "    if item.n == 17:\n"
    "        os.kill(os.getppid(), signal.SIGKILL)\n"
    "        time.sleep(10)\n"
    "    return {'shout': item.text.upper()}\n"
)


def test_what_kills_the_run_is_found_and_quarantined_when_it_goes_on(tmp_path: Path) -> None:
    bodies(tmp_path, KILLS, count=40)
    assert apwa("run", "main.apwa", cwd=tmp_path).code == -signal.SIGKILL
    ended = apwa("run", "main.apwa", "--resume", cwd=tmp_path)
    assert ended.code == 1, ended.err
    assert "39 done, 0 failed, 1 quarantined" in ended.out
    assert "done[n=17]: its process was killed by SIGKILL" in ended.err


def test_what_kills_its_worker_is_found_and_its_neighbours_run_only_where_they_fit(tmp_path: Path) -> None:
    (tmp_path / "main.apwa").write_text(
        PYTHON.replace("shout: str", "worker: str").replace(
            'trust: "the tests know it"', 'trust: "the tests know it"  resources: { memory: (item.n + 1) * 1MiB }'
        )
    )
    (tmp_path / "fns.py").write_text(
        KILLS.replace("{'shout': item.text.upper()}", "{'worker': os.environ['WORKER_NAME']}")
    )
    (tmp_path / "items.jsonl").write_text("".join(json.dumps({"n": n, "text": "t"}) + "\n" for n in range(40)))
    with real_cluster(tmp_path, [{"MEMORY": 2**30}, {"MEMORY": 1}], nanny=True) as cluster:
        ended = apwa("run", "main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
    assert "39 done, 0 failed, 1 quarantined" in ended.out, ended.err
    rows = [json.loads(line) for line in (tmp_path / "done.jsonl").read_text().splitlines()]
    assert {row["worker"] for row in rows} == {"worker-0"}


def test_dead_workers_repeat_no_finished_sub_problem(tmp_path: Path) -> None:
    with model_server(latency=0.05) as server, real_cluster(tmp_path, [{}, {}]) as cluster:
        prompts(tmp_path, server.url, count=600)
        reader, writer = os.pipe()
        process = start("main.apwa", "--scheduler", cluster.address, cwd=tmp_path, stderr=writer)
        os.close(writer)
        until(lambda: len(server.requests()) > 150)
        settled = set(prompts_asked(server))
        until(lambda: len(server.requests()) > len(settled) + 120)
        for worker in cluster.workers:
            worker.kill()
        with os.fdopen(reader) as said:
            assert said.readline() == "the cluster has no workers; the run goes on as soon as one joins\n"
        cluster.start_worker({})
        assert process.wait(timeout=120) == 0
        asked = prompts_asked(server)
    assert len(asked) == 600
    assert [prompt for prompt in settled if asked[prompt] > 1] == []
    assert len((tmp_path / "labels.jsonl").read_text().splitlines()) == 600


def test_what_workers_finish_for_a_dead_client_is_taken_over(tmp_path: Path) -> None:
    with model_server(latency=0.05) as server, real_cluster(tmp_path, [{}, {}]) as cluster:
        prompts(tmp_path, server.url, count=2000, concurrency=32)
        process = start("main.apwa", "--scheduler", cluster.address, cwd=tmp_path)
        until(lambda: logged(tmp_path) > 4000)
        kill(process)
        # Without a driver the workers come to rest; what is asked from then on is the resume's doing.
        asked = -1

        def at_rest() -> bool:
            nonlocal asked
            before, asked = asked, len(server.requests())
            time.sleep(1)
            return asked == before

        until(at_rest)
        assert asked < 2000
        ended = apwa("run", "main.apwa", "--resume", "--scheduler", cluster.address, cwd=tmp_path)
        assert ended.code == 0, ended.err
        assert reused(ended) == asked
        assert set(prompts_asked(server).values()) == {1}
    assert len((tmp_path / "labels.jsonl").read_text().splitlines()) == 2000


@pytest.mark.parametrize("external", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_rate_counts_what_a_killed_run_has_sent(tmp_path: Path, external: bool) -> None:
    with model_server() as server, ExitStack() as open:
        prompts(tmp_path, server.url, count=3)
        program = (tmp_path / "main.apwa").read_text()
        (tmp_path / "main.apwa").write_text(program.replace("concurrency: 4", "rate: 2 per 3s"))
        cluster = open.enter_context(real_cluster(tmp_path, [{}])) if external else None
        where = ("--scheduler", cluster.address) if cluster else ()
        process = start("main.apwa", *where, cwd=tmp_path)
        until(lambda: server.requests())
        kill(process)
        ended = apwa("run", "main.apwa", "--resume", *where, cwd=tmp_path)
        times = sorted(seen["at"] for seen in server.requests())
    assert ended.code == 0, ended.err
    assert len(times) >= 3
    assert all(later - earlier > 2.75 for earlier, later in zip(times, times[2:], strict=False))


def test_a_dead_scheduler_ends_the_run_in_one_line_and_it_goes_on_elsewhere(tmp_path: Path) -> None:
    with model_server(latency=0.02) as server:
        expected = undisturbed(tmp_path / "undisturbed", server.url, count=150)
        folder = tmp_path / "killed"
        folder.mkdir()
        prompts(folder, server.url, count=150)
        with real_cluster(tmp_path, [{}, {}]) as cluster:
            process = subprocess.Popen(
                [sys.executable, "-m", "apwa_lang.cli", "run", "main.apwa", "--scheduler", cluster.address],
                cwd=folder,
                env={**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "2s"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            until(lambda: logged(folder) > 4000)
            cluster.scheduler.kill()
            _, said = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "the Dask scheduler is gone; what has finished is kept" in said
        assert "Traceback" not in said
        ended = apwa("run", "main.apwa", "--resume", cwd=folder)
        assert ended.code == 0, ended.err
        assert reused(ended) > 0
        assert outputs(folder) == expected
