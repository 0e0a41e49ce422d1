"""A scripted model for ``examples/play``: it keeps the marks of its level, and says little else.

In: chat completions over HTTP, each with a passage or with summaries. Out: after a fixed time a summary with the marks
that it is asked to keep, each once. ``python -m benchmarks.workloads.summariser --latency-ms 50``.
"""

from __future__ import annotations

import argparse
import re

from benchmarks.server import Manner, run, serve

_MARK = re.compile(rb"mark for the (scene|act|play): the \w+ bears the number \d+-\d+-\d+")
_ACTS, _SCENES = b"summaries of consecutive acts", b"summaries of consecutive scenes"


def summary(request: bytes) -> str:
    """What a request is answered."""
    ranks = {b"play"} if _ACTS in request else {b"act", b"play"} if _SCENES in request else {b"scene", b"act", b"play"}
    marks = dict.fromkeys(mark[0].decode() for mark in _MARK.finditer(request) if mark[1] in ranks)
    return " ".join(["They meet, they quarrel and they part.", *(f"{mark}." for mark in marks)])


class Summariser(Manner):
    """Answers requests with what :func:`summary` gives."""

    def answer(self, request: bytes) -> str:
        """What the model says."""
        return f'{{"summary": "{summary(request)}"}}'


def main() -> None:
    parser = argparse.ArgumentParser(description="The scripted model of the summary workload.")
    parser.add_argument("--latency-ms", type=float, default=50)
    run(serve(Summariser(parser.parse_args().latency_ms / 1000)))


if __name__ == "__main__":
    main()
