"""The work that every rival does: label notes by a model's answer.

In: ``notes.jsonl`` of a folder. Out: ``labels.jsonl`` beside it, one label a note, in order. All rivals and the server
share what is here, so that they read, ask, check and write the same. Only the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MODEL = "test"
MARK = b"Note "
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"topic": {"type": "string"}, "urgent": {"type": "boolean"}},
    "required": ["topic", "urgent"],
    "additionalProperties": False,
}
RESPONSE_FORMAT = {"type": "json_schema", "json_schema": {"name": "classify", "strict": True, "schema": SCHEMA}}

PROMPT_PROGRAM = """
record Note {{ id: str @key  text: str }}
record Label {{ topic: str  urgent: bool }}
table notes: Note = read "notes.jsonl"
model server {{ provider: "openai" name: "test" base_url: "{url}" concurrency: {concurrency} }}
task classify(note: Note) -> Label {{
  model: server
  prompt: "What is this note about? {{{{ note.text }}}}"
  timeout: 30s
}}
split per_note = notes by row
flow main {{
  labels = map classify over per_note keep id
  save labels to "labels.jsonl"
}}
"""

RETURN_PROGRAM = """
record Note { id: str @key  text: str }
record Size { letters: int  shout: str }
table notes: Note = read "notes.jsonl"
task measure(note: Note) -> Size { return: { letters: len(note.text), shout: upper(note.text) } }
split per_note = notes by row
flow main {
  sizes = map measure over per_note keep id
  save sizes to "sizes.jsonl"
}
"""


def write_notes(folder: Path, count: int) -> None:
    with (folder / "notes.jsonl").open("w") as stream:
        for number in range(count):
            text = f"Note {number}: " + "the patient slept well and ate little. " * 3
            stream.write(json.dumps({"id": f"n{number:07}", "text": text}) + "\n")


def read_notes(folder: Path) -> Iterator[dict[str, str]]:
    with (folder / "notes.jsonl").open() as stream:
        yield from map(json.loads, stream)


def messages(note: dict[str, str]) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"What is this note about? {note['text']}"}]


def request(note: dict[str, str]) -> dict[str, Any]:
    return {"model": MODEL, "messages": messages(note), "response_format": RESPONSE_FORMAT}


def label(note: dict[str, str], content: str) -> dict[str, Any]:
    """The checked answer, with the note's key."""
    answer = json.loads(content)
    if answer.keys() != {"topic", "urgent"}:
        raise ValueError(f"other fields than asked for: {content}")
    if not isinstance(answer["topic"], str) or not isinstance(answer["urgent"], bool):
        raise ValueError(f"a field of another type: {content}")
    return {"topic": answer["topic"], "urgent": answer["urgent"], "id": note["id"]}


def label_from(note: dict[str, str], body: bytes) -> dict[str, Any]:
    """The label in the body of a chat completion."""
    return label(note, json.loads(body)["choices"][0]["message"]["content"])


def write_labels(folder: Path, labels: Iterable[dict[str, Any]]) -> None:
    with (folder / "labels.jsonl").open("w") as stream:
        stream.writelines(json.dumps(label) + "\n" for label in labels)


def label_of(number: int) -> str:
    """What the server answers about a note."""
    return f'{{"topic": "note {number}", "urgent": {"true" if number % 2 else "false"}}}'


def check_labels(folder: Path, count: int) -> None:
    """Raises where the labels are not exactly those of the notes, in order."""
    lines = 0
    with (folder / "labels.jsonl").open() as stream:
        for number, line in enumerate(stream):
            lines += 1
            if json.loads(line) != {**json.loads(label_of(number)), "id": f"n{number:07}"}:
                raise ValueError(f"label {number} is wrong: {line}")
    if lines != count:
        raise ValueError(f"{lines} labels for {count} notes")
