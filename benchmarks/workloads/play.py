"""A summary by scene, act and whole, ``examples/play``, at full size.

In: how many kilobytes of text, and the latency of the scripted model. Out: time, CPU time and memory of a run, its
calls, and how many of the planted marks its summaries have kept.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import server, spend
from benchmarks.work import ROOT
from benchmarks.workloads.loading import module_of

EXAMPLE = ROOT / "examples" / "play"
SUMMARISER = "benchmarks.workloads.summariser"


def summarised(kilobytes: int, latency_ms: float) -> bool:
    """Run it, print what it took; returns whether every mark came through."""
    with tempfile.TemporaryDirectory(prefix="apwa-workload-") as name:
        folder = Path(name)
        for file in ("play.apwa", "check.py"):
            shutil.copy(EXAMPLE / file, folder)
        (folder / "data").mkdir()
        size = 0
        with (folder / "data" / "play.jsonl").open("w") as stream:
            for row in module_of(EXAMPLE / "make_data.py").scenes(kilobytes):
                size += len(row["text"])
                stream.write(json.dumps(row) + "\n")
        with server(Path(sys.executable), latency_ms, SUMMARISER) as (url, pid):
            command = [sys.executable, "-m", "apwa_lang.cli", "run", "play.apwa", "--progress", "none"]
            spent = spend(command, folder, {"LLM_URL": url}, [pid])
        (run,) = folder.glob(".apwa/runs/*/report.json")
        calls = json.loads(run.read_text())["usage"]["server"]["calls"]
        checked = subprocess.run([sys.executable, "check.py"], cwd=folder, capture_output=True, text=True, check=False)
    print(
        f"{size / 1000:,.0f} kB of text at {latency_ms:g} ms: {spent.seconds:.1f} s, {calls:,} calls "
        f"({calls / spent.seconds:,.0f}/s), {spent.cpu / calls * 1000:.2f} CPU ms a call, {spent.peak:.0f} MiB; "
        f"{', '.join(checked.stdout.splitlines())}{checked.stderr}",
        flush=True,
    )
    return checked.returncode == 0
