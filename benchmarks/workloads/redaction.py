"""Redaction, ``examples/pii``, at full size.

In: how many records, and the latency of the scripted model. Out: time, CPU time and memory of a run, how precision and
recall stand to what the answers must give, and what was quarantined.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.processes import server, spend
from benchmarks.work import ROOT
from benchmarks.workloads.loading import module_of
from benchmarks.workloads.redactor import redacted as answer_to

EXAMPLE = ROOT / "examples" / "pii"
REDACTOR = "benchmarks.workloads.redactor"


def _prepare(folder: Path, count: int) -> tuple[dict[str, int], int]:
    """Lay the program and its data down. Returns the marks that it must come to, and how many answers are nonsense."""
    for name in ("pii.apwa", "marks.py"):
        shutil.copy(EXAMPLE / name, folder)
    (folder / "data").mkdir()
    marks = {"right": 0, "found": 0, "planted": 0}
    nonsense = 0
    with (folder / "data" / "records.jsonl").open("w") as stream:
        for record in module_of(EXAMPLE / "make_data.py").records(count):
            stream.write(json.dumps(record) + "\n")
            answer: Any = answer_to(record["text"])
            if answer is None:
                nonsense += 1
                continue
            lists = (answer["found"], record["planted"])
            pieces = [Counter((one["kind"], one["value"]) for one in some) for some in lists]
            marks["right"] += (pieces[0] & pieces[1]).total()
            marks["found"] += pieces[0].total()
            marks["planted"] += pieces[1].total()
    return marks, nonsense


def redacted(count: int, latency_ms: float) -> bool:
    """Run it, print what it took; returns whether it came to what it must."""
    with tempfile.TemporaryDirectory(prefix="apwa-workload-") as name:
        folder = Path(name)
        marks, nonsense = _prepare(folder, count)
        with server(Path(sys.executable), latency_ms, REDACTOR) as (url, pid):
            command = [sys.executable, "-m", "apwa_lang.cli", "run", "pii.apwa", "--progress", "none"]
            spent = spend(command, folder, {"LLM_URL": url}, [pid], codes=(1 if nonsense else 0,))
        (score,) = json.loads((folder / "out" / "score.json").read_text())
        lines = sum(1 for _ in (folder / "out" / "redacted.jsonl").open())
        quarantined = [path.read_text().count("\n") for path in folder.glob(".apwa/runs/*/quarantine/*.jsonl")]
    as_it_must_be = lines == count - nonsense and sum(quarantined) == nonsense
    as_it_must_be &= all(score[key] == value for key, value in marks.items())
    print(
        f"{count:,} records at {latency_ms:g} ms: {spent.seconds:.1f} s ({count / spent.seconds:,.0f}/s), "
        f"{spent.cpu / count * 1000:.2f} CPU ms a record, {spent.peak:.0f} MiB; precision {score['precision']:.4f}, "
        f"recall {score['recall']:.4f}; {sum(quarantined)} quarantined of {nonsense} planted"
        f"{'' if as_it_must_be else '; NOT AS IT MUST BE'}",
        flush=True,
    )
    return as_it_must_be
