"""A compiled program runs by itself: without the `.apwa` file, and in another folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.command import apwa

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_in_another_folder(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    shutil.copytree(EXAMPLES / "wordcount", first, ignore=shutil.ignore_patterns("out", ".apwa"))
    compiled = apwa("compile", "wordcount.apwa", "--to", "python", "-o", "program.py", cwd=first)
    assert compiled.code == 0, compiled.err
    first.rename(second)
    (second / "wordcount.apwa").unlink()
    done = subprocess.run(
        [sys.executable, "program.py", "--base", "."], cwd=second, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (whole,) = json.loads((second / "out/words.json").read_text())
    assert whole["top"][0]["word"] == "the"
    assert not first.exists()
