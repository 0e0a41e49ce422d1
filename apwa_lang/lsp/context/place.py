"""A place in a file: the word at it, and what the parser has read and wants there.

In: a view and an offset. Out: :class:`Place`. The word that is being written is not read: what may stand in its stead
is the question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from apwa_lang.lsp.view import View
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.machine import Part
from apwa_lang.syntax.prefix import Prefix, prefix
from apwa_lang.syntax.source import Span

_BEFORE = re.compile(r"\w*\Z")
_BEHIND = re.compile(r"\w*")


@dataclass(frozen=True)
class Place:
    """A place with its ``word``, empty where none is being written.

    ``wanted`` are the terminals that may stand there. ``parts`` is what the parser has on its stack, in front of the
    ``slot``; a name with dots before the word belongs to the slot, and is ``qualifier``. ``begins`` are the rules that
    may begin at the slot.
    """

    view: View
    offset: int
    word: Span
    prefix: Prefix
    wanted: frozenset[str]
    parts: Sequence[Part]
    begins: frozenset[str]
    qualifier: n.Name | None = None

    @property
    def owner(self) -> str:
        """The word that opens the declaration around the place; "" outside of any."""
        return self.parts[0].symbol if self.parts else ""

    def before(self, count: int = 1) -> str:
        """The symbol of the part that stands ``count`` before the slot; "" where there are not so many."""
        return self.parts[-count].symbol if len(self.parts) >= count else ""

    def starts_line(self) -> bool:
        """Whether nothing but white space precedes the word in its line."""
        text = self.view.source.text
        return not text[text.rfind("\n", 0, self.word.start) + 1 : self.word.start].strip()

    def following(self) -> str:
        """What comes behind the word in its line."""
        text = self.view.source.text
        end = text.find("\n", self.word.end)
        return text[self.word.end : end if end >= 0 else len(text)].lstrip()


def place_at(view: View, offset: int) -> Place:
    """The place of an offset."""
    text = view.source.text
    offset = max(0, min(offset, len(text)))
    before = _BEFORE.search(text, text.rfind("\n", 0, offset) + 1, offset)
    start = before.start() if before else offset
    behind = _BEHIND.match(text, offset)
    word = Span(view.source, start, behind.end() if behind else offset)
    found = prefix(view.source, view.module, start)
    machine = found.machine
    if machine is None:
        return Place(view, offset, word, found, found.wanted, (), frozenset())
    wanted = found.wanted
    kind = "STRING" if found.string is not None or "NAME" not in wanted else "NAME"
    if kind not in wanted:
        return Place(view, offset, word, found, wanted, machine.parts(), frozenset())
    machine.shift(kind, n.Name(Span(view.source, start, start), ""), start, start)
    parts = machine.parts()[:-1]
    qualifier = None
    if len(parts) > 1 and parts[-1].symbol == "." and isinstance(parts[-2].value, n.Name):
        qualifier = parts[-2].value
        parts = parts[:-2]
    return Place(view, offset, word, found, wanted, parts, machine.begins(len(parts)), qualifier)


def tokens_behind(place: Place, count: int = 40) -> list[str]:
    """The next words and marks behind the place's word, up to a line that begins something new."""
    return re.findall(r"\w+|[^\w\s]", _statement(place))[:count]


def _statement(place: Place) -> str:
    text = place.view.source.text
    end = re.compile(r"\n\s*(?:\w+\s*[=:]|\}|save\b|split\b|if\b|repeat\b)").search(text, place.word.end)
    return text[place.word.end : end.start() if end else len(text)]
