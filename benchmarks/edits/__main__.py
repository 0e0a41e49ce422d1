"""Edits programs at random under a language server, asks it everything, and compares what it shows with the command.

python -m benchmarks.edits [--minutes 5] [--seed 1] [--first 1]

One server serves all sessions. A session starts with the programs as they are written and goes through 300 steps. What
a step does depends on the seed and the number of the session alone: ``--first N --sessions 1`` does session N again.
Exit code 1 when the server answered with an error, said anything on standard error, died, left a request unanswered, or
shows in the end what ``apwa check`` does not say.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from itertools import count, islice
from pathlib import Path

from benchmarks.edits.connection import Server, TroubleError
from benchmarks.edits.session import Session

STEPS = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=1, help="the number of the first session")
    parser.add_argument("--sessions", type=int, help="so many sessions, for any time")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="apwa-edits-")).resolve()
    until = time.monotonic() + 60 * options.minutes
    counts: Counter[str] = Counter()
    failures = 0
    server = Server(folder)
    print(f"a server of {server.memory:.0f} MiB", flush=True)
    for number in islice(count(options.first), options.sessions):
        if options.sessions is None and time.monotonic() > until:
            break
        session = Session(server, folder, f"{options.seed}/{number}")
        try:
            session.run(STEPS)
        except TroubleError as trouble:
            failures += 1
            told = folder.with_name(f"{folder.name}-{number}")
            keep(told, folder, server, trouble)
            print(f"FAILED: --seed {options.seed} --first {number} --sessions 1, step {session.step}: {trouble}")
            print(f"  its files and messages: {told}", flush=True)
            server.kill()
            server = Server(folder)
        counts.update(session.counts)
        print(f"{number:5} sessions, {server.memory:.0f} MiB", flush=True)
    memory = server.memory
    try:
        server.close()
    except TroubleError as trouble:
        failures += 1
        print(f"FAILED, at its end: {trouble}")
    shutil.rmtree(folder)
    print(*(f"{amount:9,} {what}" for what, amount in sorted(counts.items())), sep="\n")
    print(f"a server of {memory:.0f} MiB; {failures} failures")
    sys.exit(bool(failures))


def keep(told: Path, folder: Path, server: Server, trouble: TroubleError) -> None:
    """Keep what belongs to a failure: the files, and what the server was sent last."""
    shutil.copytree(folder, told / "files", ignore=shutil.ignore_patterns("data"))
    (told / "sent.jsonl").write_text("".join(json.dumps(message) + "\n" for message in server.sent))
    (told / "trouble.txt").write_text(f"{trouble}\n", "utf-8", "replace")


if __name__ == "__main__":
    main()
