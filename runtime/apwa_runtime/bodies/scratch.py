"""The scratch folder of a call: what lies in it before, and what must lie in it afterwards.

In: a task and a call. Out: a folder with copies of the files that the call reads, and the paths at which it finds those
and leaves what it writes, by label.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from apwa_compiler.plan import Task
from apwa_runtime.bodies.protocol import Call
from apwa_runtime.paths import compile_target


class Scratch:
    """Prepares the folders of one task's calls; the paths that it reads are relative to ``base``."""

    def __init__(self, task: Task, base: str) -> None:
        self._reads = [(effect.label, compile_target(effect.template, base)) for effect in task.reads if effect.label]
        self._writes = [effect.label for effect in task.writes if effect.label]

    @property
    def is_used(self) -> bool:
        """Whether calls are handed any files."""
        return bool(self._reads or self._writes)

    def prepared(self, call: Call, folder: str) -> dict[str, str]:
        """The paths of a call by label, after its files were copied. Raises OSError and EvaluationError."""
        paths: dict[str, str] = {}
        for label, render in self._reads:
            source = Path(render(call.names))
            target = Path(folder) / "in" / label / source.name
            target.parent.mkdir(parents=True)
            if call.files and str(source) in call.files:
                target.write_bytes(call.files[str(source)])
            else:
                shutil.copyfile(source, target)
            paths[label] = str(target)
        return {**paths, **{label: str(path) for label, path in self.outputs(folder).items()}}

    def outputs(self, folder: str) -> dict[str, Path]:
        """Where a call leaves what it writes."""
        return {label: Path(folder) / label for label in self._writes}
