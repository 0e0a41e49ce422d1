"""The folder that an agent's sub-problem works in: its tools find there what earlier calls have left.

In: what the task reads and writes by name, a call. Out: a folder with copies of the files that it reads, the paths that
tools know by name, and those at which the task's files are looked for when the agent has answered.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from apwa_runtime.bodies.protocol import Call
from apwa_runtime.bodies.scratch import Scratch
from apwa_runtime.evaluation import EvaluationError
from apwa_runtime.tools.protocol import ToolSetupError


@dataclass(frozen=True, slots=True)
class Workplace:
    """One folder; ``files`` are the paths by name, ``outputs`` those that the task writes."""

    folder: str
    files: Mapping[str, str]
    outputs: Mapping[str, Path]

    def missing(self) -> str | None:
        """A name of a file that the task writes and that is not there."""
        return next((name for name, path in self.outputs.items() if not path.is_file() or path.is_symlink()), None)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Workplaces:
    """The folders of one task's sub-problems, below ``root``."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self.root = tempfile.mkdtemp(prefix="apwa-agents-")

    def open(self, call: Call) -> Workplace:
        """A folder for a call. Raises ToolSetupError."""
        folder = tempfile.mkdtemp(dir=self.root)
        try:
            files = self._scratch.prepared(call.names, folder, call.files)
        except (EvaluationError, OSError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise ToolSetupError(str(error)) from None
        return Workplace(folder, files, self._scratch.outputs(folder))

    def close(self) -> None:
        """Remove every folder."""
        shutil.rmtree(self.root, ignore_errors=True)
