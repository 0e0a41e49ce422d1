"""Kills programs at random moments, cuts their journals, resumes them, and compares.

``python -m benchmarks.faults --runs 200 --seed 1``. Each run takes a program, a cluster (inside the client, or a
scheduler with two workers that have nannies), and up to three strikes: ``kill -9`` of the client, a worker, the
scheduler, the model server or all of them, with or without a cut of the journal. Exit code 1 when a sub-problem was
lost, doubled or repeated after it had finished, or when the output is not what an undisturbed run writes.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from benchmarks.faults.campaign import Ended, Reference, Struck
from benchmarks.faults.evidence import Asked
from benchmarks.faults.parties import DaskCluster, free_port
from benchmarks.faults.programs import PROGRAMS

CLUSTERS = ("embedded", "external")


def main() -> None:
    given = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="apwa-faults-"))
    port = free_port()
    ended: list[Ended] = []
    with ExitStack() as stack:
        cluster = None
        if "external" in given.clusters:
            cluster = DaskCluster(_new(folder, "dask"))
            stack.callback(cluster.kill_all)
        references: dict[str, Reference] = {}
        for name in given.programs:
            struck = Struck(PROGRAMS[name], _new(folder, f"undisturbed-{name}"), port, None, "")
            references[name] = struck.undisturbed()
        number = 0
        while sum(bool(one.strikes) for one in ended) < given.runs:
            number += 1
            rng = random.Random(f"{given.seed}/{number}")
            name, kind = rng.choice(given.programs), rng.choice(given.clusters)
            own = _new(folder, f"run-{number}")
            struck = Struck(
                PROGRAMS[name], own, port, cluster if kind == "external" else None, f"{given.seed}/{number}"
            )
            ended.append(struck.run(references[name]))
            print(f"{number:4} {name:10} {kind:9} {_line(ended[-1])}", flush=True)
            if ended[-1].good:
                shutil.rmtree(own)
    bad = [one for one in ended if not one.good]
    print(*_summary(ended), sep="\n")
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in ended], indent=2) + "\n")
    if bad:
        print(f"what is left of the runs that did not end well: {folder}")
    else:
        shutil.rmtree(folder)
    sys.exit(bool(bad))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A campaign of kills and resumes.")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--clusters", nargs="+", choices=CLUSTERS, default=CLUSTERS)
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def _new(folder: Path, name: str) -> Path:
    path = folder / name
    path.mkdir()
    return path


def _line(ended: Ended) -> str:
    parts = [", ".join(ended.strikes) or "nothing"]
    asked, differ = ended.asked, ended.difference
    counts = {
        "lost": differ.lost,
        "doubled": differ.doubled,
        "repeated": asked.repeated,
        "again within the window": asked.in_window,
        "again that nobody had heard": asked.unheard,
        "again behind a cut": asked.behind_cut,
        "temporary files": ended.left_behind,
    }
    parts += [f"{count} {what}" for what, count in counts.items() if count]
    parts += [f"differs: {', '.join(differ.files[:3])}"] if differ.files else []
    parts += [ended.trouble] if ended.trouble else []
    return f"{'ok ' if ended.good else 'BAD'}  {'; '.join(parts)}"


def _summary(ended: list[Ended]) -> list[str]:
    struck = [one for one in ended if one.strikes]
    strikes = Counter(strike for one in struck for strike in one.strikes)
    asked = sum((one.asked for one in struck), Asked())
    return [
        "",
        f"{len(struck)} runs with {strikes.total()} kills: "
        + ", ".join(f"{count} {victim}" for victim, count in strikes.most_common()),
        f"ended well: {sum(one.good for one in struck)}",
        f"output differs: {sum(bool(one.difference.files) for one in struck)}",
        f"sub-problems lost: {sum(one.difference.lost for one in struck)}",
        f"sub-problems doubled: {sum(one.difference.doubled for one in struck)}",
        f"sub-problems repeated after finishing: {asked.repeated}",
        f"asked again that had finished less than a second before a kill, or was on its way: {asked.in_window}",
        "asked again that were answered after the client's death: "
        f"{sum(one.asked.unheard for one in struck if one.external)} by workers that outlived it, counted as repeated, "
        f"{sum(one.asked.unheard for one in struck if not one.external)} with nobody left to take them",
        f"asked again whose record lay behind a cut: {asked.behind_cut}",
        f"runs with temporary files left behind: {sum(bool(one.left_behind) for one in struck)}",
    ]


if __name__ == "__main__":
    main()
