"""Extraction at full size: ``python -m benchmarks.workloads.extraction --documents 100 1000 10000``.

In: how many documents, of seven kinds by turns, and the latency of the scripted model. Out: time, CPU time and memory
of a run, and for each kind precision and recall by field. Exit code 1 where these are not what the answers must give.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import server, spend
from benchmarks.workloads.extractor import EXAMPLE, Invoice, answered, example

EXTRACTOR = "benchmarks.workloads.extractor"
_WAYS = {"image": {"image": "seen"}, "pdf": {"pdf": "seen", "pdf as text": "text"}}

# Of each kind what is right, found and planted.
Marks = dict[str, list[int]]


def _prepare(folder: Path, count: int) -> tuple[Marks, int]:
    """Lay the program and its documents down. Returns the marks that it must come to, and how many have no answer."""
    for name in ("documents.apwa", "marks.py", "plain.py"):
        shutil.copy(EXAMPLE / name, folder)
    marks: Marks = {}
    nonsense = 0
    for row in example("make_data").write(count, folder):
        kind, truth = row["kind"], row["truth"]
        for shown, way in _WAYS.get(kind, {kind: "text"}).items():
            answer: Invoice | None = answered(truth, way)
            if answer is None:
                nonsense += 1
                continue
            mark = example("marks").one(answer, truth)
            total = marks.setdefault(shown, [0, 0, 0])
            marks[shown] = [one + mark[name] for one, name in zip(total, ("right", "found", "planted"), strict=True)]
    return marks, nonsense


def _extract(count: int, latency_ms: float) -> bool:
    with tempfile.TemporaryDirectory(prefix="apwa-workload-") as name:
        folder = Path(name)
        expected, nonsense = _prepare(folder, count)
        with server(Path(sys.executable), latency_ms, EXTRACTOR) as (url, pid):
            command = [sys.executable, "-m", "apwa_lang.cli", "run", "documents.apwa", "--progress", "none"]
            spent = spend(command, folder, {"LLM_URL": url}, [pid], codes=(1 if nonsense else 0,))
        with (folder / "out" / "score.csv").open() as stream:
            scores = {row["kind"]: row for row in csv.DictReader(stream)}
        quarantined = sum(path.read_text().count("\n") for path in folder.glob(".apwa/runs/*/quarantine/*.jsonl"))
    found = {kind: [int(row[name]) for name in ("right", "found", "planted")] for kind, row in scores.items()}
    as_it_must_be = found == expected and quarantined == nonsense
    print(
        f"{count:,} documents at {latency_ms:g} ms: {spent.seconds:.1f} s ({count / spent.seconds:,.0f}/s), "
        f"{spent.cpu / count * 1000:.2f} CPU ms a document, {spent.peak:.0f} MiB; {quarantined} quarantined of "
        f"{nonsense} planted{'' if as_it_must_be else '; NOT AS IT MUST BE'}"
    )
    for kind, row in scores.items():
        print(f"  {kind:12} precision {float(row['precision']):.4f}, recall {float(row['recall']):.4f}", flush=True)
    return as_it_must_be


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.workloads.extraction", description="Full-size extraction."
    )
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--latency-ms", type=float, default=50)
    given = parser.parse_args()
    ended_well = [_extract(count, given.latency_ms) for count in given.documents]
    if not all(ended_well):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
