"""The table of keywords says something of every word of the grammar, and of no other."""

from __future__ import annotations

from apwa_lang.syntax.keywords import KEYWORDS
from apwa_lang.syntax.tokens import keywords


def test_every_word_of_the_grammar_is_told() -> None:
    assert set(KEYWORDS) == set(keywords())
    for word, keyword in KEYWORDS.items():
        assert word in keyword.syntax.replace("(", " ").split() or keyword.syntax.startswith(word)
        assert keyword.doc.endswith(".")
