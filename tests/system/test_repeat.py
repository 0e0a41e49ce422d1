"""`repeat`: rounds of agents that go on until an answer is good enough."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.command import apwa
from tests.support.model_server import Running, model_server
from tests.system.test_resume import kill, prompts_asked, reused, run_of, start, until

IMPROVE = """
record Topic {{ id: str @key  text: str  wanted: int }}
record Better {{ text: str }}
table topics: Topic = read "topics.jsonl"
model server {{ provider: "openai" name: "test" base_url: "{url}" concurrency: 4 }}
task improve(text: str) -> Better {{
  model: server
  prompt: "[echo {{{{ text }}}}+] Make this better."
  on_error: quarantine
}}
flow main {{
  open = topics select {{ id: id, text: text, wanted: wanted }}
  done = open limit 0
  repeat max {most} until (len(open) == 0) {{
    split each = open by row
    better = map improve(text) over each keep id, wanted
    good = better where len(text) >= wanted
    open = better where len(text) < wanted
    done = union(done, good)
    save done to "sofar.jsonl"
  }}
  save done to "done.jsonl"
  save open to "open.jsonl"
}}
"""


def improve(folder: Path, server: Running, wanted: list[int], most: int = 4) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "main.apwa").write_text(IMPROVE.format(url=server.url, most=most))
    rows = [{"id": f"t{n}", "text": f"<{n:03}>", "wanted": 5 + more} for n, more in enumerate(wanted)]
    (folder / "topics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def texts(file: Path) -> list[str]:
    return [row["text"] for row in rows(file)]


def test_rounds_follow_until_the_condition_holds(tmp_path: Path) -> None:
    with model_server() as server:
        improve(tmp_path, server, [2, 1, 2, 1])
        planned = apwa("plan", "main.apwa", cwd=tmp_path)
        ended = apwa("run", "main.apwa", cwd=tmp_path)
        assert (ended.code, server.stats()["requests"]) == (0, 4 + 2), ended.err
        proved = apwa("prove", "main.apwa", cwd=tmp_path), apwa("prove", "--verify", "main.proof.json", cwd=tmp_path)
    assert "better@2 = map improve(text) over open@1" in planned.out
    assert "sub-problems unknown until `until@1` tells whether another round follows" in planned.out
    assert texts(tmp_path / "done.jsonl") == ["<001>+", "<003>+", "<000>++", "<002>++"]
    assert texts(tmp_path / "open.jsonl") == []
    assert texts(tmp_path / "sofar.jsonl") == texts(tmp_path / "done.jsonl")
    report = json.loads((run_of(tmp_path) / "report.json").read_text())
    assert {name: step["done"] for name, step in report["steps"].items()} == {"better@1": 4, "better@2": 2}
    assert [each.code for each in proved] == [0, 0]


def test_rounds_end_after_the_last_and_what_failed_is_not_in_the_next(tmp_path: Path) -> None:
    with model_server(rules=[(r"^\[echo <001>\+\+\]", "no JSON")]) as server:
        improve(tmp_path, server, [9, 9, 1], most=3)
        ended = apwa("run", "main.apwa", cwd=tmp_path)
    assert ended.code == 1
    assert "5 done, 0 failed, 1 quarantined" in ended.out
    assert "better@2[id=t1]" in ended.err
    assert texts(tmp_path / "open.jsonl") == ["<000>+++"]
    assert texts(tmp_path / "done.jsonl") == ["<002>+"]


def test_a_run_that_was_killed_in_the_second_round_goes_on_there(tmp_path: Path) -> None:
    wanted = [n % 4 for n in range(120)]
    with model_server(latency=0.02) as server:
        improve(tmp_path / "undisturbed", server, wanted)
        assert apwa("run", "main.apwa", cwd=tmp_path / "undisturbed").code == 0
        expected = prompts_asked(server)
        server.reset()
        folder = tmp_path / "killed"
        improve(folder, server, wanted)
        process = start("main.apwa", cwd=folder)
        until(lambda: server.stats()["outcomes"].get("200", 0) > 140)
        kill(process)
        ended = apwa("run", "main.apwa", "--resume", cwd=folder)
        assert ended.code == 0, ended.err
        asked = prompts_asked(server)
        assert asked.keys() == expected.keys()
        assert [prompt for prompt, times in asked.items() if times > 1 and ">+]" in prompt] == []
        assert reused(ended) >= 120
    for name in ("done.jsonl", "open.jsonl"):
        assert (folder / name).read_bytes() == (tmp_path / "undisturbed" / name).read_bytes()


AGAIN = """
record Topic {{ id: str @key }}
record Answer {{ text: str }}
table topics: Topic = [{{ id: "a" }}, {{ id: "b" }}]
model server {{ provider: "openai" name: "test" base_url: "{url}" }}
task ask(topic: Topic) -> Answer {{ model: server  prompt: "Say something about {{{{ topic.id }}}}." }}
split each = topics by row
flow main {{
  repeat max 3 until (false) {{
    answers = map ask over each keep id
    save answers to "answers.jsonl"
  }}
  save answers to "last.jsonl"
}}
"""


def test_rounds_that_ask_the_same_have_answers_of_their_own_in_every_run(tmp_path: Path) -> None:
    with model_server(answer="tests.support.counting_answers:count") as server:
        (tmp_path / "main.apwa").write_text(AGAIN.format(url=server.url))
        assert apwa("run", "main.apwa", cwd=tmp_path).code == 0
        assert texts(tmp_path / "last.jsonl") == ["3", "3"]
        again = apwa("run", "main.apwa", cwd=tmp_path)
        assert (reused(again), server.stats()["requests"]) == (6, 6)
        assert texts(tmp_path / "last.jsonl") == ["3", "3"]


def test_a_condition_that_has_no_value_is_told_in_one_line(tmp_path: Path) -> None:
    with model_server() as server:
        improve(tmp_path, server, [1])
        program = (tmp_path / "main.apwa").read_text()
        (tmp_path / "main.apwa").write_text(program.replace("(len(open) == 0)", "(min(open.wanted) == 0)"))
        ended = apwa("run", "main.apwa", cwd=tmp_path)
    assert ended.code == 1
    assert "step `until@1`, the condition of `repeat`: an empty list has no least item" in ended.err
