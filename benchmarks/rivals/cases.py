"""The cases: a command in an empty folder with its notes, measured; and what follows from the measurements.

In: sizes. Out: :class:`Spent` for each tool and round, and figures in which they compare.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Spent, server, spend
from benchmarks.work import PROMPT_PROGRAM, RETURN_PROGRAM, ROOT, check_labels, write_notes

VENV = ROOT / ".venv-bench" / "bin" / "python"
APWA = "apwa"
BARE = "aiohttp_loop"
RIVALS: dict[str, int | None] = {
    APWA: None,
    BARE: None,
    "openai_client": 5_000,
    "dask_tasks": 5_000,
    "ray_tasks": 2_000,
    "langgraph_send": 2_000,
}
"""The most records that a tool is given; what it would take for more is reckoned from there."""

IMPORTS = "import apwa_lang.cli.run, apwa_runtime.engine, aiohttp"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Case:
    """So many records at such a latency, so many requests at a time."""

    records: int
    latency_ms: float
    concurrency: int

    def __str__(self) -> str:
        return f"{self.records:,} records, {self.latency_ms:g} ms, {self.concurrency} at a time"


@dataclass(frozen=True)
class Round:
    """One run of one tool over ``records``, and one over a single record: what the start takes."""

    records: int
    start: Spent
    whole: Spent

    def seconds(self, records: int, *, started: bool) -> float:
        """Wall seconds for so many records, with the start or without."""
        return _reckoned(self.start.seconds, self.whole.seconds, self.records, records, started)

    def cpu(self, records: int, *, started: bool) -> float:
        """CPU seconds, likewise."""
        return _reckoned(self.start.cpu, self.whole.cpu, self.records, records, started)


def _reckoned(start: float, whole: float, ran: int, records: int, started: bool) -> float:
    return max(whole - start, 1e-6) / ran * records + started * start


def prompts(case: Case, tools: Iterable[str], rounds: int, tell: Tell) -> dict[str, list[Round]]:
    """Every tool in every round, one after the other, so that noise hits all alike."""
    found: dict[str, list[Round]] = {tool: [] for tool in tools}
    with server(VENV, case.latency_ms) as (url, pid):
        for number in range(rounds):
            for tool, ended in found.items():
                records = min(case.records, RIVALS[tool] or case.records)
                start = _prompt_run(tool, url, pid, 1, case.concurrency)
                whole = _prompt_run(tool, url, pid, records, case.concurrency)
                ended.append(Round(records, start, whole))
                tell(f"{case}: round {number + 1}, {tool}: {whole.seconds:.1f} s, {whole.cpu:.1f} CPU s")
    return found


def _prompt_run(tool: str, url: str, server: int, records: int, concurrency: int) -> Spent:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_notes(folder, records)
        if tool == APWA:
            (folder / "main.apwa").write_text(PROMPT_PROGRAM.format(url=url, concurrency=concurrency))
            spent = _apwa_run(folder, server)
        else:
            command = [str(VENV), "-m", f"benchmarks.rivals.{tool}", url, str(concurrency)]
            spent = spend(command, folder, {"PYTHONPATH": str(ROOT)}, {server})
        check_labels(folder, records)
        return spent


def returns(records: int) -> Spent:
    """A ``return`` task over so many rows, from the command line to the saved file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_notes(folder, records)
        (folder / "main.apwa").write_text(RETURN_PROGRAM)
        spent = _apwa_run(folder)
        with (folder / "sizes.jsonl").open() as lines:
            if sum(1 for _ in lines) != records:
                raise ValueError(f"sizes.jsonl does not have {records} rows")
        return spent


def imports() -> Spent:
    """What a process takes that imports what a run imports, and does nothing."""
    return spend([sys.executable, "-c", f"{IMPORTS}; import time; time.sleep(1)"], ROOT, {})


def check(lines: int) -> Spent:
    """``apwa check`` of a program of so many lines."""
    block = (
        'record R{n} {{\n  id: str @key\n  text: str\n}}\ntable t{n}: R{n} = read "t{n}.jsonl"\n'
        'task f{n}(row: R{n}) -> str {{\n  return: upper(row.text)\n  writes: "out{n}/{{{{ row.id }}}}.txt"\n}}\n'
        'split s{n} = t{n} by row\nflow w{n} {{\n  x = map f{n} over s{n}\n  save x to "x{n}.jsonl"\n}}\n'
    )
    count = max(1, lines // block.count("\n"))
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "main.apwa").write_text("".join(block.format(n=n) for n in range(count)))
        return spend([sys.executable, "-m", "apwa_lang.cli", "check", "main.apwa"], Path(name), {})


def _apwa_run(folder: Path, *apart: int) -> Spent:
    command = [sys.executable, "-m", "apwa_lang.cli", "run", "main.apwa", "--progress", "none"]
    return spend(command, folder, {}, apart)
