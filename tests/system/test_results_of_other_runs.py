"""Results of other runs stand for those of this one where they are sure to be the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import apwa

PROGRAM = """
record Note {{ id: str @key }}
table notes: Note = [{{ id: "a" }}, {{ id: "b" }}]
task work(note: Note) -> str {{ python: "bodies:{body}"  {more} }}
split each = notes by row
flow main {{ done = map work over each keep id  save done to "done.jsonl" }}
"""
BODIES = """
import os
import time
import uuid

from helpers import stamped


def same(note):
    return note.id * 2


def clock(note):
    return str(time.time_ns())


def chance(note):
    return str(uuid.uuid4())


def environment(note):
    return os.environ["HOME"]


def of_a_file(note, book):
    return open(book).read()


def by_a_helper(note):
    return stamped(note.id)
"""
HELPERS = """
from time import perf_counter_ns


def stamped(text):
    return f"{text} {perf_counter_ns()}"
"""


@pytest.mark.parametrize(
    ("body", "more", "taken"),
    [
        ("same", "", True),
        ("same", "cache: off", False),
        ("clock", "", False),
        ("clock", "cache: on", True),
        ("chance", "", False),
        ("environment", "", False),
        ("by_a_helper", "", False),
        ("of_a_file", 'reads: { book: "book.txt" }', False),
    ],
)
def test_what_varies_is_done_again(tmp_path: Path, body: str, more: str, taken: bool) -> None:
    (tmp_path / "main.apwa").write_text(PROGRAM.format(body=body, more=more))
    (tmp_path / "bodies.py").write_text(BODIES)
    (tmp_path / "helpers.py").write_text(HELPERS)
    (tmp_path / "book.txt").write_text("Once.")
    first, second = (apwa("run", "main.apwa", cwd=tmp_path) for _ in range(2))
    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert ("2 of them from earlier runs" in second.out) == taken
