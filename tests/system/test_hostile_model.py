"""A model that means harm: whatever it says, its own sub-problem answers for it, and nothing gets out of its place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.support.command import Ended, apwa
from tests.support.hostile_answers import DEEP, ESCAPES, HOSTILE
from tests.support.model_server import model_server

PROGRAM = """
record Question {{ id: str @key  text: str  pin: str @secret }}
record Answer {{ said: str  score: int }}
table questions: Question = read "questions.jsonl"
model m {{ provider: "openai" name: "m" base_url: "{url}" {model} }}
tool add(a: int, b: int) -> int {{ python: "tools:add" }}
tool lookup(word: str) -> str {{ python: "tools:lookup" {tool} }}
task answer(question: Question) -> {result} {{
  model: m
  prompt: "{{{{ question.text }}}} {prompt}"
  tools: [add, lookup]
  max_steps: 3  retry: 1  backoff: 1ms  on_error: quarantine
}}
split each = questions by row
flow main {{ answers = map answer over each keep id  save answers to "answers.jsonl" }}
"""
TOOLS = """
import os


def add(a, b):
    return a + b


def lookup(word):
    return "half \\ud83d" if word == "half" else word[::-1] + os.environ.get("BOOK_KEY", "")
"""

# Of each thing that is said: why it is quarantined, or None where the model may go on.
SCHEMA = {
    "deep": "recursion limit exceeded",
    "deep-object": "recursion limit exceeded",
    "deep-reply": "did not answer in JSON",
    "nested-call": "did not answer in JSON",
    "half-name": "half of a surrogate pair",
    "raw-half-arguments": "half of a surrogate pair",
    "half": "unexpected end of hex escape",
    "half-wrong": "unexpected end of hex escape",
    "told-half-tool": "unexpected end of hex escape",
    "told-half-answer": "unexpected end of hex escape",
    "told-deep": "recursion limit exceeded",
    "half-refusal": "the model refused: ?",
    "escaped-wrong": "score: expected int, found ",
    "escaped-refusal": "the model refused: ?]0;owned",
    "latin": "did not answer in JSON",
    "utf16": "is not valid JSON",
    "long-number": "number out of range",
    "odd-parts": "holds no message",
    "no-object": "holds no message",
    "just-text": "holds no message",
    "nothing": "holds no message",
    "no-bytes": "did not answer in JSON",
}


PIN = 'pin "47"11'
STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def asked(
    folder: Path, *texts: str, model: str = "", result: str = "Answer", tool: str = "", prompt: str = ""
) -> Ended:
    with model_server() as server:
        (folder / "main.apwa").write_text(
            PROGRAM.format(url=server.url, model=model, result=result, tool=tool, prompt=prompt)
        )
        (folder / "tools.py").write_text(TOOLS)
        rows = [{"id": f"q{n}", "text": text, "pin": PIN} for n, text in enumerate(texts)]
        (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return apwa("run", "main.apwa", cwd=folder, env={"BOOK_KEY": "key-of-the-book"})


def rows_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def ends(folder: Path, names: list[str]) -> dict[str, str | None]:
    """Why each was quarantined; None where it was answered."""
    (failures,) = folder.glob(".apwa/runs/*/failures.jsonl")
    reasons = {row["identity"]["id"]: row["reason"] for row in rows_of(failures)}
    assert {row["id"] for row in rows_of(folder / "answers.jsonl")} | set(reasons) == {
        f"q{n}" for n in range(len(names))
    }
    return {name: reasons.get(f"q{number}") for number, name in enumerate(names)}


def trace(folder: Path, ordinal: int) -> list[dict[str, Any]]:
    (file,) = folder.glob(".apwa/runs/*/traces/answers.jsonl")
    (steps,) = (entry["steps"] for entry in rows_of(file) if entry["ordinal"] == ordinal)
    return steps  # type: ignore[no-any-return]


def test_whatever_a_model_says_costs_its_own_sub_problem_alone(tmp_path: Path) -> None:
    names = [*HOSTILE, "fine"]
    ended = asked(tmp_path, *(f"[fault {name}]" for name in HOSTILE), "[echo fine]")
    assert ended.code == 1
    assert "internal error" not in ended.err
    assert not STEERS.search(ended.err + ended.out)
    found = ends(tmp_path, names)
    assert {name for name, reason in found.items() if reason is not None} == set(SCHEMA)
    assert {name: reason for name, reason in SCHEMA.items() if reason not in str(found[name])} == {}
    assert re.search(r"calls, \d tokens in, \d\d? out", ended.out), ended.out
    (calls,) = (step["calls"] for step in trace(tmp_path, names.index("many-calls")) if "calls" in step)
    assert [call["result"] for call in calls[:16]] == ["2"] * 16
    assert [call["error"] for call in calls[16:]] == [
        "error: more than 16 calls in one turn; make the others in the next"
    ]
    (file,) = tmp_path.glob(".apwa/runs/*/traces/answers.jsonl")
    assert file.stat().st_size < 500_000


def test_a_model_without_tools_of_its_server_may_not_do_more(tmp_path: Path) -> None:
    names = ["told-half-tool", "told-half-answer", "told-deep", "escapes"]
    ended = asked(tmp_path, *(f"[fault {name}]" for name in names), model='structured: "text"', result="str")
    found = ends(tmp_path, names)
    assert "half of a surrogate pair" in str(found["told-half-tool"])
    assert "half of a surrogate pair" in str(found["told-half-answer"])
    assert found["told-deep"] is None
    assert "\x1b" not in ended.err + ended.out
    answers = {row["id"]: row["value"] for row in rows_of(tmp_path / "answers.jsonl")}
    assert len(answers["q2"]) > DEEP


def test_what_a_tool_says_must_be_text(tmp_path: Path) -> None:
    ended = asked(tmp_path, '[told] [call lookup {"word": "half"}]')
    assert ended.code == 0, ended.err
    assert "holds text that is not Unicode" in rows_of(tmp_path / "answers.jsonl")[0]["said"]


def test_a_trace_tells_no_secret_in_whatever_way_it_is_spelt(tmp_path: Path) -> None:
    script = ('[call lookup {"word": "11\\"74\\" nip"}]', '[call lookup {"word": "pin \\u0022\\u0034\\u0037\\"11"}]')
    told, untold = tmp_path / "told", tmp_path / "untold"
    for folder, prompt in ((told, "{{ question.pin | upper }}"), (untold, "{{ question.id }}")):
        folder.mkdir()
        ended = asked(folder, *script, tool="secrets: BOOK_KEY", prompt=prompt)
        assert ended.code == 0, ended.err
        (file,) = folder.glob(".apwa/runs/*/traces/answers.jsonl")
        text = file.read_text()
        assert "key-of-the-book" not in text
        assert '"47' not in text.replace("\\", "")
        assert "u0034" not in text
    (call,) = trace(told, 0)[1]["calls"]
    assert (call["tool"], call["arguments"], call["result"]) == ("lookup", "<secret>", "<secret>")
    (call,) = trace(untold, 0)[1]["calls"]
    assert json.loads(call["arguments"]) == {"word": '11"74" nip'}
    assert call["result"] == "<secret><secret>"


def test_neither_an_answer_nor_a_row_steers_a_terminal(tmp_path: Path) -> None:
    given = f'Question {{ id: "q0", text: "[fault escapes]", pin: {json.dumps(PIN)} }}'
    assert asked(tmp_path, "[fault escapes]", result="str").code == 0
    with (tmp_path / "main.apwa").open("a") as program:
        program.write(f'test "replayed" {{ got = answer({given})  expect got == "harmless" }}\n')
    (run,) = (tmp_path / ".apwa/runs").iterdir()
    replayed = apwa("test", "main.apwa", "--replay", run.name, cwd=tmp_path)
    assert replayed.code == 1
    assert "]0;owned" in replayed.out
    rows = "".join(json.dumps({"id": ESCAPES, "text": "", "pin": ""}) + "\n" for _ in range(2))
    (tmp_path / "questions.jsonl").write_text(rows)
    doubled = apwa("run", "main.apwa", cwd=tmp_path)
    assert doubled.code == 1
    assert "31m" in doubled.err
    assert not STEERS.search(replayed.out + replayed.err + doubled.out + doubled.err)


FILES = """
record Topic {{ id: str @key  name: str }}
record Named {{ name: str }}
record Page {{ text: str }}
table topics: Topic = read "topics.jsonl"
model m {{ provider: "openai" name: "m" base_url: "{url}" }}
task ask(topic: Topic) -> Named {{ model: m  prompt: "{{{{ topic.name }}}}" }}
task page(id: str, name: str) -> Page {{
  model: m
  prompt: "A page on {{{{ name }}}}"
  writes: "out/{{{{ name }}}}/{{{{ id }}}}.json"
  on_error: quarantine
}}
split each = topics by row
flow main {{
  names = map ask over each keep id
  split each_name = names by row
  pages = map page(id, name) over each_name
  save pages to "pages.jsonl"
}}
"""


def test_a_model_names_no_file_outside_and_writes_no_template(tmp_path: Path) -> None:
    folder = tmp_path / "program"
    folder.mkdir()
    names = ["fine", "../../evil", "/tmp/evil", "..", ".", "", "a\0b", "x" * 300, "{{ cycler.__init__ }}"]
    with model_server() as server:
        (folder / "main.apwa").write_text(FILES.format(url=server.url))
        rows = [{"id": f"t{n}", "name": f"[set name={json.dumps(name)}]"} for n, name in enumerate(names)]
        (folder / "topics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        ended = apwa("run", "main.apwa", cwd=folder)
        prompts = [seen["body"]["messages"][0]["content"] for seen in server.requests()]
    assert ended.code == 1
    assert "internal error" not in ended.err
    written = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.json") if ".apwa" not in file.parts)
    assert written == ["program/out/fine/t0.json", "program/out/{{ cycler.__init__ }}/t8.json"], ended.err
    assert "A page on {{ cycler.__init__ }}" in prompts
    assert not Path("/tmp/evil.json").exists()
