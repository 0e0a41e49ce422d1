"""``shell``: commands that a model has written, run where they can do no harm."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from apwa_runtime.isolation.obituary import how_it_ended

_KEPT = 100_000
_MOST = 64 * 2**20


def shell(command: str, files: Mapping[str, str]) -> str:
    """What ``command`` prints on both streams, and how it ended if it failed; ``files`` are variables."""
    process = subprocess.Popen(
        ("/bin/sh", "-c", command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "HOME": os.getcwd(), **files},  # noqa: PTH109 (a variable is text)
    )
    assert process.stdout is not None
    said, seen = bytearray(), 0
    while seen < _MOST and (piece := os.read(process.stdout.fileno(), 1 << 16)):
        seen += len(piece)
        said += piece[: max(0, _KEPT - len(said))]
    process.stdout.close()
    code = process.wait()
    text = said.decode(errors="replace")
    cut = f"\n… ({seen:,} bytes in all)" if seen > len(said) else ""
    ended = f"\n(the command {how_it_ended(code)})" if code else ""
    return f"{text}{cut}{ended}".strip() or "(the command printed nothing)"
