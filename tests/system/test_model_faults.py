"""Runs against a server that misbehaves in every way: what passes is waited out, what does not is told, row by row."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command import apwa
from tests.support.model_server import model_server

PROGRAM = """
record Note {{ id: str @key  text: str }}
record Label {{ topic: str }}
table notes: Note = read "notes.jsonl"
model server {{ provider: "openai" name: "test" base_url: "{url}" api_key: secret("KEY") {model} }}
model other {{ provider: "openai" name: "other" base_url: "{url}" api_key: secret("KEY") }}
task classify(note: Note) -> Label {{
  prompt: "{{{{ note.text }}}}"
  retry: 2  backoff: 10ms
  {task}
}}
split per_note = notes by row
flow main {{ labels = map classify over per_note keep id  save labels to "labels.jsonl" }}
"""
KEY = "secret-key-77"

PASSING = ("429", "429-ms", "429-date", "503", "500", "502", "408", "reset", "truncated", "malformed", "html", "wrong")
PASSING += ("empty", "null", "length", "hang")
LAWFUL = ("chunked", "parts", "drip", "huge")
LASTING = {
    "500": "answered 500",
    "429": "answered 429",
    "401": "answered 401",
    "404": "answered 404",
    "302": "a redirect: set `base_url`",
    "quota": "exceeded your current quota",
    "reset": "lost the connection",
    "truncated": "broke off in the middle",
    "malformed": "did not answer in JSON",
    "wrong": "topic: is missing",
    "oversize": "sent an answer of more than 8 MiB",
    "length": "raise `max_tokens`",
    "refusal": "the model refused",
    "filtered": "content filter",
    "hang": "no answer within 1 s",
}


def project(folder: Path, texts: dict[str, str], url: str, task: str = "model: server", model: str = "") -> None:
    (folder / "main.apwa").write_text(PROGRAM.format(url=url, task=task, model=model))
    rows = [json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items()]
    (folder / "notes.jsonl").write_text("".join(rows))


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_passes_is_waited_out(tmp_path: Path) -> None:
    texts = {fault: f"[echo {fault} is over] [fault {fault} once]" for fault in PASSING}
    with model_server(retry_after=0.2) as server:
        project(tmp_path, texts, server.url, "model: server timeout: 2s")
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": KEY})
        seen = server.stats()["outcomes"]
    assert ended.code == 0, ended.err
    assert seen == {**dict.fromkeys(PASSING, 1), "200": len(PASSING)}
    assert lines(tmp_path / "labels.jsonl") == [{"topic": f"{fault} is over", "id": fault} for fault in PASSING]


def test_odd_and_large_answers_are_taken(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, {fault: f"[echo {fault}] [fault {fault}]" for fault in LAWFUL}, server.url)
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": KEY})
    assert ended.code == 0, ended.err
    topics = {row["id"]: str(row["topic"]) for row in lines(tmp_path / "labels.jsonl")}
    assert len(topics.pop("huge")) == 5_000_000
    assert topics == {fault: fault for fault in LAWFUL if fault != "huge"}


def test_what_lasts_is_told_and_costs_no_neighbour(tmp_path: Path) -> None:
    texts = {"first": "[echo fine]", **{fault: f"[fault {fault}]" for fault in LASTING}, "last": "[echo fine]"}
    with model_server(retry_after=0.05) as server:
        project(tmp_path, texts, server.url, "model: server timeout: 1s")
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": KEY})
    assert ended.code == 1
    assert [row["id"] for row in lines(tmp_path / "labels.jsonl")] == ["first", "last"]
    (path,) = (tmp_path / ".apwa/runs").glob("*/failures.jsonl")
    reasons = {row["identity"]["id"]: row["reason"] for row in lines(path)}  # type: ignore[index]
    assert {fault: LASTING[fault] in str(reason) for fault, reason in reasons.items()} == dict.fromkeys(LASTING, True)
    assert KEY not in ended.err + path.read_text()


def test_the_time_limit_is_for_the_whole_answer(tmp_path: Path) -> None:
    """A drip that takes a second never pauses for long, and is still too slow."""
    with model_server() as server:
        project(tmp_path, {"drip": "[fault drip]"}, server.url, "model: server timeout: 300ms")
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": KEY})
    assert ended.code == 1
    assert "gave no answer within 0.3 s" in ended.err


def test_a_rate_is_kept_by_a_run(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, {f"n{n}": f"note {n}" for n in range(60)}, server.url, model="rate: { requests: 30 per 1s }")
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": KEY})
        times = sorted(seen["at"] for seen in server.requests())
    assert ended.code == 0, ended.err
    assert len(times) == 60
    # What was held up on its way, by up to a quarter of a second, arrives together with what comes after.
    assert all(later - earlier > 0.75 for earlier, later in zip(times, times[30:], strict=False))


def test_a_route_asks_each_model_for_its_sub_problems(tmp_path: Path) -> None:
    with model_server() as server:
        texts = {"a": "short", "b": "a long text " * 30}
        project(tmp_path, texts, server.url, "route: { server when tokens(note.text) < 20, other }")
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": KEY})
        asked = {seen["body"]["messages"][-1]["content"]: seen["body"]["model"] for seen in server.requests()}
    assert ended.code == 0, ended.err
    assert asked == {"short": "test", "a long text " * 30: "other"}
    assert "model `server`: 1 calls" in ended.out
    assert "model `other`: 1 calls" in ended.out


def test_a_fallback_is_asked_where_the_first_fails_or_is_down(tmp_path: Path) -> None:
    texts = {"ok": "[echo fine]", "short": "[echo x]", **{f"d{n}": "[echo later]" for n in range(40)}}
    with model_server() as server, model_server(faults=["reset:1"]) as down:
        project(tmp_path, texts, server.url, 'model: [server, other]  ensure: result.topic != "x" or false')
        ended = apwa("run", "main.apwa", cwd=tmp_path, env={"KEY": KEY})
        asked = [seen["body"]["model"] for seen in server.requests()]
        assert ended.code == 1
        assert asked.count("other") == 3
        assert '`server`: `ensure: result.topic != "x" or false` does not hold; `other`: `ensure' in ended.err
        program = (tmp_path / "main.apwa").read_text().replace(server.url, down.url, 1)
        (tmp_path / "main.apwa").write_text(program)
        server.reset()
        ended = apwa("run", "main.apwa", "--no-cache", cwd=tmp_path, env={"KEY": KEY})
        assert {seen["body"]["model"] for seen in server.requests()} == {"other"}
        assert len({row["id"] for row in lines(tmp_path / "labels.jsonl")}) == 41
        assert down.stats()["requests"] <= 42
