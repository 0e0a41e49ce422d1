"""The campaign's model server: it writes down when it was asked and when it answered.

In: chat completions. Out: after a random time, an answer that follows from the request's bytes alone. A line in the log
says ``asked`` or ``answered``, when, and the request's checksum; it is with the system, and outlives a kill.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from pathlib import Path
from zlib import crc32

from benchmarks.server import BLANK, Manner, run, serve

ASKED, ANSWERED = "asked", "answered"


class Logged(Manner):
    """Answers between 20 % and 180 % of ``latency`` after the question."""

    def __init__(self, latency: float, log: Path) -> None:
        super().__init__(latency)
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def delay(self, request: bytes) -> float:
        self._note(ASKED, _checksum(request))
        return self.latency * random.uniform(0.2, 1.8)

    def answer(self, request: bytes) -> str:
        number = _checksum(request)
        self._note(ANSWERED, number)
        return f'{{"topic": "topic {number:08x}", "urgent": {"true" if number % 2 else "false"}}}'

    def _note(self, what: str, number: int) -> None:
        os.write(self._log, f"{what} {time.time():.6f} {number:08x}\n".encode())


def _checksum(request: bytes) -> int:
    return crc32(request[request.index(BLANK) :])


def main() -> None:
    parser = argparse.ArgumentParser(description="The model server of the fault campaign.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--latency-ms", type=float, required=True)
    given = parser.parse_args()
    run(serve(Logged(given.latency_ms / 1000, given.log), given.port))


if __name__ == "__main__":
    main()
