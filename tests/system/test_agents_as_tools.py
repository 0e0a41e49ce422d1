"""Tasks that an agent has among its tools: they are asked within the agent's own sub-problem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Ended, apwa, python
from tests.support.model_server import model_server

PROGRAM = """
record Question {{ id: str @key  text: str  pin: str @secret }}
record Answer {{ said: str }}
record Total {{ sum: str }}
table questions: Question = read "questions.jsonl"
param bonus: int = 1
model chief {{ provider: "openai"  name: "chief"  base_url: "{url}"  structured: "{manner}" }}
model clerk {{ provider: "openai"  name: "clerk"  base_url: "{url}"  structured: "{manner}" }}

tool add(a: int, b: int) -> int {{ python: "tools:add" }}

## Reckons a total.
task reckon(n: int) -> Total {{
  model: clerk
  prompt: "{more}[told] [call add {{{{ '{{' }}}}\\"a\\": {{{{ n }}}}, \\"b\\": {{{{ bonus }}}}{{{{ '}}' }}}}]"
  tools: [add]
  require: n < 100
  ensure: result.sum != "13"
  retry: 0
}}
task answer(question: Question) -> Answer {{
  model: chief
  prompt: "{{{{ question.text }}}}"
  tools: [reckon]
  on_error: quarantine
}}
split each = questions by row
flow main {{ answers = map answer over each keep id  save answers to "answers.jsonl" }}
"""


def project(folder: Path, url: str, *texts: str, manner: str = "schema", more: str = "") -> None:
    (folder / "main.apwa").write_text(PROGRAM.format(url=url, manner=manner, more=more))
    (folder / "tools.py").write_text("def add(a, b):\n    return a + b\n")
    rows = [{"id": f"q{n}", "text": text, "pin": "4711"} for n, text in enumerate(texts)]
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def run(folder: Path, *more: str) -> Ended:
    return apwa("run", "main.apwa", *more, cwd=folder)


def answers(folder: Path) -> dict[str, str]:
    return {row["id"]: row["said"] for row in map(json.loads, (folder / "answers.jsonl").read_text().splitlines())}


def traces(folder: Path) -> dict[int, list[Any]]:
    (file,) = folder.glob(".apwa/runs/*/traces/answers.jsonl")
    return {entry["ordinal"]: entry["steps"] for entry in map(json.loads, file.read_text().splitlines())}


@pytest.mark.parametrize("manner", ["schema", "tools", "text"])
def test_an_agent_asks_another_that_has_tools_of_its_own(tmp_path: Path, manner: str) -> None:
    with model_server() as server:
        project(tmp_path, server.url, '[told] [call reckon {"n": 41}]', "[echo at once]", manner=manner)
        ended = run(tmp_path)
        asked = [request["body"]["model"] for request in server.requests()]
    assert ended.code == 0, ended.err
    assert "42" in answers(tmp_path)["q0"]
    assert answers(tmp_path)["q1"] == "at once"
    assert sorted(asked) == ["chief"] * 3 + ["clerk"] * 2
    assert "model `chief`: 3 calls" in ended.out
    assert "model `clerk`: 2 calls" in ended.out
    (_, first, _) = traces(tmp_path)[0]
    (call,) = first["calls"]
    assert call["tool"] == "reckon"
    (own,) = (step for step in call["steps"] if "calls" in step)
    assert [one["tool"] for one in own["calls"]] == ["add"]


def test_what_is_imported_has_a_name_that_servers_take(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, server.url, '[told] [call lib_reckon {"n": 41}]')
        program = (tmp_path / "main.apwa").read_text()
        start, end = program.index("model chief"), program.index("task answer")
        library = program[start:end].replace("{{ bonus }}", "1").replace("call add", "call lib_add")
        (tmp_path / "lib.apwa").write_text("record Total { sum: str }\n" + library)
        program = program[:start] + program[end:]
        program = program.replace("model: chief", "model: lib.chief").replace("[reckon]", "[lib.reckon]")
        (tmp_path / "main.apwa").write_text('import "lib.apwa" as lib\n' + program)
        ended = run(tmp_path)
        named = {tool["function"]["name"] for one in server.requests() for tool in one["body"].get("tools", ())}
    assert ended.code == 0, ended.err
    assert "42" in answers(tmp_path)["q0"]
    assert named == {"lib_reckon", "lib_add"}


def test_what_an_agent_refuses_or_fails_at_is_told_to_the_one_that_asked(tmp_path: Path) -> None:
    with model_server() as server:
        texts = [
            f"[told] [call reckon {arguments}]" for arguments in ('{"n": 12}', '{"n": 100}', '{"n": "x"}', '{"m": 1}')
        ]
        project(tmp_path, server.url, *texts)
        ended = run(tmp_path)
    assert ended.code == 0, ended.err
    said = answers(tmp_path)
    assert 'error: `reckon` gave no answer: `ensure: result.sum != "13"` does not hold' in said["q0"]
    assert "error: `require: n < 100` does not hold" in said["q1"]
    assert "error: these are no arguments of `reckon`: n" in said["q2"]
    assert "error: these are no arguments of `reckon`" in said["q3"]


def test_an_agent_that_never_ends_is_ended_by_its_steps(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, server.url, '[told] [call reckon {"n": 1}]')
        program = (tmp_path / "main.apwa").read_text().replace("tools: [add]", "tools: [add]  max_steps: 3")
        program = program.replace("[call add", "[loop add")
        (tmp_path / "main.apwa").write_text(program)
        ended = run(tmp_path)
        assert server.stats()["requests"] == 5
    assert ended.code == 0, ended.err
    assert "error: `reckon` gave no answer: no answer after 3 steps" in answers(tmp_path)["q0"]


def test_results_are_kept_until_the_other_agent_changes(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, server.url, '[told] [call reckon {"n": 41}]')
        assert run(tmp_path).code == 0
        first = server.stats()["requests"]
        assert run(tmp_path, "--resume").code == 0
        assert server.stats()["requests"] == first
        assert run(tmp_path, "--resume", "--param", "bonus=2").code == 0
        assert "43" in answers(tmp_path)["q0"]
        project(tmp_path, server.url, '[told] [call reckon {"n": 41}]', more="Politely. ")
        before = server.stats()["requests"]
        assert run(tmp_path, "--resume").code == 0
        assert server.stats()["requests"] == before + 4


def test_what_an_agent_spends_counts_for_the_one_that_asked(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, server.url, *['[told] [call reckon {"n": 41}]'] * 40)
        program = (tmp_path / "main.apwa").read_text()
        program = program.replace("tools: [reckon]", "tools: [reckon]  budget: { tokens: 150 }")
        (tmp_path / "main.apwa").write_text(program.replace('name: "chief"', 'name: "chief"  concurrency: 1'))
        ended = run(tmp_path)
        asked = [request["body"]["model"] for request in server.requests()]
    assert ended.code == 1, ended.out
    assert "budget" in ended.err
    assert len(asked) < 40


def test_secrets_do_not_stand_in_the_steps_of_an_agent_that_was_asked(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, server.url, '[told] [call reckon {"n": 4}]')
        program = (tmp_path / "main.apwa").read_text()
        (tmp_path / "main.apwa").write_text(
            program.replace("{{ question.text }}", "{{ question.text }}{{ question.pin }}")
        )
        ended = run(tmp_path)
    assert ended.code == 0, ended.err
    (_, first, _) = traces(tmp_path)[0]
    (call,) = first["calls"]
    (own,) = (step for step in call["steps"] if "calls" in step)
    assert (
        call["arguments"] == call["result"] == own["calls"][0]["arguments"] == own["calls"][0]["result"] == "<secret>"
    )


def test_a_compiled_program_has_its_agents(tmp_path: Path) -> None:
    with model_server() as server:
        project(tmp_path, server.url, '[told] [call reckon {"n": 41}]')
        assert apwa("compile", "main.apwa", "-o", "main.py", cwd=tmp_path).code == 0
        (tmp_path / "main.apwa").unlink()
        ended = python("main.py", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert "42" in answers(tmp_path)["q0"]


def test_mocks_answer_for_agents_without_asking_their_tools(tmp_path: Path) -> None:
    project(tmp_path, "http://127.0.0.1:9")
    test = """
test "chief" {
  mock chief = { said: "x" }
  answered = answer({ id: "a", text: "t", pin: "1" })
  expect answered.said == "x"
}
"""
    (tmp_path / "main.apwa").write_text((tmp_path / "main.apwa").read_text() + test)
    ended = apwa("test", "main.apwa", cwd=tmp_path)
    assert ended.code == 0, ended.out + ended.err
