"""What checkers say of programs with one seeded mistake each.

``python -m benchmarks.mistakes`` prints a row for each mistake and the sums. ``make mistakes`` makes the environment
of the other checkers first.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.mistakes.seeded import MISTAKES, Mistake, Slip
from benchmarks.mistakes.tools import TOOLS, VENV, Answer, apwa, mend

_HEADS = ("mistakes", "found", "right line", "party named", "fix", "mended", "ms")
_WIDTHS = (8, 6, 11, 12, 5, 7, 6)
PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Mark:
    """How an answer did.

    ``mended`` is "same" where the fixes gave the right program again, "clean" where another in which nothing is found.
    """

    findings: int
    line: bool
    party: bool
    fix: bool
    mended: str
    ms: float


def main() -> None:
    given = _arguments()
    if given.tools != ["apwa"] and not (VENV / "miniwdl").exists():
        raise SystemExit(f"there is no {VENV}/miniwdl; run `make mistakes`, which installs it, or say `--tools apwa`")
    tools = given.tools
    marks = {tool: {one.name: mark for one in MISTAKES if (mark := _mark(tool, one)) is not None} for tool in tools}
    for tool in tools:
        for mistake in MISTAKES:
            if mistake.name in marks[tool]:
                print(_row(tool, mistake.name, marks[tool][mistake.name]))
    heads = (f"{head:>{width}}" for head, width in zip(_HEADS, _WIDTHS, strict=True))
    print(f"\n{'':9} {' '.join(heads)}")
    for tool in tools:
        print(_sums(tool, list(marks[tool].values())))
    if given.json:
        found = {tool: {name: asdict(mark) for name, mark in each.items()} for tool, each in marks.items()}
        given.json.write_text(json.dumps(found, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What checkers say of programs with a seeded mistake.")
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments: argparse.Namespace = parser.parse_args()
    return arguments


def _mark(tool: str, mistake: Mistake) -> Mark | None:
    """How ``tool`` did; None where the mistake cannot be made in its language."""
    language, program, check = TOOLS[tool]
    slip: Slip | None = getattr(mistake, language)
    if slip is None:
        return None
    with TemporaryDirectory() as folder:
        shutil.copytree(PROGRAMS, folder, dirs_exist_ok=True)
        file = Path(folder) / program
        right = file.read_text()
        wrong = right.replace(slip.right, slip.wrong, 1)
        if wrong == right:
            raise SystemExit(f"{mistake.name}: {file.name} has no {slip.right!r}")
        file.write_text(wrong)
        place = wrong.index(slip.at) if slip.at is not None else right.index(slip.right)
        line = wrong[:place].count("\n") + 1
        answer = check(file)
        mended = _mended(file, right) if tool == "apwa" and answer.findings else ""
        return _judged(answer, slip, line, wrong, mended)


def _judged(answer: Answer, slip: Slip, line: int, wrong: str, mended: str) -> Mark:
    found = [one for one in answer.findings if one.lines[0] == line]
    named = any(slip.party in f"{one.words}\n{one.also}" for one in answer.findings)
    fix = any(one.fix for one in answer.findings)
    return Mark(len(answer.findings), bool(found), named, fix, mended, round(answer.seconds * 1000))


def _mended(file: Path, right: str) -> str:
    mend(file)
    if file.read_text() == right:
        return "same"
    return "" if apwa(file).findings else "clean"


def _row(tool: str, name: str, mark: Mark) -> str:
    yes = [str(mark.findings or "-"), *("yes" if each else "-" for each in (mark.line, mark.party, mark.fix))]
    return (
        f"{tool:9} {name:40} {yes[0]:>3} {yes[1]:>5} {yes[2]:>5} {yes[3]:>5} {mark.mended or '-':>6} {mark.ms:>6,.0f}"
    )


def _sums(tool: str, marks: list[Mark]) -> str:
    rows = ((m.findings, m.line, m.party, m.fix, m.mended) for m in marks)
    sums = [len(marks), *(sum(map(bool, column)) for column in zip(*rows, strict=True))]
    sums.append(round(median(mark.ms for mark in marks)))
    return f"{tool:9} {' '.join(f'{each:>{width},}' for each, width in zip(sums, _WIDTHS, strict=True))}"


if __name__ == "__main__":
    main()
