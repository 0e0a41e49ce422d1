"""How long the language server takes from a key to the findings about it.

python -m benchmarks.lsp [--lines 1000 5000] [--keys 400] [--pause-ms 0] [--asking] [--seed 1]

Lines of a long program, chosen by chance, are deleted and typed again, one key at a time. The time is that of a
client in another process, from the sent edit to the first findings about it. Beside it: a check of the same texts from
nothing, inside one process, which a pause in typing brings about too. With ``--asking`` the client asks after every key
for completions, highlights, code actions, colours, hints, lenses, folds, symbols and links too, as an editor does that
never waits.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time

from apwa_lang.check import check
from apwa_lang.config import config_of
from apwa_lang.syntax.source import Source
from benchmarks.lsp.client import Client
from benchmarks.lsp.programs import EXAMPLES, program

FILE = EXAMPLES / "typed.apwa"
AFRESH_EVERY = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--keys", type=int, default=400)
    parser.add_argument("--pause-ms", type=float, default=0, help="between two keys, in which whole checks begin")
    parser.add_argument("--asking", action="store_true", help="ask for everything else after each key")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for lines in options.lines:
        text = program(lines)
        rng = random.Random(options.seed)
        typed, afresh = measure(text, options.keys, options.pause_ms / 1000, options.asking, rng)
        print(
            f"{text.count(chr(10)):,} lines: {told('a key', typed)}; {told('a check from nothing', afresh)}", flush=True
        )


def measure(text: str, keys: int, pause: float, asking: bool, rng: random.Random) -> tuple[list[float], list[float]]:
    """Seconds for each key, and for each of some of the texts checked from nothing."""
    lines = text.split("\n")
    client = Client(FILE, text)
    typed: list[float] = []
    afresh: list[float] = []
    while len(typed) < keys:
        number = rng.randrange(len(lines))
        line = lines[number]
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        client.replace(number, indent, len(line), "")
        for end in range(indent, len(line)):
            time.sleep(pause)
            typed.append(client.replace(number, end, end, line[end], asking=asking))
            if len(typed) % AFRESH_EVERY == 0:
                source = Source("\n".join([*lines[:number], line[: end + 1], *lines[number + 1 :]]), "typed.apwa", FILE)
                begun = time.perf_counter()
                check(source, lint=config_of(FILE).lint)
                afresh.append(time.perf_counter() - begun)
    client.close()
    return typed, afresh


def told(what: str, seconds: list[float]) -> str:
    """The middle, the 95th of a hundred, and the slowest."""
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return f"{what} {1000 * cuts[9]:.0f} ms, 95 % within {1000 * cuts[18]:.0f}, at most {1000 * max(seconds):.0f}"


if __name__ == "__main__":
    main()
