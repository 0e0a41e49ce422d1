"""The real command line, in a process of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from tests.support.forked import start


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def apwa(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 240) -> Ended:
    """Run ``apwa`` with these arguments."""
    return python("-m", "apwa_lang.cli", *arguments, cwd=cwd, env={"NO_COLOR": "1", **(env or {})}, timeout=timeout)


def python(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 240) -> Ended:
    """Run ``python`` with these arguments."""
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        process = start(*arguments, cwd=cwd, env=env, stdout=out.fileno(), stderr=err.fileno())
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        out.seek(0)
        err.seek(0)
        return Ended(code, out.read(), err.read())
