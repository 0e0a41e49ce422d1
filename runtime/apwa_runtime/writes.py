"""What a finished sub-problem writes: rendered where it ran, published by the driver.

In: a finished call and its task's ``writes``. Out: paths and bytes. So a worker needs no disk that the driver sees.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from apwa_compiler.plan import Plan, Task
from apwa_lang.semantics.types import STR, RecordType, Type
from apwa_runtime.batches import FileWrite
from apwa_runtime.bodies.protocol import Call, Done
from apwa_runtime.expressions import jsonable
from apwa_runtime.paths import compile_target
from apwa_runtime.templates import PathComponentError


class WriteError(Exception):
    """A write that cannot be made; the text is fit for people."""


class Writes:
    """Renders the writes of one task."""

    def __init__(self, plan: Plan, task: Task) -> None:
        self._result = task.result
        self._base = plan.base
        self._effects = [(effect.label, compile_target(effect.template, plan.base)) for effect in task.writes]

    def of(self, call: Call, done: Done, ordinal: int) -> tuple[FileWrite, ...]:
        """Every declared write of sub-problem ``ordinal``. Raises WriteError; the scratch folder is gone afterwards."""
        if not self._effects:
            return ()
        found: dict[str, FileWrite] = {}
        try:
            for label, render in self._effects:
                try:
                    target = render(call.names)
                except PathComponentError as error:
                    raise WriteError(str(error)) from None
                if target in found:
                    raise WriteError(f"`{os.path.relpath(target, self._base)}` is written twice by one sub-problem")
                output = done.outputs.get(label) if label else None
                content = output.read_bytes() if output else rendered(done.value, self._result, Path(target))
                found[target] = FileWrite(ordinal, target, content)
        except OSError as error:
            raise WriteError(f"{error.filename or 'a file'} could not be read: {error.strerror}") from None
        finally:
            for path in done.outputs.values():
                shutil.rmtree(path.parent, ignore_errors=True)
        return tuple(found.values())


def rendered(value: Any, type: Type, target: Path) -> bytes:
    """What a ``prompt`` or ``return`` task writes: JSON, or a one-string result as text for ``.md`` and ``.txt``."""
    if target.suffix in (".md", ".txt"):
        if type == STR:
            return str(value).encode()
        if isinstance(type, RecordType) and len(type.fields) == 1 and type.fields[0].type == STR:
            return str(value[type.fields[0].name]).encode()
    return (json.dumps(jsonable(value, type), ensure_ascii=False, indent=2) + "\n").encode()
