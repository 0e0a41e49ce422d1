"""The real command line, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def apwa(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 240) -> Ended:
    """Run ``apwa`` with these arguments."""
    done = subprocess.run(
        [sys.executable, "-m", "apwa_lang.cli", *arguments],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", **(env or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
