"""`apwa test`: tests in the language, with mocks, files and recorded answers."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from tests.support.command import apwa
from tests.support.model_server import model_server

DECLARED = """
param style: "short" | "full" = "short"
record Note { id: str @key  text: str }
record Label { topic: str  score: int }
model small { provider: "openai" name: "small" base_url: "URL" }
table notes: Note = read "notes.jsonl"
task classify(note: Note) -> Label { model: small  prompt: "{{ style }}: {{ note.text }}"  ensure: result.score > 0 }
task name(note: Note) -> str { model: small  prompt: "{{ note.text }}" }
task shout(note: Note) -> str { python: "fns:shout" }
task urgent(note: Note) -> bool { model: small  prompt: "{{ note.text }}" }
task short(note: Note) -> str { require: len(note.text) < 10  return: note.text }
split each = notes by row
flow main { labels = map classify over each keep id  save labels to "labels.jsonl" }
"""


def project(folder: Path, tests: str, url: str = "http://127.0.0.1:9/v1") -> None:
    (folder / "main.apwa").write_text(DECLARED.replace("URL", url) + tests)
    (folder / "fns.py").write_text("def shout(note):\n    return note.text.upper()\n")
    (folder / "notes.jsonl").write_text('{"id": "a", "text": "[set score=7]"}\n')


def test_answers_are_mocked_and_files_are_read(tmp_path: Path) -> None:
    project(
        tmp_path,
        """
        test "labels" {
          mock small = { topic: "news", score: 3 }
          got = classify(Note { id: "n", text: "t" })
          expect got.topic == "news" and got.score > 2
        }
        test "a text" { mock small = "bob"  got = name(Note { id: "n", text: "t" })  expect got == "bob" }
        test "a truth" { mock small = true  got = urgent(Note { id: "n", text: "t" })  expect got }
        test "from files" {
          note: Note = read "fixtures/note.json"
          many: list[Note] = read "fixtures/notes.jsonl"
          answer: json = read "fixtures/answer.json"
          mock small = answer
          got = classify(note)
          loud = shout(many[1])
          expect got.score == 9
          expect loud == "SECOND"
        }
        """,
    )
    fixtures = tmp_path / "fixtures"
    fixtures.mkdir()
    (fixtures / "note.json").write_text('{"id": "x", "text": "y"}')
    (fixtures / "notes.jsonl").write_text('{"id": "1", "text": "first"}\n{"id": "2", "text": "second"}\n')
    (fixtures / "answer.json").write_text('{"topic": "z", "score": 9}')
    ended = apwa("test", cwd=tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert [line[6:].split("  ")[0] for line in ended.out.splitlines()[:4]] == [
        "labels",
        "a text",
        "a truth",
        "from files",
    ]
    assert "4 passed in" in ended.out
    assert not (tmp_path / ".apwa").exists()


def test_what_does_not_hold_is_told_with_both_values(tmp_path: Path) -> None:
    project(
        tmp_path,
        """
        test "values" {
          mock small = { topic: "news", score: 3 }
          got = classify(Note { id: "n", text: "t" })
          expect got.score == 4
          expect got.topic == "olds"
        }
        test "ensure" { mock small = { topic: "", score: 0 }  got = classify(Note { id: "n", text: "t" }) }
        test "wrong shape" { mock small = { topic: 7 }  got = classify(Note { id: "n", text: "t" }) }
        test "require" { got = short(Note { id: "n", text: "far too long" }) }
        test "no mock" { got = name(Note { id: "n", text: "t" }) }
        test "no file" { note: Note = read "none.json" }
        test "fine" { expect style == "short" }
        """,
    )
    ended = apwa("test", "main.apwa", "--junit", "out.xml", cwd=tmp_path)
    assert ended.code == 1
    assert ended.err == ""
    assert [line[6:].split("  ")[0] for line in ended.out.splitlines() if line.startswith("ok ")] == ["fine"]
    assert "main.apwa:18:18: `expect got.score == 4` does not hold\n        left  = 3\n        right = 4\n" in ended.out
    assert 'left  = "news"\n        right = "olds"' in ended.out
    assert "`classify` gave no result: `ensure: result.score > 0` does not hold" in ended.out
    assert "`classify` gave no result: topic: expected str, found 7" in ended.out
    assert "`short` gave no result: `require: len(note.text) < 10` does not hold" in ended.out
    assert "model `small` is not mocked in this test: write `mock small = …`" in ended.out
    assert "cannot read `none.json`: No such file or directory" in ended.out
    assert "1 passed, 6 failed in" in ended.out
    (suite,) = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("7", "6")
    assert len(suite.findall("testcase/failure")) == 6


def test_odd_files_and_names(tmp_path: Path) -> None:
    (tmp_path / "main.apwa").write_text(
        """
        record User { name: str  pin: str? @secret }
        test "a \\u{1} b" { expect 1 == 2 }
        test "guarded" {
          xs: list[int] = read "empty.json"
          expect len(xs) > 0 and xs[0] == 1
          expect len(xs) == 5
        }
        test "lines" { users: list[User] = read "users.jsonl"  expect len(users) == 2 }
        test "text" { text: str = read "text.json"  expect text == "abc" }
        test "secret" { user: User = read "user.json"  expect user.pin == "1" }
        """
    )
    (tmp_path / "broken.apwa").write_text("task {")
    (tmp_path / "empty.json").write_text("[]")
    (tmp_path / "users.jsonl").write_text('{"name": "a\u2028b"}\n{"name": "c\x85d"}\n', encoding="utf-8")
    (tmp_path / "text.json").write_text('"abc"')
    (tmp_path / "user.json").write_text('{"name": "n", "pin": "HUSHED"}')
    ended = apwa("test", "--junit", "out.xml", cwd=tmp_path)
    assert ended.code == 1
    assert "ok    lines" in ended.out
    assert "ok    text" in ended.out
    assert "`expect len(xs) > 0 and xs[0] == 1` does not hold\n        left  = 0\n        right = 0\n" in ended.out
    assert "`expect len(xs) == 5` does not hold" in ended.out
    assert "HUSHED" not in ended.out + (tmp_path / "out.xml").read_text()
    broken, whole = ElementTree.parse(tmp_path / "out.xml").getroot().findall("testsuite")[::-1]
    assert (broken.get("name"), broken.get("errors"), whole.get("failures")) == ("broken.apwa", "1", "3")
    nothing = apwa("test", "main.apwa", "-k", "no such", cwd=tmp_path)
    assert (nothing.code, "no test has `no such` in its name" in nothing.err) == (2, True)


def test_the_turns_of_an_agent_are_mocked(tmp_path: Path) -> None:
    (tmp_path / "main.apwa").write_text(
        """
        record Answer { said: str }
        model m { provider: "openai" name: "m" base_url: "http://127.0.0.1:9/v1" }
        tool add(a: int, b: int) -> int { python: "tools:add" }
        task answer(text: str) -> Answer { model: m  prompt: "{{ text }}"  tools: [add]  max_steps: 3 }
        test "at once" { mock m = { said: "1" }  got = answer("x")  expect got.said == "1" }
        test "by a tool" {
          mock m = [{ tool: "add", arguments: { a: 1, b: 2 } }, { tool: "gone", arguments: {} }, { said: "3" }]
          got = answer("x")
          expect got.said == "3"
        }
        test "without an end" {
          mock m = [{ tool: "add" }, { tool: "add", arguments: {} }, { tool: "add", arguments: { a: 1 } }]
          got = answer("x")
        }
        test "too few" { mock m = [{ tool: "add", arguments: { a: 1, b: 1 } }]  got = answer("x") }
        """
    )
    (tmp_path / "tools.py").write_text("def add(a, b):\n    return a + b\n")
    ended = apwa("test", cwd=tmp_path)
    assert ended.code == 1
    assert "2 passed, 2 failed in" in ended.out
    assert "`answer` gave no result: no answer after 3 steps (`max_steps`); the last one called `add`" in ended.out
    assert "the mock of `m` has 1 turns, and is asked for one more" in ended.out


def test_recorded_answers_are_replayed(tmp_path: Path) -> None:
    tests = """
    test "seven" { got = classify(Note { id: "a", text: "[set score=7]" })  expect got.score == 7 }
    test "never asked" { got = classify(Note { id: "b", text: "other" }) }
    """
    with model_server() as server:
        project(tmp_path, tests, server.url)
        assert apwa("run", "main.apwa", cwd=tmp_path).code == 0
        asked = server.stats()["requests"]
        (run,) = json.loads(apwa("runs", "--output-format", "json", cwd=tmp_path).out)
        ended = apwa("test", "main.apwa", "--replay", run["id"], cwd=tmp_path)
        assert server.stats()["requests"] == asked
    assert ended.code == 1
    assert "ok    seven" in ended.out
    assert f"run {run['id']} has no answer of `classify` to these arguments" in ended.out


def test_parameters_names_and_files_with_errors(tmp_path: Path) -> None:
    project(tmp_path, 'test "full" { expect style == "full" }\ntest "never" { expect false }\n')
    (tmp_path / "broken.apwa").write_text("task {")
    ended = apwa("test", "-k", "full", "--param", "style=full", cwd=tmp_path)
    assert ended.code == 1
    assert "1 passed, 1 file with errors in" in ended.out
    assert "broken.apwa" in ended.err
