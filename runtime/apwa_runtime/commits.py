"""Who has committed to which path in this run.

In: a path and who wants to write it. Out: leave to write, or the name of the one who came first. Claims stand in a
small database in the run's folder, one row a path and place: a step that the flow orders after the owner's step adds a
claim of its own behind the owner's, so that two such steps do not both follow unseen.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from apwa_compiler.plan import Plan

DATABASE = "claims.db"

# Claims live as long as one process: what a crash loses is claimed again when the run is resumed.
_SETTINGS = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA busy_timeout=60000;"
_TABLE = """CREATE TABLE IF NOT EXISTS claims
(path BLOB, place INTEGER, step TEXT, owner INTEGER, digest TEXT, PRIMARY KEY (path, place)) WITHOUT ROWID"""


@dataclass(frozen=True, slots=True)
class Claim:
    """Sub-problem ``owner`` of ``step`` writes bytes of this ``digest``; a ``save`` is sub-problem None of its step."""

    step: str
    owner: int | None
    digest: str = ""

    def __str__(self) -> str:
        """What messages call it."""
        return f"`{self.step}`" if self.owner is None else f"sub-problem {self.owner} of `{self.step}`"


class Commits:
    """The claims of a run as one of its steps sees them; used from one thread at a time."""

    def __init__(self, plan: Plan, step: str, run_folder: Path) -> None:
        self._claims = sqlite3.connect(run_folder / DATABASE, isolation_level=None, check_same_thread=False)
        self._claims.executescript(_SETTINGS)
        self._claims.execute(_TABLE)
        self._earlier = plan.ended_before(step)

    def blocking(self, target: str, claim: Claim, *, idempotent: bool = False) -> Claim | None:
        """Claim ``target``, an absolute path or a URL. Returns None, or the claim that stands in the way.

        The same sub-problem may claim again, and with ``idempotent`` any of its step that writes the same bytes.
        """
        path = hashlib.sha256(os.fsencode(_real(target))).digest()
        place = 0
        while True:
            try:
                row = (path, place, claim.step, claim.owner, claim.digest)
                self._claims.execute("INSERT INTO claims VALUES (?, ?, ?, ?, ?)", row)
                return None
            except sqlite3.IntegrityError:
                found = self._claims.execute(
                    "SELECT step, owner, digest FROM claims WHERE path = ? AND place = ?", (path, place)
                )
                owner = Claim(*found.fetchone())
            if (owner.step, owner.owner) == (claim.step, claim.owner):
                return None
            if idempotent and (owner.step, owner.digest) == (claim.step, claim.digest):
                return None
            if owner.step not in self._earlier:
                return owner
            place += 1

    def close(self) -> None:
        """Let go of the database."""
        self._claims.close()


def _real(target: str) -> str:
    """One name for what two paths reach through links; the last component is replaced, not followed."""
    if "://" in target:
        return target
    folder, name = os.path.split(target.rstrip("/"))
    return os.path.join(os.path.realpath(folder), name)  # noqa: PTH118 (paths of users stay text)
