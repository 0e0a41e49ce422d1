"""The scratch folder of a call: what lies in it before, and what must lie in it afterwards.

In: a task and a call. Out: a folder with copies of the files that the call reads, and the paths at which it finds those
and leaves what it writes, by label.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from apwa_compiler.plan import FileEffect
from apwa_runtime.paths import compile_target


class Scratch:
    """Prepares the folders of the calls of one task or tool; the paths that it reads are relative to ``base``."""

    def __init__(self, reads: Iterable[FileEffect], writes: Iterable[FileEffect], base: str) -> None:
        self._reads = [(effect.label, compile_target(effect.template, base)) for effect in reads if effect.label]
        self._writes = [effect.label for effect in writes if effect.label]

    @property
    def is_used(self) -> bool:
        """Whether calls are handed any files."""
        return bool(self._reads or self._writes)

    def prepared(
        self, names: Mapping[str, Any], folder: str, files: Mapping[str, bytes] | None = None
    ) -> dict[str, str]:
        """The paths by label of a call that sees ``names``, after its files were copied, or taken from ``files``.

        Raises OSError and EvaluationError.
        """
        paths: dict[str, str] = {}
        for label, render in self._reads:
            source = Path(render(names))
            target = Path(folder) / "in" / label / source.name
            target.parent.mkdir(parents=True)
            if files and str(source) in files:
                target.write_bytes(files[str(source)])
            else:
                shutil.copyfile(source, target)
            paths[label] = str(target)
        return {**paths, **{label: str(path) for label, path in self.outputs(folder).items()}}

    def outputs(self, folder: str) -> dict[str, Path]:
        """Where a call leaves what it writes."""
        return {label: Path(folder) / label for label in self._writes}
