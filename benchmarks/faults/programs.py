"""The programs of the campaign.

In: a folder and the port of the model server. Out: a program with its data; ``saved`` names what it saves.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

HEAD = """
record Note { id: str @key  ward: int  text: str }
record Label { topic: str  urgent: bool }
table notes: Note = read "notes.jsonl"
model server { provider: "openai" name: "test" base_url: "http://127.0.0.1:PORT/v1" concurrency: 16 }
split per_note = notes by row
"""

PROMPTS = """
task classify(note: Note) -> Label {
  model: server
  prompt: "What is this note about? {{ note.text }}"
  writes: "out/{{ note.id }}.json"
  retry: 9
  backoff: 100ms
  timeout: 10s
}
flow main {
  labels = map classify over per_note keep id
  save labels to "labels.jsonl"
}
"""

TWO_STEPS = """
task classify(note: Note) -> Label {
  model: server
  prompt: "What is this note about? {{ note.text }}"
  retry: 9
  backoff: 100ms
  timeout: 10s
}
task merge(parts: list[Label]) -> Label {
  model: server
  prompt: "Which topic stands for {% for part in parts %}{{ part.topic }}, {% endfor %}and all others?"
  retry: 9
  backoff: 100ms
  timeout: 10s
}
flow main {
  labels = map classify over per_note keep id
  whole = reduce merge over labels by tree(4)
  save labels to "labels.jsonl"
  save whole to "whole.jsonl"
}
"""

PYTHON = """
task measure(note: Note) -> Label {
  python: "asking:measure"
  network: "127.0.0.1"
  retry: 9
  backoff: 100ms
  timeout: 10s
}
flow main {
  labels = map measure over per_note keep id
  save labels to "labels.jsonl"
}
"""

ASKING = """
import http.client
import json


def measure(note):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    connection.request("POST", "/v1/chat/completions", json.dumps({"note": note.text}).encode())
    answer = json.loads(json.loads(connection.getresponse().read())["choices"][0]["message"]["content"])
    connection.close()
    return answer
"""

RETURNS = """
record Note { id: str @key  ward: int  text: str }
record Ward { notes: int  first: str }
record Size { letters: int  shout: str }
table notes: Note = read "notes.jsonl"
task tally(ward: int, rows: list[Note]) -> Ward { return: { notes: len(rows), first: rows[0].id } }
task measure(note: Note) -> Size { return: { letters: len(note.text), shout: upper(note.text) } }
split per_ward = notes by group(ward)
split per_note = notes by row
flow main {
  wards = map tally(ward, rows) over per_ward keep ward
  sizes = map measure over per_note keep id
  save wards to "wards.jsonl"
  save sizes to "sizes.jsonl"
}
"""


@dataclass(frozen=True)
class Program:
    """A program over ``rows`` notes; ``asks`` says whether its sub-problems show in the server's log."""

    name: str
    text: str
    rows: int
    saved: tuple[str, ...]
    asks: bool = True
    module: str = ""

    def write(self, folder: Path, port: int) -> None:
        """Lay the program and its data down in an empty folder."""
        (folder / "main.apwa").write_text(self.text.replace("PORT", str(port)))
        if self.module:
            (folder / "asking.py").write_text(self.module.replace("PORT", str(port)))
        with (folder / "notes.jsonl").open("w") as stream:
            for number in range(self.rows):
                note = {
                    "id": f"n{number:06}",
                    "ward": number * 7919 % (self.rows // 10),
                    "text": f"note {number}: slept",
                }
                stream.write(json.dumps(note) + "\n")

    def output(self, folder: Path) -> dict[str, bytes]:
        """The bytes of every file that it has written, by name; temporary ones are not part of it."""
        files = [folder / name for name in self.saved] + sorted((folder / "out").glob("[!.]*"))
        return {str(file.relative_to(folder)): file.read_bytes() for file in files if file.exists()}


PROGRAMS = {
    program.name: program
    for program in (
        Program("prompts", HEAD + PROMPTS, 800, ("labels.jsonl",)),
        Program("python", HEAD + PYTHON, 160, ("labels.jsonl",), module=ASKING),
        Program("two-steps", HEAD + TWO_STEPS, 600, ("labels.jsonl", "whole.jsonl")),
        Program("returns", RETURNS, 40_000, ("wards.jsonl", "sizes.jsonl"), asks=False),
    )
}
