"""What a run has used of the rates of its models, kept in its folder, so that the next start goes on with it.

In: uses by model, a few times a second. Out: ``rates.json``, and the uses that it held when a run is resumed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from apwa_compiler.plan import Plan, Rate
from apwa_runtime.journal.frames import write_whole
from apwa_runtime.models.limits import Used, Uses

FILE = "rates.json"
EVERY = 0.5

# Seconds of use that a run which was killed may not have written any more.
_UNWRITTEN = 4 * EVERY


class RateLog:
    """Writes what ``used`` gives into the folder of a run."""

    def __init__(self, folder: Path, used: Callable[[], Mapping[str, Used]]) -> None:
        self._file = folder / FILE
        self._used = used
        self._written = -EVERY

    def keep(self) -> None:
        """Write, where the last time was a while ago."""
        if time.monotonic() - self._written >= EVERY:
            self._write(ended=False)

    def close(self) -> None:
        """Write for the last time: nothing more is sent."""
        self._write(ended=True)

    def _write(self, *, ended: bool) -> None:
        self._written = time.monotonic()
        models = {name: {"requests": used.requests, "tokens": used.tokens} for name, used in self._used().items()}
        # A full disk is told by the journal, in better words.
        with suppress(OSError):
            write_whole(self._file, json.dumps({"at": time.time(), "ended": ended, "models": models}) + "\n")


def read_rates(folder: Path) -> dict[str, Used]:
    """What an earlier start in a run's folder has used, by model; empty where that is not known."""
    try:
        found = json.loads((folder / FILE).read_text())
        since = max(0.0, time.time() - found["at"])
        unwritten = 0.0 if found["ended"] else min(since, _UNWRITTEN)
        return {
            name: Used(
                requests=_aged(uses["requests"], since),
                tokens=_aged(uses["tokens"], since),
                since=since - unwritten,
                unwritten=unwritten,
            )
            for name, uses in found["models"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _aged(uses: Uses, seconds: float) -> Uses:
    return tuple((age + seconds, amount) for age, amount in uses)


def has_rates(plan: Plan) -> bool:
    """Whether some model of the plan has a rate."""
    rates = (dict(model.settings).get("rate") for model in plan.models)
    return any(isinstance(rate, Rate | dict) for rate in rates)
