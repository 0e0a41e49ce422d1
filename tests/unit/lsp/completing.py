"""Programs with a place marked by `¦`, as an editor would show them to a feature."""

from __future__ import annotations

from pathlib import Path

from apwa_lang.check import check
from apwa_lang.lsp.features.completion import Completions, complete
from apwa_lang.lsp.view import View
from apwa_lang.syntax.source import Source

DECLARED = """\
param style: "short" | "full" = "short"
record Note { id: str @key  ward: str  text: str  kind: "a" | "b" }
record Answer {
  ## In one sentence.
  summary: str
  note: Note
}
table notes: Note = read "notes.jsonl"
table more: Note = []
model small { provider: "local" }
tool look(word: str) -> str { python: "tools:look" }
task ask(note: Note) -> Answer { model: small prompt: "{{ note.text }}" }
task merge(parts: list[Answer]) -> Answer { model: small prompt: "{{ parts | json }}" }
split each = notes by row
split ward = notes by group(ward)
"""
"""What the marked program may name."""


def view_of(text: str, folder: Path | None = None) -> View:
    """The view of a file with this text."""
    source = Source(text, "main.apwa", folder / "main.apwa" if folder is not None else None)
    checked = check(source)
    return View(source, checked.modules[0], checked)


def marked(text: str, declared: str = DECLARED, folder: Path | None = None) -> tuple[View, int]:
    """The view of the declarations and a text, and the offset of the mark in it."""
    whole = declared + text
    offset = whole.index("¦")
    return view_of(whole.replace("¦", ""), folder), offset


def completed(text: str, declared: str = DECLARED, folder: Path | None = None) -> Completions:
    """What is offered at the mark."""
    return complete(*marked(text, declared, folder))


def labels(text: str, declared: str = DECLARED, folder: Path | None = None) -> list[str]:
    """The labels of what is offered at the mark, best first."""
    return [item.label for item in completed(text, declared, folder).items]
