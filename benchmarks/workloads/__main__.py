"""The workloads at full size: ``python -m benchmarks.workloads --records 4096 300000 --play 166 942 10500 105000``.

In: how many records to redact, how many kilobytes of a play to summarise, and the latency of the scripted models. Out:
what each run took and came to. Exit code 1 where that is not as it must be. Without sizes, all of them.
"""

from __future__ import annotations

import argparse

from benchmarks.workloads.play import summarised
from benchmarks.workloads.redaction import redacted

RECORDS = [4096, 300_000]
KILOBYTES = [166, 942, 10_500, 105_000]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workloads", description="The workloads at full size.")
    parser.add_argument("--records", type=int, nargs="+", help=f"to redact; {RECORDS}")
    parser.add_argument("--play", type=int, nargs="+", metavar="KB", help=f"to summarise; {KILOBYTES}")
    parser.add_argument("--latency-ms", type=float, default=50)
    given = parser.parse_args()
    everything = not (given.records or given.play)
    ended_well = [
        *(redacted(count, given.latency_ms) for count in given.records or (RECORDS if everything else ())),
        *(summarised(size, given.latency_ms) for size in given.play or (KILOBYTES if everything else ())),
    ]
    if not all(ended_well):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
