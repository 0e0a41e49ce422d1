"""What a command costs with every process that it starts.

In: a command. Out: seconds, CPU seconds of all processes, and the most memory that they held at a time. Memory is what
each holds of its own, with what they share shared out, and the program files of the largest, as others on the machine
may have the same files mapped. This process inherits orphans, so that daemons of the command are counted, and ended
with it.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.work import ROOT

_PR_SET_CHILD_SUBREAPER = 36
_SAMPLE = 0.2
_KIB = 1024


@dataclass(frozen=True)
class Spent:
    """``seconds`` from start to end, ``cpu`` seconds of all processes, ``peak`` MiB of all processes together."""

    seconds: float
    cpu: float
    peak: float


def spend(
    command: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    apart: Collection[int] = (),
    codes: Collection[int] = (0,),
) -> Spent:
    """Run a command to its end; processes of ours in ``apart`` do not count.

    Raises SystemExit where it ends with another exit code than those in ``codes``.

    CPU time is what the system tells about processes that were waited for, or the sum of samples where that is more:
    children that nobody waits for are forgotten by the system.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    sampled: dict[psutil.Process, float] = {}
    peak = 0.0
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, _sample(sampled, apart))
        time.sleep(_SAMPLE)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime + _end_orphans(apart)
    if process.returncode not in codes:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Spent(seconds, max(cpu, sum(sampled.values())), peak)


def _sample(cpu: dict[psutil.Process, float], apart: Collection[int]) -> float:
    """Note the CPU seconds of each process so far; returns MiB of all."""
    own = 0
    files = [0]
    for process in psutil.Process().children(recursive=True):
        if process.pid not in apart:
            try:
                times = process.cpu_times()
                cpu[process] = times.user + times.system
                own += _kib(process.pid, "smaps_rollup", "Pss_Anon", "Pss_Shmem")
                files.append(_kib(process.pid, "status", "RssFile"))
            except (psutil.Error, OSError):
                continue
    return (own + max(files)) / _KIB


def _kib(pid: int, file: str, *names: str) -> int:
    """The sum of these lines of a file about a process."""
    lines = (line.partition(":") for line in Path(f"/proc/{pid}/{file}").read_text().splitlines())
    return sum(int(value.split()[0]) for name, _, value in lines if name in names)


def _end_orphans(apart: Collection[int]) -> float:
    """Kill what the command left behind; returns CPU seconds."""
    cpu = 0.0
    while left := [child for child in psutil.Process().children() if child.pid not in apart]:
        for child in left:
            child.kill()
            _, _, usage = os.wait4(child.pid, 0)
            cpu += usage.ru_utime + usage.ru_stime
    return cpu


@contextmanager
def server(python: Path, latency_ms: float, module: str = "benchmarks.server") -> Iterator[tuple[str, int]]:
    """A model server in a process of its own; gives its address and process id."""
    command = [str(python), "-m", module, "--latency-ms", str(latency_ms)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process.pid
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()
