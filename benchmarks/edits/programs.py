"""The files that are edited.

In: a folder. Out: the examples below it, programs that import each other, Python modules, and versions of `apwa.toml`,
all as they were at first.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from benchmarks.work import ROOT

_RECORDS = """
param limit: int = 3

## A note of somebody.
record Note { id: str @key  text: str  day: date? }
record Label { label: "good" | "bad"  why: str }
"""
_TASKS = '''
import "records.apwa" as records

model small { provider: "openai"  name: "m"  base_url: env("LLM_URL") }

task label(note: records.Note) -> records.Label {
  model: small
  prompt: """
    Is this note good? {{ note.text }}
    {% if note.day %}It is of {{ note.day }}.{% endif %}
    """
  retry: 2
  timeout: 30s
}

task count(note: records.Note) -> int { python: "words:count" }
task page(note: records.Note) -> int {
  shell: "cat {{ note.id | key }}.txt"
  reads: { text: "{{ note.id | key }}.txt" }
  writes: { page: "out/{{ note.id | key }}.txt" }
}
'''
_MAIN = """
import "tasks.apwa" as tasks
import "records.apwa" as records

table notes: records.Note = [{ id: "a", text: "One 😀" }, { id: "b", text: "Two", day: "2026-01-31" }]
split each = notes by row
split some = notes by chunk(2)

flow main {
  labels = map tasks.label over each keep id
  good = labels where label == "good"
  counts = map tasks.count over each keep id
  save good to "out/good.jsonl"
  save counts to "out/counts-{{ records.limit }}.csv"
}

test "a note is good" {
  mock tasks.small = { label: "good", why: "it is short" }
  found = tasks.label(records.Note { id: "a", text: "One", day: null })
  expect found.label == "good"
}
"""
_CLASH = """
import "main.apwa" as main
import "../hello/hello.apwa" as hello
import "missing.apwa" as missing

table pages: File = files "*.txt"
task write(page: File) -> int { shell: "cp {{ page.path }} out/same.txt"  writes: { copy: "out/same.txt" } }
split by_page = pages by file
flow main { written = map write over by_page }
"""
_SHARED = {"records": _RECORDS, "tasks": _TASKS, "main": _MAIN, "clash": _CLASH}

_MODULES = (
    "def count(note):\n    return len(note.text.split())\n",
    'def count(note):\n    with open("log.txt", "a") as log:\n        log.write(note.id)\n    return 1\n',
    "def count(note, more):\n    return 1\n",
    "def other():\n    pass\n",
    "def count(note:\n",
    "",
)
_SETTINGS = (
    None,
    "",
    '[lint]\nselect = ["all"]\n',
    '[lint]\nselect = ["default"]\nignore = ["APWA5"]\n[lint.per_file]\n"shared/*" = ["APWA"]\n',
    "[proofs]\ncase_insensitive = true\n",
    '[lint]\nbaseline = "baseline.json"\n',
    "[lint\n",
    '[lint]\nselect = ["no such code"]\n',
)


def write_programs(folder: Path) -> None:
    """Write everything as it was at first; other programs of the folder go."""
    for file in folder.rglob("*.apwa"):
        file.unlink()
    shutil.copytree(ROOT / "examples", folder, dirs_exist_ok=True)
    shared = folder / "shared"
    shared.mkdir(exist_ok=True)
    for name, text in _SHARED.items():
        (shared / f"{name}.apwa").write_text(text.lstrip(), "utf-8")
    (shared / "words.py").write_text(_MODULES[0], "utf-8")
    (folder / "apwa.toml").unlink(missing_ok=True)


def programs(folder: Path) -> list[Path]:
    """The programs of the folder, in order."""
    return sorted(folder.rglob("*.apwa"))


def change_settings(folder: Path, rng: random.Random) -> Path:
    """Write another `apwa.toml`, or none; its path."""
    return _write(folder / "apwa.toml", rng.choice(_SETTINGS))


def change_module(folder: Path, rng: random.Random) -> Path:
    """Write another version of a Python module, or none; its path."""
    return _write(folder / "shared" / "words.py", rng.choice((None, *_MODULES)))


def _write(file: Path, text: str | None) -> Path:
    if text is None:
        file.unlink(missing_ok=True)
    else:
        file.write_text(text, "utf-8")
    return file
