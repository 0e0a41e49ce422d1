"""'Did you mean': the known name nearest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from apwa_lang.diagnostics.model import Edit, Fix
from apwa_lang.syntax.source import Span


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``, or None when none is close."""
    lowered = {candidate.lower(): candidate for candidate in known}
    match = get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return lowered[match[0]] if match else None


def suggestion(name: str, known: Iterable[str]) -> str | None:
    """The help line for a mistyped name, or None."""
    near = did_you_mean(name, known)
    return f"did you mean `{near}`?" if near else None


def respelling(place: Span, name: str, known: Iterable[str]) -> Fix | None:
    """Writes the name of the help line in place of the mistyped one at ``place``, or None."""
    near = did_you_mean(name, known)
    text = place.text
    if near is None or text.strip('"@') != name:
        return None
    start = place.start + text.index(name)
    written = Span(place.source, start, start + len(name))
    return Fix(f"write `{near}`", (Edit(written, near),), safe=False)
