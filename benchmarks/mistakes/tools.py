"""The checkers: each is asked about a folder with a broken program, and says what it found.

In: a folder and the file of the program in it. Out: :class:`Answer`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".venv-bench" / "bin"
_SPROCKET = """
import sys
from sprocket_bio.ast import Document
text = open(sys.argv[1]).read()
for found in Document.parse(text, None)[1]:
    for label in found.labels[:1]:
        line = text.encode()[: label.span.start].count(b"\\n") + 1
        print(f"{line}:", found.message, *(each.message for each in found.labels), found.help or "", found.fix or "")
"""


@dataclass(frozen=True)
class Finding:
    """One thing that a checker says: the lines that it points to, the first the place, and its words.

    ``also`` is the text of the other lines that it shows.
    """

    lines: tuple[int, ...]
    words: str
    also: str = ""
    fix: bool = False


@dataclass(frozen=True)
class Answer:
    """What a checker found in ``seconds``, from the start of its process to its end."""

    findings: tuple[Finding, ...]
    seconds: float


def apwa(file: Path) -> Answer:
    """`apwa check`."""
    out, seconds = _run(sys.executable, "-m", "apwa_lang.cli", "check", "--output-format", "json", str(file))
    return Answer(tuple(_of_apwa(found) for found in json.loads(out)), seconds)


def mend(file: Path) -> None:
    """Apply every fix that `apwa check` offers."""
    _run(sys.executable, "-m", "apwa_lang.cli", "check", "--fix", "--unsafe-fixes", str(file))


def miniwdl(file: Path) -> Answer:
    """`miniwdl check --strict`."""
    command = ("check", "--strict", "--no-shellcheck", str(file))
    out, seconds = _run(str(VENV / "miniwdl"), *command)
    places = re.findall(r"\(?(?:[\w./-]* )?Ln (\d+),? Col \d+\)?,? (.*)", out)
    return Answer(tuple(Finding((int(line),), words) for line, words in places), seconds)


def sprocket(file: Path) -> Answer:
    """The parser of Sprocket: its syntax errors, without the checks of `sprocket check` that come after."""
    out, seconds = _run(str(VENV / "python"), "-c", _SPROCKET, str(file))
    found = (line.partition(": ") for line in out.splitlines() if line[:1].isdigit())
    return Answer(tuple(Finding((int(line),), words) for line, _, words in found), seconds)


def baml(file: Path) -> Answer:
    """`baml-cli check`."""
    out, seconds = _run(str(VENV / "baml-cli"), "check", "--from", str(file.parent))
    places = re.findall(
        r"^(?:error|warning): (.*)\n\s*-->\s+\S+:(\d+)", re.sub(r"\x1b\[[\d;]*m", "", out), re.MULTILINE
    )
    return Answer(tuple(Finding((int(line),), words) for words, line in places), seconds)


# The language and the program of each checker.
TOOLS: dict[str, tuple[str, str, Callable[[Path], Answer]]] = {
    "apwa": ("apwa", "apwa/triage.apwa", apwa),
    "miniwdl": ("wdl", "wdl/triage.wdl", miniwdl),
    "sprocket": ("wdl", "wdl/triage.wdl", sprocket),
    "baml": ("baml", "baml_src/triage.baml", baml),
}


def _run(*command: str) -> tuple[str, float]:
    start = perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return ended.stdout + ("" if command[0] == sys.executable else ended.stderr), perf_counter() - start


def _of_apwa(found: dict[str, Any]) -> Finding:
    others = found["secondary"]
    text = Path(found["file"]).read_text().splitlines()
    lines = [found["start"]["line"], *(other["start"]["line"] for other in others)]
    words = [found["message"], found["label"], *(other["label"] for other in others), *found["facts"]]
    shown = "\n".join(text[line - 1] for line in lines[1:])
    return Finding(tuple(lines), " ".join((*words, found["help"] or "")), shown, found["fix"] is not None)
