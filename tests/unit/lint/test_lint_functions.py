"""What lint says of Python functions is what the proofs know of them, calls of helpers included."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.lint.selection import Selection
from apwa_lang.syntax.source import Source

MODULES = {
    "stamps.py": """import clock

def stamp(note):
    return clock.stamped(note.id)

def size(note):
    return 1

seen = []

def count(note):
    seen.append(note.id)
    return len(seen)
""",
    "clock.py": """import time

def stamped(text):
    return f"{now()} {text}"

def now():
    return time.time()
""",
    "dice.py": """import random

def roll(sides: int) -> int:
    return random.randint(1, sides)
""",
}
NOTES = """
record Note { id: str @key }
table notes: Note = read "notes.jsonl"
split each = notes by row
model small { provider: "local" }
tool roll(sides: int) -> int { python: "dice:roll" }
tool sums = calculate
tool ask = fetch("example.org")
"""


def lint(folder: Path, task: str, *codes: str) -> tuple[Diagnostic, ...]:
    for name, text in MODULES.items():
        (folder / name).write_text(text)
    text = f'{NOTES}{task}\nflow main {{ got = map go over each keep id  save got to "out/got.jsonl" }}\n'
    return check(Source(text, "main.apwa", folder / "main.apwa"), lint=Selection(select=codes)).diagnostics


@pytest.mark.parametrize(
    "task",
    [
        pytest.param('task go(note: Note) -> int { python: "stamps:size"  cache: on }', id="a pure function"),
        pytest.param('task go(note: Note) -> str { python: "stamps:stamp" }', id="no cache"),
        pytest.param(
            'task go(note: Note) -> str { model: small  prompt: "{{ note.id }}"  tools: [sums]  cache: on }',
            id="a tool that gives the same each time",
        ),
    ],
)
def test_a_cache_of_what_comes_again_is_silent(tmp_path: Path, task: str) -> None:
    assert lint(tmp_path, task, "APWA570") == ()


@pytest.mark.parametrize(
    ("task", "label", "facts"),
    [
        pytest.param(
            'task go(note: Note) -> str { python: "stamps:stamp"  cache: on }',
            "it does not give the same each time",
            (
                "`clock.stamped` is called in stamps.py:4",
                "`clock.now` is called in clock.py:4",
                "`clock.now` in clock.py:7 asks for the time through `time.time`",
            ),
            id="a helper in another module asks the clock",
        ),
        pytest.param(
            'task go(note: Note) -> str { model: small  prompt: "{{ note.id }}"  tools: [sums, roll]  cache: on }',
            "it does not give the same each time",
            ("`dice.roll` in dice.py:4 draws a random value from `random.randint`",),
            id="a tool draws by chance",
        ),
        pytest.param(
            'task go(note: Note) -> str { model: small  prompt: "{{ note.id }}"  tools: [ask]  cache: on }',
            "this tool may answer differently",
            (),
            id="a tool asks the network",
        ),
        pytest.param(
            'task go(note: Note) -> int { python: "stamps:size"  reads: { old: "old/{{ note.id }}" }  cache: on }',
            "what this file holds may have changed",
            (),
            id="a file is read",
        ),
    ],
)
def test_a_cache_of_what_may_come_otherwise_is_told(
    tmp_path: Path, task: str, label: str, facts: tuple[str, ...]
) -> None:
    found = next(one for one in lint(tmp_path, task, "APWA570") if one.code == "APWA570")
    assert [one.text for one in found.secondary] == [label]
    assert found.facts == facts


@pytest.mark.parametrize(
    ("task", "found"),
    [
        pytest.param('python: "stamps:size"  trust: "it is pure"', ["APWA571"], id="the function is proved pure"),
        pytest.param('python: "stamps:count"  trust: "it only counts"', [], id="the function keeps state"),
        pytest.param('python: "stamps:size"  network: "example.org"  trust: "asks"', [], id="a host is asked"),
    ],
)
def test_trust_is_needless_where_all_is_proved_without_it(tmp_path: Path, task: str, found: list[str]) -> None:
    assert [one.code for one in lint(tmp_path, f"task go(note: Note) -> int {{ {task} }}", "APWA571")] == found
