"""The one value that every finding is: what is wrong, where, who else is involved, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from apwa_lang.syntax.source import Span


class Severity(StrEnum):
    """``ERROR`` stops compilation, ``WARNING`` does not, ``NOTE`` is for information."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Label:
    """A place and a few words about it."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters of ``span`` by ``text``; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend the finding. ``safe`` fixes keep the meaning or are proved; others need a person's eye."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. ``facts`` are shown as ``= …`` lines (concrete rows, values), ``help`` says how to mend it."""

    code: str
    severity: Severity
    message: str
    primary: Label
    secondary: tuple[Label, ...] = ()
    facts: tuple[str, ...] = ()
    help: str | None = None
    fix: Fix | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        """Order of display: file, place, code."""
        span = self.primary.span
        return (span.source.path, span.start, span.end, self.code)
