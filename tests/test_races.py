"""Checks the programs of tests/races: what the prover says of each must be what was decided by hand.

In: programs whose first comments say the verdict of the program (``# expect: refuted``) and of single claims
(``# claim: STEP STEP proved``); further files are what they import. ``open.txt`` names those that a person can decide
and the prover leaves to a look at the real rows; one that it learns to decide must leave the list. Out: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.diagnostics.model import Severity
from apwa_lang.proofs.claims import Claim, Verdict
from apwa_lang.syntax.source import Source

ROOT = Path(__file__).parent / "races"
EXPECT = re.compile(r"# expect: (\w+)\n")
CLAIM = re.compile(r"^# claim: (\S+) (\S+) (\w+)$", re.MULTILINE)
PROGRAMS = sorted(file for file in ROOT.rglob("*.apwa") if EXPECT.match(file.read_text()))

OPEN = frozenset((ROOT / "open.txt").read_text().split())

FROM_BEST = (Verdict.PROVED, Verdict.CHECKED, Verdict.TRUSTED, Verdict.UNDECIDED, Verdict.REFUTED)
FILES = {"read", "write", "reduce"}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.relative_to(ROOT).with_suffix("").as_posix())
def test_race(program: Path) -> None:
    text = program.read_text()
    checked = check(Source(text, program.name, program))
    errors = [found.code for found in checked.diagnostics if found.severity is Severity.ERROR]
    assert [code for code in errors if not code.startswith("APWA3")] == []
    claims = [claim for claim in checked.claims if {claim.effect_a.kind, claim.effect_b.kind} <= FILES]

    verdicts = {"the program": _worst(claims)}
    name = program.relative_to(ROOT).with_suffix("").as_posix()
    if name in OPEN:
        assert verdicts == {"the program": "checked"}
        return
    expected = {"the program": EXPECT.match(text)[1]}
    for one, other, verdict in CLAIM.findall(text):
        expected[f"{one} and {other}"] = verdict
        verdicts[f"{one} and {other}"] = _worst(
            claim for claim in claims if (claim.step_a, claim.step_b) in ((one, other), (other, one))
        )
    assert verdicts == expected
    assert bool(errors) == (expected["the program"] == "refuted")


def _worst(claims: Iterable[Claim]) -> str:
    found = max((claim.verdict for claim in claims), key=FROM_BEST.index, default=None)
    return found.value if found is not None else "without a claim"


def test_few_are_left_open() -> None:
    names = {program.relative_to(ROOT).with_suffix("").as_posix() for program in PROGRAMS}
    assert names >= OPEN
    assert len(OPEN) <= len(PROGRAMS) / 20
