"""Publication of what sub-problems write: staged first, then moved to its place, once.

In: a finished call and its task's ``writes``. Out: files at their final paths. A path that another sub-problem has
committed to in this run is refused by its name, unless the flow orders the two steps, or the task is ``idempotent`` and
the bytes agree. The same sub-problem may commit again: a retried batch does.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from apwa_compiler.plan import Plan, Task
from apwa_lang.semantics.types import STR, RecordType, Type
from apwa_runtime.bodies.protocol import Call, Done
from apwa_runtime.commits import Claim, Commits
from apwa_runtime.expressions import jsonable
from apwa_runtime.paths import compile_target
from apwa_runtime.templates import PathComponentError


class PublishError(Exception):
    """A write that was refused; the text is fit for people."""


class Publisher:
    """Publishes the writes of one step's task."""

    def __init__(self, plan: Plan, step: str, task: Task, run_folder: Path) -> None:
        self._step = step
        self._task = task
        self._base = plan.base
        self._commits = Commits(plan, step, run_folder)
        self._writes = [(effect.label, compile_target(effect.template, plan.base)) for effect in task.writes]

    def publish(self, call: Call, done: Done, owner: int) -> None:
        """Put every declared write of sub-problem ``owner`` in its place.

        Raises PublishError; the scratch folder is gone afterwards.
        """
        if not self._writes:
            return
        targets: set[Path] = set()
        try:
            for label, render in self._writes:
                try:
                    target = Path(render(call.names))
                except PathComponentError as error:
                    raise PublishError(str(error)) from None
                if target in targets:
                    raise PublishError(f"`{self._shown(target)}` is written twice by one sub-problem")
                targets.add(target)
                content = (
                    done.outputs[label].read_bytes()
                    if label in done.outputs
                    else _rendered(done.value, self._task.result, target)
                )
                try:
                    self._commit(target, content, owner)
                except OSError as error:
                    raise PublishError(f"`{self._shown(target)}` could not be written: {error.strerror}") from None
        except OSError as error:
            raise PublishError(f"{error.filename or 'a file'} could not be read: {error.strerror}") from None
        finally:
            for path in done.outputs.values():
                shutil.rmtree(path.parent, ignore_errors=True)

    def _commit(self, target: Path, content: bytes, owner: int) -> None:
        digest = hashlib.sha256(content).hexdigest()
        idempotent = self._task.idempotent
        other = self._commits.blocking(str(target), Claim(self._step, owner, digest), idempotent=idempotent)
        if other is not None:
            bytes_differ = ", with other bytes" if idempotent and other.step == self._step else ""
            raise PublishError(f"`{self._shown(target)}` was already written by {other}{bytes_differ}")
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{secrets.token_hex(16)}.tmp")
        try:
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def _shown(self, target: Path) -> str:
        return os.path.relpath(target, self._base)


def _rendered(value: Any, type: Type, target: Path) -> bytes:
    """What a ``prompt`` or ``return`` task writes: JSON, or a one-string result as text for ``.md`` and ``.txt``."""
    if target.suffix in (".md", ".txt"):
        if type == STR:
            return str(value).encode()
        if isinstance(type, RecordType) and len(type.fields) == 1 and type.fields[0].type == STR:
            return str(value[type.fields[0].name]).encode()
    return (json.dumps(jsonable(value, type), ensure_ascii=False, indent=2) + "\n").encode()
