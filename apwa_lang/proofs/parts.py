"""What a path is made of: fixed text, holes, and the wild cards of file patterns.

In: what a template shows, or a pattern of files. Out: parts, each with a language that holds all its texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal as Word

from apwa_lang.proofs.casing import in_one_case
from apwa_lang.proofs.filters import applied, image, keeps_apart
from apwa_lang.proofs.regex import (
    Regex,
    Repeat,
    letters,
)
from apwa_lang.proofs.values import ANYTHING, TEXT_CHARACTER
from apwa_lang.semantics.core import Core
from apwa_lang.semantics.program import Filter
from apwa_lang.semantics.types import BOOL, DATE, INT, UUID, Field
from apwa_lang.syntax.source import Span

Origin = Word["field", "param", "derived", "free"]
_EXPRESSIONS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Text:
    """Fixed text."""

    text: str


@dataclass(frozen=True, slots=True)
class Wild:
    """Any text at all, even none."""


@dataclass(frozen=True, slots=True)
class Glob:
    """Any text that a file pattern (``*``, ``?``, ``[ab]``, or ``**`` up to the end of the path) matches.

    Which of them there are, the disk says.
    """

    pattern: str

    @property
    def regex(self) -> Regex:
        """A language that holds every text that matches."""
        if self.pattern.startswith("**"):
            return ANYTHING
        return Repeat(TEXT_CHARACTER, 0, None) if self.pattern == "*" else TEXT_CHARACTER

    @property
    def expression(self) -> str:
        """The texts that match, as a regular expression of Python."""
        if self.pattern.startswith("**"):
            rest = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]*\])", self.pattern)
            return "".join(_EXPRESSIONS.get(piece, piece if piece[:1] == "[" else re.escape(piece)) for piece in rest)
        return _EXPRESSIONS.get(self.pattern, self.pattern.replace("[!", "[^", 1))


@dataclass(frozen=True, slots=True)
class Slot:
    """What a hole renders.

    ``origin`` is ``field`` (``key`` is the dotted path of a field of the sub-problem), ``param`` (a parameter of the
    program, one value in a whole run), ``derived`` (``key`` is an expression; a function of the fields in ``touches``,
    None for any of them) or ``free`` (any value of the type, at each call anew). ``core`` is what stands before the
    filters, over the ``fields`` of the sub-problem, where that is known.
    """

    origin: Origin
    key: str
    field: Field
    filters: tuple[Filter, ...]
    span: Span
    touches: frozenset[str] | None = None
    core: Core | None = None
    fields: tuple[tuple[str, Field], ...] = ()

    def same_as(self, other: Part) -> bool:
        """Whether both render one text whenever they are about one sub-problem."""
        return (
            isinstance(other, Slot)
            and self.origin == other.origin != "free"
            and self.key == other.key
            and self.filters == other.filters
        )

    @property
    def known_at_launch(self) -> bool:
        """Whether the text is known once the sub-problem is, before anything of it has run."""
        known = self.core is not None or self.touches is not None
        return self.origin in ("field", "param") or (self.origin == "derived" and known)

    @property
    def tells_apart(self) -> bool:
        """Whether two values of the field never give one text."""
        return self.origin == "field" and keeps_apart(self.field, self.filters)

    @property
    def in_one_case(self) -> bool:
        """Whether texts that differ still do once upper and lower case are one."""
        last = self.filters[-1].name if self.filters else ""
        # The letters of an escape are all of one case, and `%` shows where an escape is.
        return last in ("key", "hex", "sha256") or in_one_case(letters(self.regex))

    @property
    def without_slash(self) -> bool:
        """Whether no value gives a text with ``/``, one that a path would refuse."""
        if self.filters:
            return self.filters[-1].name in ("key", "hex", "sha256")
        return self.field.type in (INT, BOOL, DATE, UUID)

    def over(self, field: Field, filters: tuple[Filter, ...]) -> Slot:
        """The slot with another field and other filters."""
        return replace(self, field=field, filters=filters)

    def rendered(self, value: str | None) -> str | None:
        """The text for a value, or None when it is not known."""
        return applied(self.field.type, value, self.filters)

    @property
    def regex(self) -> Regex:
        """A language that holds every text of the slot."""
        return image(self.field, self.filters)


Part = Text | Wild | Glob | Slot


def file_pattern(pattern: str) -> str:
    """The paths that a pattern of files without ``**`` finds, as a regular expression: none is hidden."""
    pieces = [piece for piece in re.split(r"(\*|\?|\[[^\]]*\])", pattern) if piece]
    written: list[str] = []
    for place, piece in enumerate(pieces):
        starts = place == 0 or pieces[place - 1].endswith("/")
        if piece == "*" and starts:
            follows = pieces[place + 1] if place + 1 < len(pieces) else "/"
            some = "[^/.][^/]*"
            written.append(some if follows[0] in "/." else f"(?:{some})?")
        else:
            written.append(Glob(piece).expression if _is_wild(piece) else re.escape(piece))
    return "".join(written)


def _is_wild(piece: str) -> bool:
    return piece in ("*", "?") or piece.startswith("[")
