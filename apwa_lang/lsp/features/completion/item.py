"""What is offered at a place.

In: a word of the program or of the language. Out: :class:`Item`, one line of the editor's list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from apwa_lang.semantics.types import Field
from apwa_lang.syntax.source import Span

Kind = Literal[
    "keyword",
    "type",
    "record",
    "table",
    "model",
    "tool",
    "task",
    "split",
    "flow",
    "module",
    "variable",
    "parameter",
    "field",
    "function",
    "setting",
    "rule",
    "value",
    "snippet",
    "file",
    "folder",
    "code",
]

BEST, LIKELY, USUAL, POSSIBLE, RARE = range(5)
"""Ranks, best first."""


@dataclass(frozen=True, slots=True)
class Item:
    """``label`` is shown and, unless ``insert`` says otherwise, written.

    ``snippet`` is for editors that know tab stops: ``insert`` with ``$1`` and ``${1:word}`` in it. ``detail`` is a few
    words, a type or a form; ``doc`` is Markdown. ``again`` asks the editor to complete once more behind it.
    """

    label: str
    kind: Kind
    detail: str = ""
    doc: str = ""
    rank: int = USUAL
    insert: str | None = None
    snippet: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Completions:
    """What is offered, best first, for the characters of ``span``; those before ``offset`` have been written."""

    items: tuple[Item, ...]
    span: Span
    offset: int


def of_field(field: Field, rank: int = LIKELY) -> Item:
    """A field of a record."""
    return Item(field.name, "field", str(field.type), field.description, rank)


def escaped(text: str) -> str:
    """A text as it stands in a snippet."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
