"""Splits that a model proposes: what is accepted runs, what is no decomposition goes back with a counterexample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Ended, apwa
from tests.support.model_server import Running, model_server

PROGRAM = """
record Note {{ id: str @key  ward: str  words: int  secret: str @secret }}
record Part {{ count: int  first: str }}
table notes: Note = read "notes.jsonl"
model boss {{ provider: "openai" name: "boss" base_url: "{url}" }}
task weigh(index: int, notes: list[Note]) -> Part {{ return: {{ count: len(notes), first: notes[0].id }} }}
split parts = notes by plan(boss, goal: "one for each ward{more})
flow main {{ weights = map weigh(index, rows) over parts keep index  save weights to "weights.jsonl" }}
"""
NULLS: dict[str, object] = dict.fromkeys(("size", "fields", "field", "bounds", "conditions", "keys"))


def project(folder: Path, url: str, more: str = '"') -> None:
    (folder / "main.apwa").write_text(PROGRAM.format(url=url, more=more))
    rows = [{"id": f"n{n}", "ward": "abc"[n % 3], "words": n, "secret": "hush"} for n in range(12)]
    (folder / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def proposes(rule: str, **settings: object) -> list[tuple[str, object]]:
    return [("Goal: ", json.dumps({"rule": rule, **NULLS, **settings}))]


def ran(folder: Path, rules: list[tuple[str, object]], more: str = '"') -> tuple[Ended, list[dict[str, Any]], str]:
    """How a run ended, the last conversation with the manager, and what it was told first."""
    with model_server(rules=rules) as server:
        project(folder, server.url, more)
        ended = apwa("run", "main.apwa", cwd=folder)
        messages: list[dict[str, Any]] = server.requests()[-1]["body"]["messages"]
    return ended, messages, str(messages[1]["content"])


def weights(folder: Path) -> list[tuple[int, int, str]]:
    rows = map(json.loads, (folder / "weights.jsonl").read_text().splitlines())
    return [(row["index"], row["count"], row["first"]) for row in rows]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (proposes("group", fields=["ward"]), [(0, 4, "n0"), (1, 4, "n1"), (2, 4, "n2")]),
        (
            proposes("predicates", conditions=['ward == "a" and words > 2', 'ward == "b"']),
            [(0, 5, "n0"), (1, 4, "n1"), (2, 3, "n3")],
        ),
    ],
    ids=["group", "predicates"],
)
def test_what_is_proposed_runs(
    tmp_path: Path, rules: list[tuple[str, object]], expected: list[tuple[int, int, str]]
) -> None:
    ended, _, told = ran(tmp_path, rules)
    assert ended.code == 0, ended.err
    assert weights(tmp_path) == expected
    assert "model `boss`: 1 calls" in ended.out
    assert '"rows": 12' in told
    assert "hush" not in told


def test_what_is_no_decomposition_goes_back_with_a_counterexample_and_then_fails(tmp_path: Path) -> None:
    counterexample = 'the sub-problems overlap: `words > 3` and `words > 8` both hold for the row id: "n9"'
    ended, messages, _ = ran(tmp_path, proposes("predicates", conditions=["words > 3", "words > 8"]))
    assert counterexample in messages[-1]["content"]
    assert (ended.code, ended.err.count("\n")) == (1, 1), ended.err
    assert ended.err == f"error: model `boss` gave no decomposition of `notes` in 4 attempts: {counterexample}\n"
    assert not (tmp_path / "weights.jsonl").exists()


TYPED = """
record Inner {{ a: str  s: str? @secret }}
record Item {{ id: {key} @key {secret}  n: Inner?  t: datetime? }}
record Part {{ count: int }}
table items: Item = read "items.jsonl"
model boss {{ provider: "openai" name: "boss" base_url: "{url}" }}
task weigh(index: int, items: list[Item]) -> Part {{ return: {{ count: len(items) }} }}
split parts = items by plan(boss, goal: "any")
flow main {{ weights = map weigh(index, rows) over parts keep index  save weights to "weights.jsonl" }}
"""


def typed(
    folder: Path, rules: list[tuple[str, object]], rows: list[dict[str, object]], key: str = "str", secret: str = ""
) -> tuple[Ended, str]:
    """How a run ended, and all that the manager was told."""
    with model_server(rules=rules) as server:
        (folder / "main.apwa").write_text(TYPED.format(url=server.url, key=key, secret=secret))
        (folder / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        ended = apwa("run", "main.apwa", cwd=folder)
        return ended, json.dumps([seen["body"] for seen in server.requests()])


def test_the_manager_is_told_no_secret_wherever_it_stands(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"id": f"HUSH{n}", "n": {"a": "x", "s": "HUSHED"}} for n in range(3)]
    ended, told = typed(tmp_path, proposes("predicates", conditions=["true", "is_null(t)"]), rows, secret="@secret")
    assert "both hold for row 0" in ended.err
    assert "HUSH" not in told + ended.err
    ended, told = typed(tmp_path, proposes("keys", keys=[["HUSH0"]]), rows, secret="@secret")
    assert "`keys` needs a table with one key field, which is no secret" in ended.err
    ended, told = typed(tmp_path, proposes("group", fields=["n"]), rows)
    assert "there is no field `n`; there are id, t" in ended.err
    assert "HUSHED" not in told


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        ("datetime", ["2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"]),
        ("bool", [True, False]),
    ],
)
def test_keys_are_named_as_they_are_shown(tmp_path: Path, key: str, keys: list[object]) -> None:
    rows: list[dict[str, object]] = [{"id": value} for value in keys]
    _, told = typed(tmp_path, proposes("chunk", size=1), rows, key)
    described = json.loads(json.loads(told)[0]["messages"][1]["content"].partition("`items`:\n")[2])
    names = [row["id"] for row in described["sample"]]
    named = [[name if isinstance(name, str) else json.dumps(name)] for name in names]
    ended, _ = typed(tmp_path, proposes("keys", keys=named), rows, key)
    assert ended.code == 0, ended.err
    assert weights_of(tmp_path) == [1, 1]


def weights_of(folder: Path) -> list[int]:
    return [json.loads(line)["count"] for line in (folder / "weights.jsonl").read_text().splitlines()]


def test_times_that_cannot_be_compared_are_told(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"id": "a", "t": "2025-01-01T00:00:00"}, {"id": "b", "t": "2025-01-01T00:00:00Z"}]
    ended, _ = typed(tmp_path, proposes("chunk", size=1), rows)
    assert ended.code == 0, ended.err
    ended, told = typed(tmp_path, proposes("ranges", field="t", bounds=["2025-01-01T00:00:00"]), rows[1:])
    assert ended.code == 1
    assert "only one has an offset" in ended.err
    assert "only one has an offset" in told


def test_no_more_sub_problems_than_the_split_allows(tmp_path: Path) -> None:
    ended, _, told = ran(tmp_path, proposes("chunk", size=2), '", max: 4')
    assert "At most 4 sub-problems." in told
    assert ended.code == 1
    assert "this makes 6 sub-problems, and there may be 4" in ended.err


def test_a_resume_asks_no_more(tmp_path: Path) -> None:
    def go_on(server: Running, expected: int) -> None:
        server.reset()
        ended = apwa("run", "main.apwa", "--resume", cwd=tmp_path)
        assert ended.code == 0, ended.err
        assert server.stats()["requests"] == expected
        assert weights(tmp_path)[:2] == [(0, 4, "n0"), (1, 4, "n1")]

    with model_server(rules=proposes("group", fields=["ward"])) as server:
        project(tmp_path, server.url)
        assert apwa("run", "main.apwa", cwd=tmp_path).code == 0
        go_on(server, 0)
        rows = (tmp_path / "notes.jsonl").read_text() + '{"id": "n12", "ward": "z", "words": 1, "secret": ""}\n'
        (tmp_path / "notes.jsonl").write_text(rows)
        go_on(server, 0)
        assert weights(tmp_path)[-1] == (3, 1, "n12")
        (plan,) = (tmp_path / ".apwa/runs").glob("*/plans/weights.json")
        assert json.loads(plan.read_text())["proposal"]["fields"] == ["ward"]


def again(*inner: tuple[str, object]) -> list[tuple[str, object]]:
    """The answers of a manager that is asked for the table first, and then for its sub-problems."""
    return [*((f"to split again:{pattern}", answer) for pattern, answer in inner), *proposes("group", fields=["ward"])]


def test_sub_problems_that_are_too_large_are_split_again(tmp_path: Path) -> None:
    ((_, halves),) = proposes("chunk", size=2)
    ((_, ranges),) = proposes("ranges", field="words", bounds=["3"])
    rules = again((r'[\s\S]*"least": 0', ranges), ("", halves))
    expected = [(0, 1, "n0"), (1, 2, "n1"), (2, 2, "n2"), (3, 2, "n3"), (4, 2, "n7"), (5, 2, "n8"), (6, 1, "n9")]
    with model_server(rules=rules) as server:
        project(tmp_path, server.url, '", size: 2')
        ended = apwa("run", "main.apwa", cwd=tmp_path)
        assert ended.code == 0, ended.err
        told = [str(seen["body"]["messages"][1]["content"]) for seen in server.requests()]
        assert weights(tmp_path) == expected, told
        assert (len(told), "A sub-problem of more than 2 rows is split again." in told[0]) == (5, True)
        assert sum('"rows": 4' in text for text in told) == 3
        server.reset()
        assert apwa("run", "main.apwa", "--resume", cwd=tmp_path).code == 0
        assert (server.stats()["requests"], weights(tmp_path)) == (0, expected)
    (plan,) = (tmp_path / ".apwa/runs").glob("*/plans/weights.json")
    tree = json.loads(plan.read_text())
    assert (tree["proposal"]["rule"], sorted(tree["again"])) == ("group", ["0", "1", "2"])
    assert tree["again"]["0"]["again"]["1"]["proposal"]["rule"] == "chunk"


def test_what_leaves_a_sub_problem_as_it_is_goes_back(tmp_path: Path) -> None:
    ended, messages, _ = ran(tmp_path, proposes("group", fields=["ward"]), '", size: 3')
    counterexample = "all 4 rows stay in one sub-problem, and none may have more than 3"
    assert counterexample in messages[-1]["content"]
    assert ended.err.endswith(f"gave no decomposition of `notes` in 4 attempts: {counterexample}\n")


def test_a_table_made_in_the_flow_is_split_when_it_is_there(tmp_path: Path) -> None:
    with model_server(rules=proposes("group", fields=["ward"])) as server:
        project(tmp_path, server.url)
        program = (tmp_path / "main.apwa").read_text().replace("split parts = notes by", "split old = notes by row #")
        program = program.replace(
            "weights = map",
            'some = notes where words > 5  split parts = some by plan(boss, goal: "wards")\nweights = map',
        )
        (tmp_path / "main.apwa").write_text(program)
        ended = apwa("run", "main.apwa", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert weights(tmp_path) == [(0, 2, "n6"), (1, 2, "n7"), (2, 2, "n8")]
