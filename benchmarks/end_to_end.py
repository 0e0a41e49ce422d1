"""Whole runs, from the command line to the saved file, beside a bare loop over the same work.

``python -m benchmarks.end_to_end [--rows 10000] [--latency-ms 20] [--return-rows 100000]``

Reported: records per second of ``apwa run`` on a prompt task (process start included) and of a bare aiohttp loop on the
same server, their ratio, seconds for a ``return`` task, seconds of ``apwa check`` on a small and a large program, and
peak memory of each process. The server is a process of its own; everything shares the machine's cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from tests.support.model_server import model_server

PROMPT_PROGRAM = """
record Note {{ id: str @key  text: str }}
record Label {{ topic: str  urgent: bool }}
table notes: Note = read "notes.jsonl"
model server {{ provider: "openai" name: "test" base_url: "{url}" concurrency: 256 }}
task classify(note: Note) -> Label {{
  model: server
  prompt: "What is this note about? {{{{ note.text }}}}"
  timeout: 30s
}}
split per_note = notes by row
flow main {{
  labels = map classify over per_note keep id
  save labels to "labels.jsonl"
}}
"""

RETURN_PROGRAM = """
record Note { id: str @key  text: str }
record Size { letters: int  shout: str }
table notes: Note = read "notes.jsonl"
task measure(note: Note) -> Size { return: { letters: len(note.text), shout: upper(note.text) } }
split per_note = notes by row
flow main {
  sizes = map measure over per_note keep id
  save sizes to "sizes.jsonl"
}
"""


def notes(folder: Path, count: int) -> None:
    with (folder / "notes.jsonl").open("w") as stream:
        for number in range(count):
            stream.write(
                json.dumps({"id": f"n{number:07}", "text": f"Note {number}: slept well, ate little. " * 3}) + "\n"
            )


def apwa(*arguments: str, cwd: Path) -> tuple[float, float]:
    """Seconds and peak MiB of one command, which must succeed."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "apwa_lang.cli", *arguments], cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"apwa {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_maxrss / 1024


async def bare(url: str, rows: int) -> None:
    """The same calls without validation, order or results: what aiohttp alone can do."""
    schema = {"type": "object", "properties": {"topic": {"type": "string"}, "urgent": {"type": "boolean"}}}
    numbers = iter(range(rows))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=256)) as session:

        async def feed() -> None:
            for number in numbers:
                body = {
                    "model": "test",
                    "messages": [{"role": "user", "content": f"What is this note about? Note {number}"}],
                    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}},
                }
                async with session.post(f"{url}/chat/completions", json=body) as response:
                    json.loads(await response.read())

        await asyncio.gather(*(feed() for _ in range(256)))


def prompt_run(rows: int, latency: float) -> None:
    with model_server(latency=latency) as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notes(folder, rows)
        (folder / "main.apwa").write_text(PROMPT_PROGRAM.format(url=server.url))
        seconds, peak = apwa("run", "main.apwa", "--progress", "none", cwd=folder)
        lines = (folder / "labels.jsonl").read_text().splitlines()
        assert [json.loads(line)["id"] for line in lines] == [f"n{number:07}" for number in range(rows)]
        started = time.perf_counter()
        asyncio.run(bare(server.url, rows))
        alone = time.perf_counter() - started
    print(
        f"prompt  {rows:,} rows at {latency * 1000:g} ms: {seconds:.2f} s, "
        f"{rows / seconds:,.0f} records/s, {peak:,.0f} MiB"
    )
    print(f"bare    aiohttp loop: {alone:.2f} s, {rows / alone:,.0f} records/s; ratio {alone / seconds:.2f}")


def return_run(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notes(folder, rows)
        (folder / "main.apwa").write_text(RETURN_PROGRAM)
        seconds, peak = apwa("run", "main.apwa", "--progress", "none", cwd=folder)
        assert len((folder / "sizes.jsonl").read_text().splitlines()) == rows
    print(f"return  {rows:,} rows: {seconds:.2f} s, {rows / seconds:,.0f} records/s, {peak:,.0f} MiB")


def check_run(lines: int) -> None:
    block = (
        'record R{n} {{\n  id: str @key\n  text: str\n}}\ntable t{n}: R{n} = read "t{n}.jsonl"\n'
        'task f{n}(row: R{n}) -> str {{\n  return: upper(row.text)\n  writes: "out{n}/{{{{ row.id }}}}.txt"\n}}\n'
        'split s{n} = t{n} by row\nflow w{n} {{\n  x = map f{n} over s{n}\n  save x to "x{n}.jsonl"\n}}\n'
    )
    size = block.count("\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.apwa").write_text("".join(block.format(n=n) for n in range(lines // size)))
        seconds, peak = apwa("check", "main.apwa", cwd=folder)
    print(f"check   {lines:,} lines: {seconds:.2f} s, {peak:,.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--latency-ms", type=float, default=20)
    parser.add_argument("--return-rows", type=int, default=100_000)
    arguments = parser.parse_args()
    check_run(50)
    check_run(50)
    check_run(10_000)
    prompt_run(arguments.rows, arguments.latency_ms / 1000)
    return_run(arguments.return_rows)
    print(f"peak of the benchmark itself: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
