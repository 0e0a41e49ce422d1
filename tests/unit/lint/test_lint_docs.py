"""`docs/lint.md` lists every rule as the registry has it."""

from __future__ import annotations

from pathlib import Path

from apwa_lang.check import check
from apwa_lang.diagnostics.registry import Code, all_codes
from apwa_lang.lint.selection import Selection, is_lint
from apwa_lang.syntax.source import Source

PAGE = Path(__file__).parents[3] / "docs" / "lint.md"
UNUSED_IMPORT = "APWA500"
"""Its example would need two files."""


def row(code: Code) -> str:
    found = check(Source(code.bad), lint=Selection(select=(code.id,))).diagnostics if code.bad else ()
    fixes = {one.fix.safe for one in found if one.fix is not None}
    fix = "yes" if True in fixes or code.id == UNUSED_IMPORT else "unsafe" if fixes else ""
    level = f"{code.severity}" if code.default else f"{code.severity}, off"
    return f"| {code.id} | {code.title} | {level} | {fix} |"


def test_the_page_lists_every_rule() -> None:
    expected = [row(code) for code in all_codes() if is_lint(code.id)]
    assert [line for line in PAGE.read_text().splitlines() if line.startswith("| APWA")] == expected
