"""Models that a Python function of the user asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cluster import real_cluster
from tests.support.command import Ended, apwa

PROGRAM = """
record Note {{ id: str @key  text: str }}
record Label {{ topic: str  score: int }}
table notes: Note = read "notes.jsonl"
model mine {{ provider: python "models:{factory}"  name: "m-1"  api_key: secret("KEY")  concurrency: 4  timeout: 1s }}
tool twice(text: str) -> str {{ python: "tools:twice" }}
task classify(note: Note) -> Label {{
  model: mine  prompt: "{{{{ note.text }}}}"  retry: 1  backoff: 10ms  on_error: quarantine  {more}
}}
split each = notes by row
flow main {{ labels = map classify over each keep id  save labels to "labels.jsonl" }}
"""
MODELS = """
import asyncio
import json
import time

from apwa_runtime.models.protocol import Answer
from words import shout


class Caller:
    def __init__(self, name, api_key):
        self.name, self.key = name, api_key

    def __call__(self, messages, schema):
        text = messages[-1]["content"]
        if text == "fails":
            raise ValueError(f"no luck with {self.key}")
        if text == "slow":
            time.sleep(2)
        if text == "nothing":
            return object()
        return Answer(json.dumps({"topic": shout(text), "score": len(schema["properties"])}), 7, 5)


def threads(name, api_key):
    return Caller(name, api_key)


def coroutine(name, api_key):
    async def ask(messages, schema):
        await asyncio.sleep(0.01)
        return {"topic": shout(messages[-1]["content"]), "score": 2}

    return ask


def agent(name, api_key):
    def ask(messages, schema):
        if len(messages) < 4:
            return {"tool": "twice", "arguments": {"text": messages[-1]["content"]}}
        return {"answer": {"topic": messages[-1]["content"].splitlines()[-1], "score": len(schema["anyOf"])}}

    return ask


def broken(name, api_key):
    raise RuntimeError(f"cannot use {api_key}")


def wrong(name):
    return None
"""


def run(folder: Path, factory: str, *texts: str, more: str = "", arguments: tuple[str, ...] = ()) -> Ended:
    (folder / "main.apwa").write_text(PROGRAM.format(factory=factory, more=more))
    (folder / "models.py").write_text(MODELS)
    (folder / "words.py").write_text("def shout(text):\n    return text.upper()\n")
    (folder / "tools.py").write_text("def twice(text):\n    return text + text\n")
    rows = [json.dumps({"id": f"n{number}", "text": text}) + "\n" for number, text in enumerate(texts)]
    (folder / "notes.jsonl").write_text("".join(rows))
    return apwa("run", "main.apwa", *arguments, cwd=folder, env={"KEY": "hush-1234"})


def topics(folder: Path) -> dict[str, str]:
    return {row["id"]: row["topic"] for row in map(json.loads, (folder / "labels.jsonl").read_text().splitlines())}


@pytest.mark.parametrize("factory", ["threads", "coroutine"])
def test_a_function_answers(tmp_path: Path, factory: str) -> None:
    ended = run(tmp_path, factory, *(f"t{number}" for number in range(40)))
    assert ended.code == 0, ended.err
    assert topics(tmp_path) == {f"n{number}": f"T{number}" for number in range(40)}
    assert "model `mine`: 40 calls" in ended.out
    assert (factory != "threads") or "280" in ended.out


def test_what_goes_wrong_is_its_sub_problem_s_alone_and_tells_no_secret(tmp_path: Path) -> None:
    ended = run(tmp_path, "threads", "fine", "fails", "slow", "nothing")
    assert ended.code == 1
    assert topics(tmp_path) == {"n0": "FINE"}
    assert "`mine` failed: ValueError: no luck with ***" in ended.err
    assert "`mine` gave no answer within 1 s" in ended.err
    assert "`mine` returned no answer" in ended.err
    kept = "".join(file.read_text(errors="replace") for file in (tmp_path / ".apwa").rglob("*") if file.is_file())
    assert "hush-1234" not in ended.err + ended.out + kept


@pytest.mark.parametrize(
    ("factory", "said"),
    [
        ("broken", "model `mine`: `models:broken` failed: RuntimeError: cannot use ***"),
        ("wrong", "model `mine`: provider `python` has no setting `api_key`; it has name"),
        ("missing", "model `mine`: cannot import `models:missing`"),
    ],
)
def test_a_factory_that_makes_no_model_ends_the_run_before_anything_starts(
    tmp_path: Path, factory: str, said: str
) -> None:
    ended = run(tmp_path, factory, "text")
    assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
    assert said in ended.err


def test_an_agent_may_be_of_one_s_own(tmp_path: Path) -> None:
    ended = run(tmp_path, "agent", "ab", more="tools: [twice]")
    assert ended.code == 0, ended.err
    assert topics(tmp_path) == {"n0": "abab"}


def test_its_module_is_sent_to_workers(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with real_cluster(elsewhere, [{}], {"KEY": "hush-1234"}) as cluster:
        for name in ("one", "two"):
            folder = tmp_path / name
            folder.mkdir()
            ended = run(folder, "coroutine", name, arguments=("--scheduler", cluster.address))
            assert ended.code == 0, ended.err
            assert topics(folder) == {"n0": name.upper()}
