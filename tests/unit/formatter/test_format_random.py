"""Random programs from the grammar: whatever is written, it stays the same program with the same comments."""

from __future__ import annotations

import pytest

from apwa_lang.diagnostics.suppress import silenced_lines
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from apwa_lang.syntax.tokens import scan
from tests.support.grammar_programs import program
from tests.unit.formatter.programs import check_formatted

STEP = 50


@pytest.mark.parametrize(
    "start", [*range(0, 4 * STEP, STEP), *(pytest.param(n, marks=pytest.mark.slow) for n in range(200, 6000, STEP))]
)
def test_random_programs(start: int) -> None:
    parsed = 0
    for seed in range(start, start + STEP):
        text = program(seed, declarations=1 + seed % 3, comments=seed % 5 * 0.06)
        if parse(Source(text))[1]:
            continue  # A keyword where a name was meant.
        parsed += 1
        after = check_formatted(text, width=40 + seed % 7 * 13)
        assert silenced(after) == silenced(text)
    assert parsed > STEP * 0.9


def silenced(text: str) -> list[list[str]]:
    """The words of each line in which findings are silenced."""
    source = Source(text)
    lines = sorted(silenced_lines(parse(source)[0]))
    words = [(source.line_column(token.start)[0], token.text) for token in scan(source).tokens if token.text != ","]
    return [[text for place, text in words if place == line] for line in lines]
