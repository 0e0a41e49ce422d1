"""One run of the campaign: a program is started, struck, resumed, struck again, and must end with the right output.

In: a program, the output of an undisturbed run, a seed. Out: an :class:`Ended` that says what was lost, doubled,
repeated or different.
"""

from __future__ import annotations

import math
import random
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.faults.evidence import WINDOW, Asked, Difference, JournalWatch, Kill, asked_again, difference
from benchmarks.faults.parties import DaskCluster, ModelServer, kill, start
from benchmarks.faults.programs import Program

EMBEDDED = ("client", "client", "server", "all")
EXTERNAL = ("client", "worker", "scheduler", "server", "all")
MOST_STRIKES = 3
"""Kills in one run; ``EARLY`` is the part of them that strike while the client is still starting."""
EARLY = 0.15
CUT = 0.5
"""The part of the kills of a client after which the journal is cut."""
_PATIENCE = 120.0
# What a run says, rightly, that begins while all workers are dead.
_NOBODY = "the cluster has no workers"
_LOOK = 0.02


@dataclass(frozen=True)
class Reference:
    """An undisturbed run: its output, the seconds until it began to work, and the seconds that it worked."""

    output: Mapping[str, bytes]
    starting: float
    working: float


@dataclass(frozen=True)
class Ended:
    """How a run ended. ``strikes`` in order; ``trouble`` is why it came to no good end, or empty.

    ``external``: its workers outlive its client.
    """

    external: bool
    strikes: tuple[str, ...]
    trouble: str
    asked: Asked
    difference: Difference
    left_behind: int

    @property
    def good(self) -> bool:
        """Whether nothing was lost, doubled, repeated or different.

        What an external worker finishes after its client's death has finished: to ask again is to repeat it. Inside a
        client that died there was nobody to finish it, only a server that still answered.
        """
        repeated = self.asked.repeated + (self.asked.unheard if self.external else 0)
        return not (self.trouble or self.difference.files or repeated)


class StuckError(Exception):
    """A run that came to no good end; the text says how."""


class Struck:
    """One run; ``cluster`` None runs inside the client."""

    def __init__(self, program: Program, folder: Path, port: int, cluster: DaskCluster | None, seed: str) -> None:
        self._program = program
        self._folder = folder / "program"
        self._folder.mkdir()
        program.write(self._folder, port)
        self._errors = folder / "errors.txt"
        self._notes = folder / "kills.txt"
        self._log = folder / "server.log"
        self._log.touch()
        self._cluster = cluster
        self._rng = random.Random(seed)
        self._server = ModelServer(port, self._log)
        self._watch = JournalWatch(self._folder)
        self._client: subprocess.Popen[bytes] | None = None
        self._before = 0
        self._kills: list[Kill] = []
        self._strikes: list[str] = []

    def undisturbed(self) -> Reference:
        """Run without a strike. Raises StuckError."""
        try:
            began = time.monotonic()
            self._start()
            self._wait(_PATIENCE, begun=True)
            begun = time.monotonic()
            self._to_the_end()
            return Reference(self._program.output(self._folder), begun - began, time.monotonic() - begun)
        finally:
            self._close()

    def run(self, reference: Reference) -> Ended:
        """Run with strikes until the program has come to its end."""
        trouble = ""
        try:
            self._attempts(reference)
        except StuckError as error:
            trouble = str(error)
        finally:
            self._close()
        pairs = zip(self._strikes, self._kills, strict=False)
        self._notes.write_text("".join(f"{victim} {kill}\n" for victim, kill in pairs))
        asked = asked_again(self._log, self._kills) if self._program.asks else Asked()
        differ = difference(reference.output, self._program.output(self._folder))
        left = sum(1 for _ in self._folder.glob("**/.*.tmp"))
        return Ended(self._cluster is not None, tuple(self._strikes), trouble, asked, differ, left)

    def _attempts(self, reference: Reference) -> None:
        """Start and resume until the run has ended. Raises StuckError."""
        for _ in range(self._rng.randint(1, MOST_STRIKES)):
            if self._client is None:
                self._start()
            early = self._rng.random() < EARLY
            if not early and self._wait(_PATIENCE, begun=True):
                break
            if self._wait(self._rng.uniform(0, reference.starting if early else reference.working)):
                break
            self._strike()
        if self._client is None:
            self._start()
        self._to_the_end()

    def _strike(self) -> None:
        """Kill somebody, and see to it that the run can go on."""
        victim = self._rng.choice(EXTERNAL if self._cluster else EMBEDDED)
        self._strikes.append(victim)
        self._watch.look()
        now = time.time()
        if victim in ("client", "all"):
            self._client_process.kill()
        if victim in ("server", "all"):
            self._server.kill()
        if self._cluster and victim == "worker":
            self._cluster.kill_worker(self._rng)
        if self._cluster and victim == "all":
            self._cluster.kill_all()
        if self._cluster and victim == "scheduler":
            self._cluster.kill_scheduler()
            if not self._wait(_PATIENCE):
                raise StuckError(f"the client did not end within {_PATIENCE:g} s after its scheduler was killed")
        until, kept_until = now + WINDOW, math.inf
        if victim in ("client", "scheduler", "all"):
            until = math.inf
            self._end_client()
            if self._rng.random() < CUT:
                kept_until = self._watch.cut(self._rng)
        if victim in ("server", "all"):
            time.sleep(self._rng.uniform(0, 0.5))
            self._server.start()
        if self._cluster:
            self._cluster.restore()
        # What was on its way to a client that lives on, or to nobody; workers whose client died keep what they have.
        self._kills.append(Kill(now, until, kept_until, now if victim == "client" else now + WINDOW))

    def _start(self) -> None:
        self._before = self._watch.generations
        options = ["--progress", "none"]
        if self._cluster:
            self._cluster.ready()
            options += ["--scheduler", self._cluster.address]
        if any((self._folder / ".apwa" / "runs").glob("*/run.json")):
            options.append("--resume")
        with self._errors.open("wb") as errors:
            self._client = start("apwa_lang.cli", "run", "main.apwa", *options, cwd=self._folder, errors=errors)

    @property
    def _client_process(self) -> subprocess.Popen[bytes]:
        assert self._client is not None
        return self._client

    def _wait(self, seconds: float, *, begun: bool = False) -> bool:
        """Whether the client has come to its end by then. With ``begun``, wait no longer than for its journal."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not (begun and self._watch.generations > self._before):
            self._watch.look()
            if self._watch.generations > self._before:
                self._asks_again()
            if self._client_process.poll() is not None:
                return True
            time.sleep(_LOOK)
        return False

    def _asks_again(self) -> None:
        """From now on there is somebody to take answers: a client asks nothing before it has a journal."""
        now = time.time()
        self._kills = [
            replace(kill, until=max(now, kill.time + WINDOW)) if kill.until == math.inf else kill
            for kill in self._kills
        ]

    def _to_the_end(self) -> None:
        """Wait for the run to end well. Raises StuckError."""
        if not self._wait(_PATIENCE):
            raise StuckError(f"it did not end within {_PATIENCE:g} s")
        if code := self._client_process.returncode:
            said = self._errors.read_text(errors="replace").strip()
            if _NOBODY in said and "worker" in self._strikes:
                self._end_client()
                self._start()
                self._to_the_end()
                return
            raise StuckError(f"it ended with {code}: {' / '.join(said.splitlines()[-3:])}")

    def _end_client(self) -> None:
        if self._client is not None:
            kill(self._client)
            self._client = None

    def _close(self) -> None:
        self._end_client()
        self._server.kill()
