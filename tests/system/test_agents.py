"""Agents: tools that the model calls, and those that it must not have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apwa_runtime.isolation import landlock
from tests.support.command import Ended, apwa
from tests.support.model_server import model_server

PROGRAM = """
record Question {{ id: str @key  text: str  pin: str? @secret }}
record Answer {{ said: str  score: int }}
table questions: Question = read "questions.jsonl"
model m {{ name: "m" base_url: "{url}" {manner} }}

## Adds two numbers.
tool add(a: int, b: int) -> int {{ python: "tools:add" }}
tool lookup(word: str) -> str {{ python: "tools:lookup"  reads: {{ book: "book.txt" }} }}
tool fails(word: str) -> str {{ python: "tools:fails" }}

task answer(question: Question) -> Answer {{
  model: m
  prompt: "{{{{ question.text }}}}"
  tools: [add, lookup, fails]
  {more}
  on_error: quarantine
}}
split each = questions by row
flow main {{ answers = map answer over each keep id  save answers to "answers.jsonl" }}
"""
TOOLS = """
from pathlib import Path


def add(a, b):
    return a + b


def lookup(word, book):
    return next((line for line in Path(book).read_text().splitlines() if line.startswith(word)), "nothing")


def fails(word):
    if word == "sleep":
        while True:
            pass
    if word.startswith("/"):
        Path(word).write_text("x")
    if word == "long":
        return "x" * 1_000_000
    raise ValueError(f"no {word}")
"""


def asked(folder: Path, url: str, *texts: str, more: str = "", manner: str = "schema") -> Ended:
    model = 'provider: "anthropic"' if manner == "anthropic" else f'provider: "openai" structured: "{manner}"'
    (folder / "main.apwa").write_text(PROGRAM.format(url=url, more=more, manner=model))
    (folder / "tools.py").write_text(TOOLS)
    (folder / "book.txt").write_text("ant: a small animal\nbee: it flies\n")
    rows = [{"id": f"q{n}", "text": text, "pin": "4711"} for n, text in enumerate(texts)]
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return apwa("run", "main.apwa", cwd=folder)


def answers(folder: Path) -> dict[str, str]:
    return {row["id"]: row["said"] for row in map(json.loads, (folder / "answers.jsonl").read_text().splitlines())}


def traces(folder: Path) -> dict[int, list[dict[str, object]]]:
    (file,) = folder.glob(".apwa/runs/*/traces/answers.jsonl")
    return {entry["ordinal"]: entry["steps"] for entry in map(json.loads, file.read_text().splitlines())}


@pytest.mark.parametrize("manner", ["schema", "tools", "text", "anthropic"])
def test_tools_are_called_until_there_is_an_answer(tmp_path: Path, manner: str) -> None:
    with model_server() as server:
        ended = asked(
            tmp_path,
            server.url,
            '[told] [call add {"a": 2, "b": 40}]',
            '[told] [call add {"a": 1, "b": 1}] [call lookup {"word": "bee"}]',
            "[echo at once]",
            manner=manner,
        )
        last = server.requests()[-1]["body"]
    assert ended.code == 0, ended.err
    said = answers(tmp_path)
    assert said["q0"].endswith("42")
    assert said["q1"].endswith("bee: it flies")
    assert said["q2"] == "at once"
    assert "model `m`: 6 calls" in ended.out
    assert ("tools" in last) == (manner != "text")
    assert "Adds two numbers." in json.dumps(last)
    (first, *calls) = traces(tmp_path)[1]
    assert first == {"model": "m"}
    assert [call["tool"] for step in calls for call in step.get("calls", ())] == ["add", "lookup"]  # type: ignore[attr-defined]


def test_what_goes_wrong_in_a_tool_is_told_to_the_model(tmp_path: Path) -> None:
    wrote = tmp_path / "wrote"
    with model_server() as server:
        ended = asked(
            tmp_path,
            server.url,
            '[told] [call fails {"word": "way"}]',
            '[told] [call add {"a": "two", "b": 40}]',
            "[told] [call add]",
            '[told] [call shell {"script": "cat /etc/passwd"}]',
            f'[told] [call fails {{"word": "{wrote}"}}]',
            '[told] [call fails {"word": "long"}]',
            '[told] [call fails {"word": "sleep"}]',
            more="timeout: 2s",
        )
    assert ended.code == 0, ended.err
    said = answers(tmp_path)
    assert "error: `fails` failed: ValueError: no way (tools.py:" in said["q0"]
    assert "error: these are no arguments of `add`: a: " in said["q1"]
    assert "error: these are no arguments of `add`: a: " in said["q2"]
    assert said["q3"] == "error: there is no tool `shell`; there are add, lookup, fails"
    assert "error: `fails` failed: " in said["q4"]
    assert not wrote.exists()
    assert len(said["q5"]) < 50_000
    assert "timed out after 2 s" in said["q6"]


LOOKING = """
import os
from pathlib import Path

from helpers.words import shout


def look(path):
    if path.startswith("$"):
        return str(os.environ.get(path[1:]))
    return shout(Path(path).read_text())
"""


@pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")
def test_a_tool_sees_neither_files_that_it_does_not_declare_nor_secrets(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("not for you")
    folder = tmp_path / "program"
    (folder / "helpers").mkdir(parents=True)
    (folder / "helpers" / "words.py").write_text("def shout(text):\n    return text.upper()\n")
    (folder / "helpers" / "own.txt").write_text("mine")
    texts = (
        f'[told] [call look {{"path": "{outside}"}}]',
        f'[told] [call look {{"path": "{folder}/questions.jsonl"}}]',
        f'[told] [call look {{"path": "{folder}/helpers/own.txt"}}]',
        '[told] [call look {"path": "/etc/passwd"}]',
        '[told] [call look {"path": "$LLM_KEY"}]',
        '[told] [call look {"path": "$OTHER_KEY"}]',
    )
    keys = {"LLM_KEY": "key-of-the-model", "OTHER_KEY": "declared"}
    with model_server() as server:
        asked(folder, server.url, *texts)
        program = (folder / "main.apwa").read_text()
        program = program.replace('model m { name: "m"', 'model m { api_key: secret("LLM_KEY")  name: "m"')
        program = program.replace(
            "tool add", 'tool look(path: str) -> str { python: "looking:look"  secrets: OTHER_KEY }\ntool add'
        )
        (folder / "main.apwa").write_text(program.replace("tools: [", "tools: [look, "))
        (folder / "looking.py").write_text(LOOKING)
        ended = apwa("run", "main.apwa", cwd=folder, env=keys)
    assert ended.code == 0, ended.err
    said = answers(folder)
    assert "Permission denied" in said["q0"]
    assert "Permission denied" in said["q1"]
    assert said["q2"] == "MINE"
    assert "Permission denied" in said["q3"]
    assert said["q4"] == "None"
    assert said["q5"] == "declared"


def test_an_endless_loop_of_tools_is_quarantined_and_its_neighbours_are_done(tmp_path: Path) -> None:
    with model_server() as server:
        ended = asked(tmp_path, server.url, '[loop add {"a": 1, "b": 1}]', "[echo fine]", more="max_steps: 5")
        assert server.stats()["requests"] == 6
    assert ended.code == 1
    assert "no answer after 5 steps (`max_steps`); the last one called `add`" in ended.err
    assert answers(tmp_path) == {"q1": "fine"}


def test_secrets_do_not_stand_in_traces(tmp_path: Path) -> None:
    with model_server() as server:
        ended = asked(tmp_path, server.url, '[call lookup {"word": "4711"}]')
    assert ended.code == 0, ended.err
    assert "4711" not in json.dumps(traces(tmp_path))
    assert "<secret>" in json.dumps(traces(tmp_path))
