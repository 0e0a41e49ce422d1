"""Programs in the documentation are in the style that the documentation describes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from apwa_lang.formatter.format import format_source
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
BLOCK = re.compile(r"^```apwa\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_programs_of_a_page(page: Path) -> None:
    for program in BLOCK.findall(page.read_text()):
        if not parse(Source(program))[1]:
            assert format_source(Source(program)) == program


def test_pages_have_programs() -> None:
    assert sum(len(BLOCK.findall(page.read_text())) for page in PAGES) > 2
