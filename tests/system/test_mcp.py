"""MCP servers as tools of agents: started by commands, asked at URLs, broken, hostile."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apwa_runtime.isolation import landlock
from tests.support.command import Ended, apwa, python
from tests.support.forked import start
from tests.support.mcp_server import http_mcp_server
from tests.support.model_server import model_server

SUPPORT = Path(__file__).resolve().parents[1] / "support"
GOOD = f"{sys.executable} servers/good.py"
HOSTILE = f"{sys.executable} servers/hostile.py"
PROGRAM = """
record Question {{ id: str @key  text: str }}
record Answer {{ said: str  score: int }}
table questions: Question = read "questions.jsonl"
model m {{ provider: "openai" name: "m" base_url: "{url}" api_key: secret("LLM_KEY") }}
{tools}
task answer(question: Question) -> Answer {{
  model: m
  prompt: "{{{{ question.text }}}}"
  tools: [{names}]
  max_steps: 30
  on_error: quarantine
}}
split each = questions by row
flow main {{ answers = map answer over each keep id  save answers to "answers.jsonl" }}
"""
KEY = "key-of-the-model"
PATIENCE = 60.0
Calls = list[tuple[str, str]]


def project(folder: Path, url: str, tools: str, names: str, *texts: str) -> Path:
    """A program whose agent is told what to call by each of the texts."""
    folder.mkdir(exist_ok=True)
    (folder / "servers").mkdir()
    for name, file in (("good", "mcp_server.py"), ("hostile", "hostile_mcp_server.py")):
        (folder / "servers" / f"{name}.py").write_bytes((SUPPORT / file).read_bytes())
    (folder / "main.apwa").write_text(PROGRAM.format(url=url, tools=tools, names=names))
    rows = ({"id": f"q{n}", "text": f"[told] {text}"} for n, text in enumerate(texts))
    (folder / "questions.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return folder


def run(folder: Path, *arguments: str) -> Ended:
    return apwa(*(arguments or ("run", "main.apwa")), cwd=folder, env={"LLM_KEY": KEY})


def calls(folder: Path) -> list[Calls]:
    """What each agent has called, with what it was told."""
    (file,) = folder.glob(".apwa/runs/*/traces/answers.jsonl")
    entries = sorted(map(json.loads, file.read_text().splitlines()), key=lambda entry: int(entry["ordinal"]))
    return [list(_calls(entry["steps"])) for entry in entries]


def _calls(steps: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for step in steps:
        for call in step.get("calls", ()):
            yield call["tool"], call.get("result", call.get("error"))


def test_each_sub_problem_has_a_session_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "program"
    with model_server() as server, http_mcp_server(tmp_path, "sesame") as url:
        project(
            folder,
            server.url,
            f'tool files = mcp "{GOOD}" {{ reads: "data/**" }}\n'
            f'tool web = mcp "{url}" {{ only: ["add", "look"]  api_key: secret("WEB_KEY") }}',
            "files, web",
            '[call files_remember {"word": "ant"}] [call files_remember {"word": "bee"}]'
            ' [call files_look {"path": "$LLM_KEY"}] [call files_look {"path": "$WEB_KEY"}]'
            ' [call files_look {"path": "data/a.txt"}] [call files_add {"a": 2, "b": 40}]'
            ' [call files_far_away {"point": {"x": 1}}] [call files_add {"a": "2"}] [call files_long {"size": 100000}]'
            ' [call files_spawn] [call web_add {"a": 1, "b": 2}] [call web_look {"path": "$MCP_KEY"}]',
            '[call files_remember {"word": "cow"}] [call files_look {"path": "questions.jsonl"}]'
            f' [call files_write {{"path": "wrote"}}] [call files_write {{"path": "{tmp_path}/wrote"}}]',
        )
        (folder / "data").mkdir()
        (folder / "data" / "a.txt").write_text("declared")
        assert run(folder, "compile", "main.apwa", "--to", "python", "-o", "program.py").code == 0
        ended = python("program.py", cwd=folder, env={"LLM_KEY": KEY, "WEB_KEY": "sesame"})
        asked = server.requests()
    assert ended.code == 0, ended.err
    first, second = calls(folder)
    assert [told for _, told in first[:6]] == ["ant", "ant bee", "unset", "unset", "declared", "42"]
    assert json.loads(first[6][1]) == {"x": 2, "y": 1}
    assert first[7][1] == "error: these are no arguments of `files_add`: b is missing; a: expected integer"
    assert len(first[8][1]) < 50_000
    assert not Path("/proc", first[9][1]).exists()
    assert [told for _, told in first[10:]] == ["3", "<secret>"]
    assert second[0][1] == "cow"
    assert not re.search(f"{KEY}|sesame", json.dumps(calls(folder)) + ended.out)
    offered = {tool["function"]["name"]: tool["function"] for tool in asked[0]["body"]["tools"]}
    assert offered["files_add"]["description"] == "Adds two numbers."
    assert offered["files_add"]["parameters"]["required"] == ["a", "b"]
    assert "x" in offered["files_far_away"]["parameters"]["properties"]["point"]["properties"]
    assert {name for name in offered if name.startswith("web_")} == {"web_add", "web_look"}
    if landlock.version():
        assert all("failed" in told for _, told in second[1:])
        assert not (folder / "wrote").exists()
        assert not (tmp_path / "wrote").exists()
        assert "`files`: a process for each sub-problem, confined by Landlock" in ended.out


def test_a_server_may_break_or_want_to(tmp_path: Path) -> None:
    count = "[call t_count]"
    with model_server() as server:
        project(
            tmp_path / "program",
            server.url,
            f'tool t = mcp "{HOSTILE}" {{ timeout: 5s }}\n'
            f'tool all = mcp "{HOSTILE}" {{ only: "count"  shared: true  trust: "it counts, and that is wanted" }}',
            "t, all",
            f"{count} [call t_crash] {count} [call t_leave] {count} [call t_stuck] {count}",
            f"{count} [call t_flood] {count} [call t_loud] [call t_lie] [call t_need] {count} [call all_count]",
            '[call t_ask] [call t_tempt] [call shell {"script": "id"}] [call t_tempt {"next": {"next": 3}}]'
            " [call all_count] [call all_count]",
        )
        ended = run(tmp_path / "program")
        asked = server.requests()
    assert ended.code == 0, ended.err
    broken, wrong, curious = calls(tmp_path / "program")
    assert [told for _, told in broken] == [
        "1",
        "error: `t_crash` failed: its process ended with exit code 3: something broke",
        "1",
        "bye",
        broken[4][1],
        "error: `t_stuck` failed: timed out after 5 s",
        "1",
    ]
    too_long = "failed: it sent a message of more than 4 MiB"
    assert [told for _, told in wrong[:4]] == ["1", f"error: `t_flood` {too_long}", "1", f"error: `t_loud` {too_long}"]
    assert wrong[4][1].startswith("error: `t_lie` failed: its answer cannot be read")
    assert wrong[5][1].startswith("error: `t_need` failed")
    assert wrong[6][1] == "3"
    refused = json.loads(curious[0][1])
    assert len(refused) == 3
    assert all("not supported" in answer for answer in refused.values())
    assert curious[2][1].startswith("error: there is no tool `shell`; there are t_leave, ")
    names = {tool["function"]["name"] for request in asked for tool in request["body"]["tools"]}
    assert "shell" not in names
    assert names - {name for name in names if name.startswith("t_")} == {"all_count"}
    counted = [told for agent in (wrong, curious) for name, told in agent if name == "all_count"]
    assert sorted(counted) == ["1", "2", "3"]


def test_what_cannot_be_started_is_told_before_a_model_is_asked(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path / "program", server.url, 'tool files = mcp "no-such-server --all"', "files", "hello")
        ended = run(tmp_path / "program")
        assert server.stats()["requests"] == 0
    said = "error: tool `files`: there is no command `no-such-server` on PATH to start its server\n"
    assert (ended.code, ended.err) == (2, said)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_servers_end_with_the_run(tmp_path: Path, end: signal.Signals) -> None:
    with model_server() as server:
        folder = project(
            tmp_path / "program", server.url, f'tool t = mcp "{HOSTILE}"', "t", "[call t_count] [call t_stuck]"
        )
        running = start("-m", "apwa_lang.cli", "run", "main.apwa", cwd=folder, env={"LLM_KEY": KEY})
        _wait(lambda: server.stats()["requests"] == 2)
        assert _servers_in(folder)
        os.kill(running.pid, end)
        running.wait(PATIENCE)
    _wait(lambda: not _servers_in(folder))


def _servers_in(folder: Path) -> list[str]:
    """The processes of servers that run in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder and b"servers/" in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found


def _wait(holds: Any) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_agents_with_servers_are_tested(tmp_path: Path) -> None:
    project(tmp_path / "program", "http://127.0.0.1:9/v1", f'tool t = mcp "{HOSTILE}"', "t")
    with (tmp_path / "program" / "main.apwa").open("a") as program:
        program.write(
            """
            test "counts" {
              mock m = [{ tool: "t_count" }, { tool: "t_count" }, { said: "2", score: 1 }]
              got = answer(Question { id: "q", text: "x" })
              expect got.said == "2"
            }
            test "arguments" {
              mock m = [{ tool: "t_tempt", arguments: { next: 3 } }, { tool: "t_tempt", arguments: { next: {} } }]
              got = answer(Question { id: "q", text: "x" })
            }
            """
        )
    ended = run(tmp_path / "program", "test", "main.apwa")
    assert "1 passed, 1 failed in" in ended.out
    assert "the mock of `m` has 2 turns, and is asked for one more" in ended.out
