"""'Did you mean': the known name nearest to a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from operator import eq

from apwa_lang.diagnostics.model import Edit, Fix
from apwa_lang.syntax.source import Span


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``, or None when none is close."""
    by_likeness = sorted(known, key=lambda candidate: (sum(map(eq, candidate, name)), candidate))
    lowered = {candidate.lower(): candidate for candidate in by_likeness}
    word = name.lower()
    for match in get_close_matches(word, lowered, n=3, cutoff=0.65):
        if match[0] == word[:1] or len(match) == len(word) or SequenceMatcher(None, match, word).ratio() >= 0.75:
            return lowered[match]
    words = set(word.split("_"))
    sharing = [candidate for match, candidate in lowered.items() if _one_in_other(words, set(match.split("_")))]
    return sharing[0] if len(sharing) == 1 else None


def _one_in_other(words: set[str], others: set[str]) -> bool:
    """Whether one name is made of words of the other, as ``url`` and ``base_url`` are."""
    return words <= others or others <= words


def suggestion(name: str, known: Iterable[str]) -> str | None:
    """The help line for a mistyped name, or None."""
    near = did_you_mean(name, known)
    return f"did you mean `{near}`?" if near else None


def written(place: Span, text: str) -> Fix:
    """Writes ``text`` in place of what stands at ``place``."""
    return Fix(f"write `{text}`", (Edit(place, text),), safe=False)


def respelling(place: Span, name: str, known: Iterable[str]) -> Fix | None:
    """Writes the name of the help line in place of the mistyped one at ``place``, or None."""
    near = did_you_mean(name, known)
    text = place.text
    if near is None or text.strip('"@') != name:
        return None
    start = place.start + text.index(name)
    written = Span(place.source, start, start + len(name))
    return Fix(f"write `{near}`", (Edit(written, near),), safe=False)
