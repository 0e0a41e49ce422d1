"""What a person sees of a run: results in order, failures that leave neighbours alone, clean ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support.command import apwa
from tests.support.forked import heed_interrupts
from tests.support.model_server import model_server

PROMPT = """
record Note {{ id: str @key  text: str }}
record Label {{ topic: str  urgent: bool }}
table notes: Note = read "notes.jsonl"
model server {{ provider: "openai" name: "test" base_url: "{url}" api_key: secret("KEY") concurrency: 32 }}
task classify(note: Note) -> Label {{
  model: server
  prompt: "What is this about? {{{{ note.text }}}}"
  retry: {retry}
  backoff: 1ms
  timeout: {timeout}
  on_error: {on_error}
}}
split per_note = notes by row
flow main {{ labels = map classify over per_note keep id  save labels to "labels.jsonl" }}
"""


def project(
    folder: Path, texts: list[str], url: str, retry: int = 2, timeout: str = "20s", on_error: str = "fail"
) -> None:
    (folder / "main.apwa").write_text(PROMPT.format(url=url, retry=retry, timeout=timeout, on_error=on_error))
    rows = [{"id": f"n{number}", "text": text} for number, text in enumerate(texts)]
    (folder / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_results_keep_the_order_of_rows_whatever_order_answers_come_in(tmp_path: Path) -> None:
    with model_server(latency=0.005, faults=["drip:0.1", "429:0.1", "reset:0.05"], retry_after=0) as server:
        project(tmp_path, [f"note {n}" for n in range(300)], server.url, retry=8)
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": "secret-key-1"})
    assert ended.code == 0, ended.err
    assert [row["id"] for row in lines(tmp_path / "labels.jsonl")] == [f"n{n}" for n in range(300)]
    assert "300 done, 0 failed" in ended.out


def test_a_failing_sub_problem_leaves_its_neighbours_alone_and_is_listed(tmp_path: Path) -> None:
    texts = ["fine"] * 20
    texts[7] = "[fault 500]"
    texts[11] = "[fault wrong]"
    with model_server() as server:
        project(tmp_path, texts, server.url)
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": "secret-key-1"})
    assert ended.code == 1
    kept = [row["id"] for row in lines(tmp_path / "labels.jsonl")]
    assert kept == [f"n{n}" for n in range(20) if n not in (7, 11)]
    assert "labels[id=n7]: " in ended.err
    assert "labels[id=n11]: " in ended.err
    assert "18 done, 2 failed" in ended.out
    (failures,) = (tmp_path / ".apwa/runs").glob("*/failures.jsonl")
    assert [row["row"]["id"] for row in lines(failures)] == ["n7", "n11"]  # type: ignore[index]


def test_quarantine_keeps_the_rows(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, ["fine", "[fault 500]"], server.url, on_error="quarantine")
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": "secret-key-1"})
    assert ended.code == 1
    (table,) = (tmp_path / ".apwa/runs").glob("*/quarantine/labels.jsonl")
    assert [(row["id"], row["text"]) for row in lines(table)] == [("n1", "[fault 500]")]


def test_skip_only_counts(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, ["fine", "[fault 500]"], server.url, on_error="skip")
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": "secret-key-1"})
    assert (ended.code, "1 skipped" in ended.out) == (0, True), ended.err


def test_a_hanging_call_times_out(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, ["fine", "[fault hang]"], server.url, retry=0, timeout="300ms")
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": "secret-key-1"})
    assert ended.code == 1
    assert "1 done, 1 failed" in ended.out


def test_secrets_stay_out_of_everything_written(tmp_path: Path) -> None:
    with model_server(api_key="another-key") as server:
        project(tmp_path, ["fine"], server.url, retry=0)
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": "secret-key-1"})
    written = (
        ended.out
        + ended.err
        + "".join(path.read_bytes().decode(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    )
    assert ended.code == 1
    assert "secret-key-1" not in written


def test_a_missing_key_is_told_before_anything_runs(tmp_path: Path) -> None:
    project(tmp_path, ["fine"], "http://127.0.0.1:9/v1")
    ended = apwa("run", "main.apwa", cwd=tmp_path)
    assert ended.code == 2
    assert "`KEY`" in ended.err
    assert ended.err.count("\n") == 1


def test_bad_rows_stop_the_launch_and_are_named(tmp_path: Path) -> None:
    project(tmp_path, ["fine"], "http://127.0.0.1:9/v1")
    (tmp_path / "notes.jsonl").write_text('{"id": "a", "text": "x"}\n{"id": "b", "text": 3}\n{"id": "c"}\n')
    ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": "k"})
    assert ended.code == 1
    assert "notes.jsonl:2: `text`:" in ended.err
    assert "notes.jsonl:3: `text`:" in ended.err
    assert not (tmp_path / "labels.jsonl").exists()


def test_doubled_keys_stop_the_launch_and_both_rows_are_named(tmp_path: Path) -> None:
    project(tmp_path, ["fine"], "http://127.0.0.1:9/v1")
    (tmp_path / "notes.jsonl").write_text(
        '{"id": "a", "text": "x"}\n{"id": "b", "text": "y"}\n{"id": "a", "text": "z"}\n'
    )
    ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": "k"})
    assert ended.code == 1
    assert "notes.jsonl:1" in ended.err
    assert "notes.jsonl:3" in ended.err


def test_ctrl_c_ends_cleanly(tmp_path: Path) -> None:
    with model_server(latency=0.2) as server:
        project(tmp_path, [f"note {n}" for n in range(20_000)], server.url)
        process = subprocess.Popen(
            [sys.executable, "-m", "apwa_lang.cli", "run", "main.apwa", "--progress", "plain"],
            cwd=tmp_path,
            env={**os.environ, "KEY": "k"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=heed_interrupts,
        )
        deadline = time.monotonic() + 60
        while server.stats()["requests"] < 50 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not (tmp_path / "labels.jsonl").exists()
    assert not list(tmp_path.glob("*.tmp"))


def test_the_rate_of_a_model_is_kept(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, [f"note {n}" for n in range(30)], server.url)
        program = (tmp_path / "main.apwa").read_text()
        (tmp_path / "main.apwa").write_text(program.replace("concurrency: 32", "rate: 600 per 1m"))
        started = time.monotonic()
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": "k"})
        seconds = time.monotonic() - started
    assert ended.code == 0, ended.err
    assert seconds >= 2.9, "29 intervals of 100 ms"


SLOW = """
record Item { n: int @key }
table items: Item = read "items.jsonl"
task work(item: Item) -> str { python: "slow:work"  writes: { page: "out/{{ item.n }}.txt" } }
split each = items by row
flow main { done = map work over each  save done to "done.jsonl" }
"""


def test_ctrl_c_ends_python_bodies_too(tmp_path: Path) -> None:
    (tmp_path / "main.apwa").write_text(SLOW)
    (tmp_path / "items.jsonl").write_text("".join(json.dumps({"n": n}) + "\n" for n in range(200)))
    (tmp_path / "slow.py").write_text(
        "import time\nfrom pathlib import Path\n\n\ndef work(item, page):\n"
        "    Path(page).write_text('x')\n    time.sleep(0.2)\n    return 'done'\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "apwa_lang.cli", "run", "main.apwa", "--progress", "plain"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("out/*.txt")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=15)
    written = len(list(tmp_path.glob("out/*.txt")))
    assert process.returncode == 130, err
    assert written < 200
    assert "Traceback" not in err
    assert not list(tmp_path.glob("apwa-*")), "the folders of bodies are gone"


def test_secret_fields_stay_out_of_messages_and_of_the_run_folder(tmp_path: Path) -> None:
    (tmp_path / "main.apwa").write_text(
        """
record Login { name: str @key  password: str @secret }
table logins: Login = read "logins.jsonl"
task check(login: Login) -> str { python: "logins:check"  retry: 0 }
split each = logins by row
flow main { seen = map check over each  save seen to "seen.jsonl" }
"""
    )
    (tmp_path / "logins.py").write_text("def check(login):\n    raise ValueError('cannot use ' + login.password)\n")
    (tmp_path / "logins.jsonl").write_text('{"name": "ada", "password": "tulip-77"}\n')
    ended = apwa("run", "main.apwa", cwd=tmp_path)
    assert ended.code == 1
    assert "ValueError: cannot use <secret>" in ended.err
    kept = [path for path in (tmp_path / ".apwa").rglob("*") if path.is_file()]
    assert all(b"tulip-77" not in path.read_bytes() for path in kept)


def test_quarantined_rows_of_a_table_are_kept_with_their_reasons(tmp_path: Path) -> None:
    (tmp_path / "main.apwa").write_text(
        """
record Item { n: int @key }
table items: Item = read "items.jsonl" as jsonl(on_error: quarantine)
task twice(item: Item) -> int { return: item.n * 2 }
split each = items by row
flow main { doubled = map twice over each  save doubled to "doubled.jsonl" }
"""
    )
    (tmp_path / "items.jsonl").write_text('{"n": 1}\n{"n": "x"}\n{"n": 3}\n')
    ended = apwa("run", "main.apwa", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert [row["value"] for row in lines(tmp_path / "doubled.jsonl")] == [2, 6]
    (table,) = (tmp_path / ".apwa/runs").glob("*/quarantine/items.jsonl")
    (bad,) = lines(table)
    assert (bad["file"], bad["line"], bad["field"]) == ("items.jsonl", 2, "n")


def test_a_call_needs_no_table(tmp_path: Path) -> None:
    (tmp_path / "main.apwa").write_text(
        """
task greet(name: str) -> str { return: "hello " + name }
flow main { greeting = greet("Ada")  save greeting to "greeting.jsonl" }
"""
    )
    ended = apwa("run", "main.apwa", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert lines(tmp_path / "greeting.jsonl") == [{"value": "hello Ada"}]


def test_steps_that_the_flow_orders_may_write_one_path(tmp_path: Path) -> None:
    (tmp_path / "main.apwa").write_text(
        """
record Item { n: int @key }
table items: Item = [{ n: 1 }, { n: 2 }]
task first(item: Item) -> str { return: "first"  writes: "out/{{ item.n }}.txt" }
task second(item: Item) -> str { return: "second"  writes: "out/{{ item.n }}.txt" }
split each = items by row
flow main {
  a = map first over each
  b = map second over each after a
}
"""
    )
    ended = apwa("run", "main.apwa", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert [(tmp_path / f"out/{n}.txt").read_text() for n in (1, 2)] == ["second", "second"]


FOLD = """
record Note {{ id: str @key  ward: int  topic: str }}
record Label {{ topic: str }}
table notes: Note = read "notes.jsonl"
model server {{ provider: "openai" name: "test" base_url: "{url}" concurrency: 16 }}
task merge(acc: Label, next: Label) -> Label {{ model: server  prompt: "{{{{ acc.topic }}}} or {{{{ next.topic }}}}?" }}
task label(note: Note) -> Label {{ return: {{ topic: note.topic }} }}
split per_note = notes by row
flow main {{
  labels = map label over per_note keep ward
  wards = reduce merge over labels by fold group ward
  save wards to "wards.jsonl"
}}
"""


def test_groups_are_folded_beside_each_other_while_their_answers_take_long(tmp_path: Path) -> None:
    with model_server(latency=1.0) as server:
        (tmp_path / "main.apwa").write_text(FOLD.format(url=server.url))
        rows = [{"id": f"n{n}", "ward": n % 16, "topic": f"t{n}"} for n in range(32)]
        (tmp_path / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        assert apwa("run", "main.apwa", cwd=tmp_path).code == 0
        arrivals = sorted(seen["at"] for seen in server.requests())
    assert len(arrivals) == 16
    # All 16 are on the wire before the first answer comes; 15 allow for one that a busy machine is late with.
    assert arrivals[14] - arrivals[0] < 1.0
