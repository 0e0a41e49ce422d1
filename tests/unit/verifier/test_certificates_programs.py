"""Every program of the examples, cases and some races that has no errors has an accepted certificate."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.certificate import certificate, certificate_path, write
from apwa_lang.check import check
from apwa_lang.syntax.source import Source
from apwa_lang.verifier import verify

ROOT = Path(__file__).parents[3]
PLACES = (
    "examples/*/[a-z]*.apwa",
    "tests/cases/check/*/main.apwa",
    "tests/races/shown/*.apwa",
    "tests/races/rounds/*.apwa",
    "tests/races/agents/*.apwa",
)
PROGRAMS = sorted(file for place in PLACES for file in ROOT.glob(place))


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_program_and_its_certificate(file: Path, tmp_path: Path) -> None:
    checked = check(Source(file.read_text(), file.name, file))
    if checked.has_errors:
        pytest.skip("the program has errors")
    target = tmp_path / certificate_path(file).name
    write(certificate(checked.program, checked.claims, tmp_path), target)
    report = verify(target.read_text(), tmp_path)
    assert report.problems == []
    assert certificate(checked.program, checked.claims, tmp_path) == target.read_text()
