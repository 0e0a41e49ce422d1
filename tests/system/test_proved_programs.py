"""Programs that are proved, run for real: each sub-problem that is done has a file of its own, with its own bytes.

In: random programs that are proved, and random rows of the types that they declare.
Sub-problems that share no state lose no write to each other, so there are as many files as sub-problems that are done.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.proofs.claims import Verdict
from apwa_lang.semantics.program import Program
from apwa_lang.syntax.source import Source
from tests.support.command import apwa
from tests.support.random_programs import Case, Row, completed

ROWS = 60


# Found by looking at the first 800 seeds: few random programs are proved throughout.
SEEDS = (28, 165, 266, 336, 405, 592, 616, 732)


def rows_of(program: Program, seed: int) -> list[Row]:
    """Some rows of the universe, no two with one key."""
    record = program.records["R"]
    rows = completed({}, record.fields, {})
    random.Random(seed).shuffle(rows)
    by_key = {tuple(row[field.name] for field in record.keys): row for row in rows}
    return list(by_key.values())[:ROWS]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_sub_problem_keeps_its_file(seed: int, tmp_path: Path) -> None:
    case = Case.of(seed)
    checked = check(Source(case.text, "random.apwa"))
    assert {claim.verdict for claim in checked.claims} == {Verdict.PROVED}
    rows = rows_of(checked.program, seed)
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "main.apwa").write_text(case.text)
    ended = apwa("run", "main.apwa", "--progress", "none", cwd=tmp_path)
    assert "already written" not in ended.err
    assert ended.code in (0, 1), ended.err
    done = sum(int(count.replace(",", "")) for count in re.findall(r"([\d,]+) done", ended.out))
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert done > 0
    assert len(files) == done, ended.out
