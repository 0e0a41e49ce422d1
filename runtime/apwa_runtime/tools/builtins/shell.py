"""``shell``: commands that a model has written, run where they can do no harm."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping

from apwa_runtime.isolation.obituary import how_it_ended

_KEPT = 100_000


def shell(command: str, files: Mapping[str, str]) -> str:
    """What ``command`` prints on both streams, and how it ended if it failed; ``files`` are variables."""
    # Into a file, not a pipe, which what is left in the background would hold open.
    with tempfile.TemporaryFile() as output:
        code = subprocess.run(
            ("/bin/sh", "-c", command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HOME": os.getcwd(), **files},  # noqa: PTH109 (a variable is text)
            check=False,
        ).returncode
        seen = output.seek(0, os.SEEK_END)
        output.seek(0)
        said = output.read(_KEPT)
    text = said.decode(errors="replace")
    cut = f"\n… ({seen:,} bytes in all)" if seen > len(said) else ""
    ended = f"\n(the command {how_it_ended(code)})" if code else ""
    return f"{text}{cut}{ended}".strip() or "(the command printed nothing)"
