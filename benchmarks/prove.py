"""How long the prover takes: for a pair of templates of up to three fields, and for a program of many tasks.

python benchmarks/prove.py [--pairs 2000] [--tasks 200]
"""

from __future__ import annotations

import argparse
import random
import statistics
import time

from apwa_lang.check import check
from apwa_lang.proofs.decide import claim_of, pairs
from apwa_lang.semantics.analysis import analyse
from apwa_lang.syntax.source import Source

HEAD = """record Item {
  id: str @key
  ward: str @pattern("[A-Z]{2}[0-9]+")
  text: str
  n: int
  day: date
  kind: "letter" | "bill" | "note"
}
table items: Item = read "items.jsonl"
split each = items by row
"""
HOLES = ["id", "ward", "text", "n", "day", "kind", "id | key", "text | key", "n | zfill(4)", "text | lower", "id | hex"]


def path(rng: random.Random) -> str:
    holes = [f"{{{{ item.{rng.choice(HOLES)} }}}}" for _ in range(rng.randint(1, 3))]
    return "out/" + rng.choice(["-", "_", "/", "--"]).join(holes) + ".json"


def program(paths: list[str]) -> str:
    tasks = "".join(
        f'task t{number}(item: Item) -> str {{ return: "" writes: "{path}" }}\n' for number, path in enumerate(paths)
    )
    steps = "".join(f"  x{number} = map t{number} over each\n" for number in range(len(paths)))
    return f"{HEAD}{tasks}flow main {{\n{steps}}}\n"


def of_pairs(count: int) -> None:
    rng = random.Random(1)
    times: list[float] = []
    verdicts: dict[str, int] = {}
    while len(times) < count:
        analysed = analyse(Source(program([path(rng), path(rng)]), "pairs.apwa")).program
        for flow in analysed.flows.values():
            for pair in pairs(analysed, flow):
                if {pair.left.effect.kind, pair.right.effect.kind} != {"write"}:
                    continue
                start = time.perf_counter()
                verdict = claim_of(flow, pair).verdict
                times.append(1000 * (time.perf_counter() - start))
                verdicts[verdict] = verdicts.get(verdict, 0) + 1
    slowest = statistics.quantiles(times, n=100)[98]
    print(f"{len(times):,} pairs: {statistics.mean(times):.2f} ms on average, 99 % within {slowest:.1f} ms")
    print("  " + ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(verdicts.items())))


def of_tasks(count: int) -> None:
    same_ends = [
        f"out/{{{{ item.id | key }}}}-{{{{ item.n }}}}/{number}/{{{{ item.id }}}}.json" for number in range(count)
    ]
    for name, paths in (
        ("a folder each", [f"out/{n}/{{{{ item.id }}}}.json" for n in range(count)]),
        ("told apart in the middle only", same_ends),
    ):
        start = time.perf_counter()
        checked = check(Source(program(paths), "tasks.apwa"))
        took = time.perf_counter() - start
        findings = len(checked.diagnostics)
        print(f"{count} tasks, {name}: {len(checked.claims):,} claims in {took:.1f} s, {findings} findings")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2_000)
    parser.add_argument("--tasks", type=int, default=200)
    arguments = parser.parse_args()
    of_pairs(arguments.pairs)
    of_tasks(arguments.tasks)


if __name__ == "__main__":
    main()
