"""Counting words, as ordinary Python."""

import re
from collections import Counter

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def count_words(chapter):
    """All words of one chapter, the most frequent first."""
    words = Counter(_WORD.findall(chapter.text.lower()))
    return _counts(words)


def merge(parts):
    """The counts of several chapters as one."""
    words = Counter()
    for part in parts:
        words.update({entry.word: entry.count for entry in part.top})
    return _counts(words)


def _counts(words):
    ordered = sorted(words.items(), key=lambda entry: (-entry[1], entry[0]))
    return {"words": words.total(), "top": [{"word": word, "count": count} for word, count in ordered]}
