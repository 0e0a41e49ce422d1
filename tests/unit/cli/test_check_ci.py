"""What continuous integration reads of `apwa check`: the problem matcher, SARIF, the hooks of pre-commit."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from apwa_lang.cli.main import COMMANDS, run
from apwa_lang.diagnostics.registry import find

ROOT = Path(__file__).parents[3]
PROGRAM = """
record N { id: str @key }
record M { id: str, ward: str? = null }
test "t" { got = 1 }
table notes: N = read "notes.jsonl"
split each = notes by row
task work(note: N) -> str { return: note.id  writes: "one.txt" }
flow main { done = map work over each save done to "done.jsonl" }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("my programs").mkdir()
    Path("my programs/a.apwa").write_text(PROGRAM)
    return tmp_path


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["check", *arguments]) == 1
    return capsys.readouterr().out


def matched(matcher: dict[str, Any], text: str) -> list[dict[str, str]]:
    """What GitHub's runner makes of a log: the patterns of a matcher, line after line."""
    patterns = matcher["pattern"]
    found: list[dict[str, str]] = []
    values: dict[str, str] = {}
    stage = 0
    for line in text.splitlines():
        hit = re.search(patterns[stage]["regexp"], line)
        if hit is None:
            stage, values = 0, {}
            continue
        values |= {name: hit[group] for name, group in patterns[stage].items() if name != "regexp"}
        stage += 1
        if stage == len(patterns):
            found.append(values)
            stage, values = 0, {}
    return found


def test_the_problem_matcher_reads_the_text_output(capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys)
    listed = json.loads(output(capsys, "--output-format", "json"))
    [matcher] = json.loads((ROOT / "docs/ci/apwa-problem-matcher.json").read_text())["problemMatcher"]
    assert matched(matcher, text) == [
        {
            "severity": one["severity"],
            "code": one["code"],
            "message": one["message"],
            "file": one["file"],
            "line": str(one["start"]["line"]),
            "column": str(one["start"]["column"]),
        }
        for one in listed
        if one["severity"] != "note"
    ]
    assert {one["severity"] for one in listed} == {"error", "warning", "note"}


def test_sarif_tells_all_of_a_lint_rule(capsys: pytest.CaptureFixture[str]) -> None:
    [log] = json.loads(output(capsys, "--output-format", "sarif"))["runs"]
    rules = {rule["id"]: rule for rule in log["tool"]["driver"]["rules"]}
    results = {result["ruleId"]: result for result in log["results"]}
    assert set(rules) == set(results) == {"APWA301", "APWA501", "APWA590", "APWA610"}
    for id, rule in rules.items():
        code = find(id)
        assert code is not None
        assert rule["defaultConfiguration"]["level"] == results[id]["level"] == code.severity
        assert code.bad in rule["help"]["markdown"] and code.title == rule["shortDescription"]["text"]
        assert log["tool"]["driver"]["rules"][results[id]["ruleIndex"]] is rule
        [place] = results[id]["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == "my%20programs/a.apwa"
    [fix] = results["APWA590"]["fixes"]
    [change] = fix["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 3, "startColumn": 31, "endLine": 3, "endColumn": 38},
            "insertedContent": {"text": ""},
        }
    ]


def test_the_hooks_call_commands_that_there_are() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["apwa-check", "apwa-fmt"]
    for hook in hooks:
        program, command, *_ = hook["entry"].split()
        assert program == "apwa" and command in COMMANDS
        assert re.search(hook["files"], "some/program.apwa") and not re.search(hook["files"], "program.py")
