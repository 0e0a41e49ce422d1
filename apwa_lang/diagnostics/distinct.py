"""Findings of several programs, each once.

In: programs with what is found in them. Out: their findings. A file that several import is analysed with each of them,
and what is found in it is told in words that the importing file has for its names.
"""

from __future__ import annotations

from collections.abc import Iterable

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.syntax.source import Source


def distinct(programs: Iterable[tuple[Source, Iterable[Diagnostic]]]) -> list[Diagnostic]:
    """Each finding once, by its file, place and message; in the words of the program whose root the file is."""
    found: dict[tuple[object, ...], Diagnostic] = {}
    for root, findings in programs:
        for one in findings:
            key = (*one.sort_key, one.message)
            if key not in found or one.primary.span.source is root:
                found[key] = one
    return list(found.values())
