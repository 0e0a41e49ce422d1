"""What needs no TextMate engine of the TextMate grammar: its words. `make test-editors` runs the grammar itself."""

from __future__ import annotations

import json
import re

from word_kinds import ROOT, VALUES

from apwa_lang.semantics.names import TYPE_NAMES
from apwa_lang.syntax.tokens import keywords

GRAMMAR = (ROOT / "grammar/apwa_grammar/apwa.tmLanguage.json").read_text(encoding="utf-8")


def test_the_words_that_are_names_behind_a_mark_are_the_soft_keywords() -> None:
    (soft,) = re.findall(r"\((after\|[\w|]+)\)", GRAMMAR)
    assert set(soft.split("|")) == set(keywords()) - set(VALUES)


def test_its_types_are_those_of_the_language() -> None:
    (types,) = re.findall(r"\(\?:(str\|int\|[\w|]+)\)", GRAMMAR)
    assert set(types.split("|")) == TYPE_NAMES


def test_every_include_is_there() -> None:
    grammar = json.loads(GRAMMAR)
    included = set(re.findall(r'"include": "#([\w-]+)"', GRAMMAR))
    assert included == set(grammar["repository"])
