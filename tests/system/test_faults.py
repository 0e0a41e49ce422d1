"""The fault campaign, in short: kills at random moments, cuts of the journal, resumes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(("cluster", "seed"), [("embedded", 1), ("external", 2)])
def test_a_run_that_is_killed_and_resumed_ends_as_if_nothing_had_happened(cluster: str, seed: int) -> None:
    command = [sys.executable, "-m", "benchmarks.faults", "--runs", "6", "--seed", str(seed), "--clusters", cluster]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ended well: 6" in done.stdout
