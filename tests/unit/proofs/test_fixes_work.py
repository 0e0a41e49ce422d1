"""Every fix that is offered over the programs of tests/races and tests/cases/check, made and checked again."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.diagnostics.model import Diagnostic, Fix
from apwa_lang.semantics.modules import read_source
from apwa_lang.syntax.source import Source

TESTS = Path(__file__).parents[2]
FOLDERS = (TESTS / "races", TESTS / "cases" / "check")
PROGRAMS = sorted(file for folder in FOLDERS for file in folder.rglob("*.apwa") if "expected" not in file.parts)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda file: file.relative_to(TESTS).with_suffix("").as_posix())
def test_fixes(program: Path) -> None:
    try:
        source = Source(read_source(program), program.name, program)
    except UnicodeDecodeError:
        return
    found = check(source).diagnostics
    before = Counter(map(_told, found))
    for finding in found:
        if finding.fix is not None and finding.code.startswith("APWA3"):
            after = Counter(map(_told, _fixed(source, finding.fix)))
            assert after <= before - Counter([_told(finding)])


def test_races_offer_many_fixes() -> None:
    offered = (fix for file in FOLDERS[0].rglob("*.apwa") if (fix := _first_fix(file)) is not None)
    assert len(list(islice(offered, 100))) == 100


def _first_fix(file: Path) -> Fix | None:
    found = check(Source(read_source(file), file.name, file)).diagnostics
    return next((one.fix for one in found if one.fix is not None), None)


def _told(finding: Diagnostic) -> tuple[str, str]:
    return finding.code, finding.message


def _fixed(source: Source, fix: Fix) -> tuple[Diagnostic, ...]:
    """The findings once the fix is made, in the program or in a file that it imports."""
    texts: dict[Path | None, str] = {source.file: source.text}
    for edit in sorted(fix.edits, key=lambda edit: edit.span.start, reverse=True):
        place = edit.span
        text = texts.setdefault(place.source.file, place.source.text)
        texts[place.source.file] = text[: place.start] + edit.text + text[place.end :]

    def load(file: Path) -> str:
        return texts[file] if file in texts else read_source(file)

    return check(Source(texts[source.file], source.path, source.file), load=load).diagnostics
