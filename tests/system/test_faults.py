"""The fault campaign, in short: kills at random moments, cuts of the journal, resumes."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.faults.evidence import Asked, Difference, Kill, asked_again, difference

ROOT = Path(__file__).resolve().parents[2]

KILL = Kill(10, 12, math.inf)
SCHEDULER = Kill(10, 12, math.inf, window_end=11)
CUT = Kill(10, 12, kept_until=7.5)


@pytest.mark.parametrize(
    ("answered", "again", "kill", "counted"),
    [
        (8.5, 13, KILL, Asked(repeated=1)),
        (9.5, 13, KILL, Asked(in_window=1)),
        (10.5, 13, KILL, Asked(unheard=1)),
        (10.5, 13, SCHEDULER, Asked(in_window=1)),
        (11.5, 13, SCHEDULER, Asked(unheard=1)),
        (12.5, 13, KILL, Asked(repeated=1)),
        (6.0, 13, CUT, Asked(repeated=1)),
        (7.0, 13, CUT, Asked(behind_cut=1)),
    ],
)
def test_a_question_is_repeated_unless_the_kill_or_the_cut_may_have_taken_its_answer(
    tmp_path: Path, answered: float, again: float, kill: Kill, counted: Asked
) -> None:
    log = tmp_path / "server.log"
    log.write_text(f"asked 5 a\nasked 9 b\nanswered {answered} a\nasked {again} a\nasked 13 b\nanswered 14 b\n")
    assert asked_again(log, [kill]) == counted


def test_an_answer_is_excused_until_it_is_given_again(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("asked 9 a\nanswered 9.5 a\nasked 13 a\nanswered 13.5 a\nasked 20 a\n")
    assert asked_again(log, [KILL]) == Asked(in_window=1, repeated=1)


def test_lines_of_the_output_that_are_missing_or_there_twice_are_counted() -> None:
    found = difference({"x": b"1\n2\n3\n", "y": b"1\n"}, {"x": b"1\n3\n3\n", "y": b"1\n"})
    assert found == Difference(lost=1, doubled=1, files=("x",))


@pytest.mark.slow
@pytest.mark.parametrize(("cluster", "seed"), [("embedded", 1), ("external", 2)])
def test_a_run_that_is_killed_and_resumed_ends_as_if_nothing_had_happened(cluster: str, seed: int) -> None:
    command = [sys.executable, "-m", "benchmarks.faults", "--runs", "6", "--seed", str(seed), "--clusters", cluster]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ended well: 6" in done.stdout
