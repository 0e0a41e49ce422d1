"""The programs in the documents are programs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.command import apwa

ROOT = Path(__file__).parents[2]
PROGRAMS = [
    pytest.param(text, id=f"{document.name}-{number}")
    for document in (ROOT / "README.md", ROOT / "docs/language.md", ROOT / "docs/proofs.md")
    for number, text in enumerate(re.findall(r"```apwa\n(.*?)```", document.read_text(), re.DOTALL))
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_checks_clean(text: str, tmp_path: Path) -> None:
    (tmp_path / "main.apwa").write_text(text)
    ended = apwa("check", "main.apwa", cwd=tmp_path)
    assert (ended.code, ended.out) == (0, "no problems found in 1 file\n"), ended.out
