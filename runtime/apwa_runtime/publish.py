"""Publication of what sub-problems write: staged first, then moved to its place, once.

In: paths and bytes from workers. Out: files at their final paths. A path that another sub-problem has committed to in
this run is refused by its name, unless the flow orders the two steps, or the task is ``idempotent`` and the bytes
agree. The same sub-problem may commit again: a repeated batch does.
"""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

from apwa_compiler.plan import Plan, Task
from apwa_runtime.batches import FileWrite
from apwa_runtime.commits import Claim, Commits
from apwa_runtime.journal.frames import FileCommit

# What is wrong with the path of one file, as against a disk that is full or a folder that is closed to all.
_OF_ITS_PATH = {errno.EEXIST, errno.EINVAL, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR}


class PublishError(Exception):
    """A write that was refused; the text is fit for people."""


class Publisher:
    """Publishes the writes of one step's task; used from one thread at a time."""

    def __init__(self, plan: Plan, step: str, task: Task, run_folder: Path) -> None:
        self._step = step
        self._idempotent = task.idempotent
        self._base = plan.base
        self._commits = Commits(plan, step, run_folder) if task.writes else None

    def publish(self, file: FileWrite) -> FileCommit:
        """Put a file in its place; the journal makes it durable.

        Raises PublishError where that is the sub-problem's fault, and OSError where no other would fare better.
        """
        target = Path(file.path)
        commit = FileCommit(file.ordinal, self._kept(target), hashlib.sha256(file.content).hexdigest())
        self._claim(commit)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # The same name for the same target, so that what a crash leaves here is taken up by the next attempt, also
            # where the folder has been moved.
            temporary = target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:32]}.tmp")
            try:
                temporary.write_bytes(file.content)
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            if error.errno not in _OF_ITS_PATH:
                raise OSError(error.errno, error.strerror, str(target)) from None
            raise PublishError(f"`{self._shown(target)}` could not be written: {error.strerror}") from None
        return commit

    def stands(self, commit: FileCommit) -> bool:
        """Whether a file that an earlier run published is still what it was; it is claimed for this run if so."""
        if not unchanged(commit, self._base):
            return False
        try:
            self._claim(commit)
        except PublishError:
            return False
        return True

    def close(self) -> None:
        """Let go of the claims."""
        if self._commits:
            self._commits.close()

    def _claim(self, commit: FileCommit) -> None:
        assert self._commits is not None
        claim = Claim(self._step, commit.ordinal, commit.digest)
        target = self._target(commit)
        other = self._commits.blocking(str(target), claim, idempotent=self._idempotent)
        if other is not None:
            bytes_differ = ", with other bytes" if self._idempotent and other.step == self._step else ""
            raise PublishError(f"`{self._shown(target)}` was already written by {other}{bytes_differ}")

    def _shown(self, target: Path) -> str:
        return os.path.relpath(target, self._base)

    def _kept(self, target: Path) -> str:
        """A path as the journal keeps it: a program's folder may be moved, with its runs."""
        return str(target.relative_to(self._base) if target.is_relative_to(self._base) else target)

    def _target(self, commit: FileCommit) -> Path:
        return Path(self._base, commit.path)


def unchanged(commit: FileCommit, base: str) -> bool:
    """Whether a published file still holds the bytes that it was given; ``base`` is the program's folder."""
    try:
        return hashlib.sha256(Path(base, commit.path).read_bytes()).hexdigest() == commit.digest
    except OSError:
        return False
