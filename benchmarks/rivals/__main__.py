"""APWA beside other ways to do the same work, in records per second, CPU time and memory.

``python -m benchmarks.rivals`` measures all; ``make bench`` prepares the rivals' environment first. All tools read the
same notes, ask one model server the same, check the answers and write the labels in order. Figures are medians over
interleaved rounds; ratios are taken within a round. "Without start" leaves out what a run over one record takes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.processes import Spent
from benchmarks.rivals.cases import APWA, BARE, RIVALS, VENV, Case, Round, check, imports, prompts, returns

CASES = ("check", "return", "prompt")
OPENAI = "openai_client"
QUICK = {"records": [2_000], "latency_ms": [20.0], "rounds": 1, "returns": [1_000, 20_000]}

Json = dict[str, Any]


def main() -> None:
    given = _arguments()
    if "prompt" in given.cases and not VENV.exists():
        raise SystemExit(f"there is no {VENV}; run `make bench`, which makes it")
    found: Json = {}
    if "check" in given.cases:
        found["check"] = _check()
    if "return" in given.cases:
        found["return"] = _return(given.returns)
    if "prompt" in given.cases:
        found["prompt"] = [
            _prompt(Case(records, latency, given.concurrency), given.only, given.rounds)
            for records in given.records
            for latency in given.latency_ms
        ]
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="APWA beside other ways to do the same work.")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--records", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--latency-ms", nargs="+", type=float, default=[20.0, 200.0])
    parser.add_argument("--concurrency", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", nargs="+", choices=RIVALS, default=list(RIVALS), metavar="TOOL", help=", ".join(RIVALS)
    )
    parser.add_argument("--returns", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument("--json", type=Path, metavar="FILE")
    if "--quick" in sys.argv:
        parser.set_defaults(**QUICK)
    return parser.parse_args()


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _check() -> Json:
    found = {lines: check(lines) for lines in (50, 10_000)}
    print(
        "\n`apwa check`", *(f"{n:>9,} lines  {s.seconds:6.2f} s  {s.peak:6.0f} MiB" for n, s in found.items()), sep="\n"
    )
    return {str(lines): asdict(spent) for lines, spent in found.items()}


def _return(sizes: list[int]) -> Json:
    base = imports()
    print(f"\n`return` tasks; imports alone take {base.cpu:.1f} CPU s and {base.peak:.0f} MiB")
    print(f"{'rows':>10} {'seconds':>8} {'CPU s':>7} {'rows/s':>8} {'MiB':>6} {'beyond imports':>15}")
    found: dict[int, Spent] = {}
    for rows in sizes:
        spent = found[rows] = returns(rows)
        print(
            f"{rows:>10,} {spent.seconds:>8.1f} {spent.cpu:>7.1f} {rows / spent.seconds:>8,.0f} {spent.peak:>6.0f} "
            f"{spent.peak - base.peak:>15.0f}",
            flush=True,
        )
    return {"imports": asdict(base), "rows": {str(rows): asdict(spent) for rows, spent in found.items()}}


def _prompt(case: Case, tools: list[str], rounds: int) -> Json:
    found = prompts(case, tools, rounds, _tell)
    print(f"\n{case}; medians of {rounds} round{'s' if rounds > 1 else ''}, in brackets without start")
    print(f"{'tool':15} {'ran':>8} {'records/s':>16} {'CPU ms/record':>16} {'MiB':>6}", end="")
    print(f" {'wall : bare':>14} {'CPU : bare':>14}" if BARE in tools else "")
    table = {}
    for tool, ended in found.items():
        row = table[tool] = _figures(case.records, ended, found.get(BARE))
        scaled = "*" if ended[0].records < case.records else " "
        print(
            f"{tool:15} {ended[0].records:>7,}{scaled} {_pair(row['records_per_second'], ',.0f'):>16} "
            f"{_pair(row['cpu_ms'], '.3f'):>16} {row['peak_mib']:>6.0f}"
            + (f" {_pair(row['wall_ratio'], '.2f'):>14} {_pair(row['cpu_ratio'], '.2f'):>14}" if BARE in tools else "")
        )
    if any(ended[0].records < case.records for ended in found.values()):
        print(f"* ran fewer; the figures are reckoned for {case.records:,}, memory is that of the records it ran")
    if APWA in found:
        for rival in (BARE, OPENAI):
            if rival in found:
                ratio = [_ratio(case.records, found[APWA], found[rival], started) for started in (True, False)]
                print(f"records per CPU second, {APWA} : {rival} = {_pair(ratio, '.2f')}")
    sys.stdout.flush()
    raw = {tool: [asdict(one) for one in ended] for tool, ended in found.items()}
    return {"case": asdict(case), "table": table, "rounds": raw}


def _figures(records: int, ended: list[Round], bare: list[Round] | None) -> Json:
    """Pairs are with the start and without."""

    def both(figure: Callable[[Round, bool], float]) -> list[float]:
        return [median(figure(one, started) for one in ended) for started in (True, False)]

    figures: Json = {
        "records_per_second": both(lambda one, started: records / one.seconds(records, started=started)),
        "cpu_ms": both(lambda one, started: one.cpu(records, started=started) / records * 1000),
        "peak_mib": median(one.whole.peak for one in ended),
    }
    if bare:
        figures["cpu_ratio"] = [_ratio(records, ended, bare, started) for started in (True, False)]
        figures["wall_ratio"] = [
            median(
                other.seconds(records, started=started) / one.seconds(records, started=started)
                for one, other in zip(ended, bare, strict=True)
            )
            for started in (True, False)
        ]
    return figures


def _ratio(records: int, ours: list[Round], theirs: list[Round], started: bool) -> float:
    """Records per CPU second of the first over those of the second, round by round."""
    return median(
        other.cpu(records, started=started) / one.cpu(records, started=started)
        for one, other in zip(ours, theirs, strict=True)
    )


def _pair(pair: list[float], form: str) -> str:
    return f"{pair[0]:{form}} ({pair[1]:{form}})"


if __name__ == "__main__":
    main()
