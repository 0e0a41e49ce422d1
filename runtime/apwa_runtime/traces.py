"""What agents did, a line for each sub-problem, in ``traces/<step>.jsonl`` of the run's folder.

In: frames. Out: lines of JSON with the ``ordinal`` of a sub-problem and its ``steps``, in the order in which they came.
A resume adds to the file; a sub-problem that ran again has a line for each time.
"""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from apwa_runtime.batches import Frame

FOLDER = "traces"


class Traces:
    """Writes the traces of one step; used from one thread at a time."""

    def __init__(self, folder: Path, step: str) -> None:
        self._file = folder / FOLDER / f"{step}.jsonl"
        self._stream: TextIO | None = None

    def add(self, frame: Frame) -> None:
        """Write what a frame tells. Raises OSError."""
        if not frame.traces:
            return
        if self._stream is None:
            self._file.parent.mkdir(exist_ok=True)
            self._stream = self._file.open("a", encoding="utf-8")
        self._stream.writelines(f'{{"ordinal": {ordinal}, "steps": {steps}}}\n' for ordinal, steps in frame.traces)
        self._stream.flush()

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()
