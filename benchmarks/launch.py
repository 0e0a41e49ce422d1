"""How long the launch check takes: a million rendered paths compared.

``python -m benchmarks.launch [--rows 1000000]``

Three shapes: one write for each row, a write and a read of another path for each row, and a folder for each row. Memory
is what the process holds at its largest beyond the table itself.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from apwa_compiler.build import build_plan
from apwa_compiler.pipeline import optimise
from apwa_compiler.plan import EffectRef, PathCheck, Plan
from apwa_lang.semantics.analysis import analyse
from apwa_lang.syntax.source import Source
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.launch.check import LaunchCheck
from apwa_runtime.values.arrow import to_batch

PROGRAM = """
record Note {{ id: str @key @pattern("[a-z0-9]+") ward: str @pattern("[a-z]+") text: str }}
table notes: Note = read "notes.jsonl"
task page(note: Note) -> str {{ python: "pages:page" {effects} }}
split each = notes by row
flow main {{ pages = map page over each }}
"""
WRITE, READ = EffectRef("pages", "write"), EffectRef("pages", "read")
AS_FOLDERS = "a folder each"
SHAPES = {
    "a file each": ('writes: { a: "out/{{ note.ward }}/{{ note.id }}.md" }', [PathCheck(WRITE, WRITE)]),
    "read and write": (
        'reads: { b: "in/{{ note.id }}.md" } writes: { a: "out/{{ note.id }}.md" }',
        [PathCheck(READ, WRITE), PathCheck(WRITE, WRITE)],
    ),
    AS_FOLDERS: ('writes: { a: "out/{{ note.ward }}/{{ note.id }}" }', [PathCheck(WRITE, WRITE)]),
}


def plan_of(effects: str) -> Plan:
    file = Path("/project/main.apwa")
    analysed = analyse(Source(PROGRAM.format(effects=effects), file.name, file))
    return optimise(build_plan(analysed.program, None, {}))


def with_trees(plan: Plan) -> Plan:
    """The same plan with folders written where there are files."""
    (task,) = plan.tasks
    writes = tuple(replace(effect, template=f"{effect.template}/**") for effect in task.writes)
    return replace(plan, tasks=(replace(task, writes=writes),))


def notes(plan: Plan, folder: Path, rows: int) -> Dataset:
    record = plan.step("notes").record
    assert record is not None
    writer = DatasetWriter(folder, record)
    for place, first in enumerate(range(0, rows, 8192)):
        numbers = range(first, min(first + 8192, rows))
        writer.add(
            place, to_batch([{"id": f"n{n:07}", "ward": "abcdefgh"[n % 8], "text": "x" * 200} for n in numbers], record)
        )
    return writer.finish()


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description="Time of the launch check.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        data = notes(plan_of(""), Path(folder), rows)
        for name, (effects, checks) in SHAPES.items():
            plan = with_trees(plan_of(effects)) if name == AS_FOLDERS else plan_of(effects)
            before, start = peak(), time.perf_counter()
            launch = LaunchCheck(plan, {"notes": data}, checks)
            launch.before_all()
            seconds = time.perf_counter() - start
            print(
                f"{name:15} {launch.compared:9,} paths in {seconds:5.1f} s "
                f"({seconds / launch.compared * 1e6:.1f} us each), {peak() - before:+.0f} MiB at the peak"
            )


if __name__ == "__main__":
    main()
