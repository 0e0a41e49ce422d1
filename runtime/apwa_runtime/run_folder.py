"""The folder of a run: all that is needed to say what it did, and to go on with it.

In: a plan, what belongs with it, and how the run goes. Out: ``.apwa/runs/<id>/`` with ``run.json`` (what and how far),
``program/``, ``plan.json``, ``certificate.json``, ``journal/<generation>/`` (results as they finish; each resume is a
new generation), ``results.json`` (what was saved), ``report.json``, failures and what is quarantined. One process at a
time holds the lock of a run; the operating system lets it go when that process dies.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from apwa_runtime.errors import RunError
from apwa_runtime.journal.frames import sync_folder, write_whole

RUNS = Path(".apwa") / "runs"
RECORD = "run.json"
RUNNING, DONE, FAILED, INTERRUPTED, STOPPED = "running", "done", "failed", "interrupted", "stopped"


class RunFolder:
    """One run's folder. ``record`` is what ``run.json`` holds."""

    def __init__(self, path: Path, record: dict[str, Any]) -> None:
        self.path = path
        self.record = record
        self._lock: IO[str] | None = None

    @property
    def id(self) -> str:
        """The run's name."""
        return str(self.record.get("id", self.path.name))

    @property
    def token(self) -> str:
        """What tells the run from others on a cluster, whatever their folders are called."""
        return str(self.record.get("token", self.id))

    @property
    def state(self) -> str:
        """``running``, ``done``, ``failed``, ``stopped`` by an error, or ``interrupted``, which includes killed."""
        state = str(self.record.get("state", INTERRUPTED))
        return INTERRUPTED if state == RUNNING and not self.is_locked() else state

    @property
    def generations(self) -> list[Path]:
        """The journals, oldest first."""
        return sorted((self.path / "journal").glob("[0-9]*"))

    def lock(self) -> None:
        """Hold the run. Raises RunError when another process does."""
        self._lock = (self.path / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            raise RunError(f"run {self.id} is still going on in another process") from None

    def is_locked(self) -> bool:
        """Whether some process holds the run."""
        try:
            with (self.path / "lock").open("r") as probe:
                fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def release(self) -> None:
        """Let the run go."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def write(self, **changes: object) -> None:
        """Change the record."""
        self.record.update(changes)
        write_whole(self.path / RECORD, json.dumps(self.record, indent=1, ensure_ascii=False) + "\n")

    def keep(self, texts: Mapping[str, str]) -> None:
        """Write files that belong to the run, by relative name."""
        for name, text in texts.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, text)

    def new_generation(self) -> Path:
        """The folder of the next journal; it is made by the journal itself."""
        last = max((int(folder.name) for folder in self.generations), default=0)
        return self.path / "journal" / f"{last + 1:04}"

    def drop_generations_before(self, last: Path) -> None:
        """Delete the journals that a whole later one has taken the place of."""
        for folder in self.generations:
            if folder != last:
                shutil.rmtree(folder, ignore_errors=True)


def create(base: Path, path: Path | None, record: Mapping[str, object]) -> RunFolder:
    """A new run's folder, held by this process. Raises RunError when it cannot be made."""
    now = datetime.now().astimezone()
    id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    path = path or base / RUNS / id
    try:
        path.mkdir(parents=True, exist_ok=True)
        folder = RunFolder(
            path,
            {"id": path.name, "token": secrets.token_hex(8), **record, "started": now.isoformat(timespec="seconds")},
        )
        folder.lock()
        folder.write(state=RUNNING)
        sync_folder(path.parent)
    except OSError as error:
        raise RunError(f"the run folder {path} cannot be made: {error.strerror}") from None
    return folder


def load(path: Path) -> RunFolder | None:
    """The run in a folder; None where there is none, or its record was never written whole."""
    try:
        record = json.loads((path / RECORD).read_text())
    except (OSError, ValueError):
        return None
    return RunFolder(path, record) if isinstance(record, dict) else None


def runs_below(base: Path) -> Iterator[RunFolder]:
    """The runs of the programs in a folder, newest first."""
    for path in sorted((base / RUNS).glob("*"), reverse=True):
        found = load(path)
        if found is not None:
            yield found
