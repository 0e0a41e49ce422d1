"""Publication of what sub-problems write: staged first, then moved to its place, once.

In: a finished call and its task's ``writes``. Out: files at their final paths. The first sub-problem of a step to claim
a path owns it; a second of that step is refused by name, unless the task is ``idempotent`` and the bytes agree. The
same sub-problem may commit again (a retried batch does), and so may a later step: the prover lets two steps write one
path only where the flow orders them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apwa_compiler.plan import Task
from apwa_lang.semantics.types import STR, RecordType, Type
from apwa_runtime.bodies.protocol import Call, Done
from apwa_runtime.expressions import jsonable
from apwa_runtime.templates import PathComponentError, compile_path


class PublishError(Exception):
    """A write that was refused; the text is fit for people."""


@dataclass(frozen=True)
class _Claim:
    ordinal: int
    digest: str


class Publisher:
    """Publishes the writes of one step's task below ``base``; ``claims`` is the folder of the step's claimed paths.

    The calls of a ``sequential`` step come one after the other, so the last write of a path stands.
    """

    def __init__(self, step: str, task: Task, base: Path, claims: Path, *, sequential: bool = False) -> None:
        self._step = step
        self._sequential = sequential
        self._task = task
        self._base = base
        self._claims = claims
        self._writes = [(effect.label, compile_path(effect.template)) for effect in task.writes]

    def publish(self, call: Call, done: Done) -> None:
        """Put every declared write in its place. Raises PublishError; the scratch folder is gone afterwards."""
        if not self._writes:
            return
        targets: set[Path] = set()
        try:
            for label, render in self._writes:
                try:
                    target = Path(os.path.normpath(self._base / render(call.names)))
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
                    self._commit(target, content, call.ordinal)
                except OSError as error:
                    raise PublishError(f"`{self._shown(target)}` could not be written: {error.strerror}") from None
        except OSError as error:
            raise PublishError(f"{error.filename or 'a file'} could not be read: {error.strerror}") from None
        finally:
            for path in done.outputs.values():
                shutil.rmtree(path.parent, ignore_errors=True)

    def _commit(self, target: Path, content: bytes, ordinal: int) -> None:
        claim = _Claim(ordinal, hashlib.sha256(content).hexdigest())
        owner = self._owner(target, claim)
        allowed = owner.ordinal == claim.ordinal or self._sequential
        if not allowed and not (self._task.idempotent and owner.digest == claim.digest):
            other = f"sub-problem {owner.ordinal} of `{self._step}`"
            bytes_differ = ", with other bytes" if self._task.idempotent else ""
            raise PublishError(f"`{self._shown(target)}` was already written by {other}{bytes_differ}")
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.{ordinal}.tmp")
        try:
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def _owner(self, target: Path, claim: _Claim) -> _Claim:
        """The claim on ``target``: ours if it was free, else that of whoever came first. Atomic by ``link(2)``."""
        self._claims.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(os.fsencode(target)).hexdigest()
        staged = self._claims / f".{name}.{os.getpid()}.{claim.ordinal}"
        staged.write_text(json.dumps([claim.ordinal, claim.digest]))
        try:
            os.link(staged, self._claims / name)
        except FileExistsError:
            return _Claim(*json.loads((self._claims / name).read_text()))
        finally:
            staged.unlink(missing_ok=True)
        return claim

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
