"""Files that sub-problems read, sent along with their batches where some worker does not see the program's disk.

In: the plan, a cluster, batches. Out: whether files are to be sent, and the bytes of those that a batch reads.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from apwa_compiler.plan import Builtin, Mcp, Plan, Step, Task, TaskReduce, Tool
from apwa_lang.semantics.types import RecordType
from apwa_runtime.batches import Batch, from_bytes
from apwa_runtime.binding import Binding
from apwa_runtime.errors import RunError
from apwa_runtime.evaluation import EvaluationError
from apwa_runtime.media import MediaError
from apwa_runtime.patience import patiently
from apwa_runtime.run_folder import RECORD, RunFolder
from apwa_runtime.shown_files import ProgramFiles, paths_read
from apwa_runtime.values.arrow import from_batch
from apwa_runtime.versions import shown

# Bytes of files that travel with one batch; one sub-problem's may be more.
_MOST_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of a program, known by the record of a run on it that holds ``token``."""

    record: str
    token: str

    @property
    def is_seen(self) -> bool:
        """Whether this process sees it."""
        try:
            return self.token in Path(self.record).read_text()
        except OSError:
            return False


class Reads:
    """Loads the files that the sub-problems of one step, rows of ``record``, read."""

    def __init__(self, plan: Plan, step: Step, task: Task, record: RecordType) -> None:
        self._binding = Binding(plan, step, task)
        self._record = record
        self._paths = [(paths_read(effect, plan), effect.shown) for effect in task.reads]
        self._files = ProgramFiles.of(plan)

    def of(self, batch: Batch) -> tuple[dict[str, bytes], int]:
        """Files by path, and how many of the first sub-problems they serve: as many as may travel together.

        What cannot be read is left out: the worker says so.
        """
        files: dict[str, bytes] = {}
        held = 0
        for served, row in enumerate(from_batch(from_bytes(batch.data), self._record)):
            added = self._loaded(row, files)
            held += sum(map(len, added.values()))
            if served and held > _MOST_BYTES:
                return files, served
            files.update(added)
        return files, len(batch.ordinals)

    def _loaded(self, row: dict[str, Any], known: Container[str]) -> dict[str, bytes]:
        loaded: dict[str, bytes] = {}
        with suppress(EvaluationError, ValueError):
            names = self._binding.names(self._binding.arguments(row))
            for paths, shown in self._paths:
                for path in paths(names):
                    if path not in known:
                        with suppress(OSError, MediaError):
                            loaded[path] = self._files.load(path) if shown else Path(path).read_bytes()
        return loaded


def disk_of(plan: Plan, folder: RunFolder) -> Disk | None:
    """The disk of the program; None where no sub-problem reads files."""
    reads = any(task.reads or _reading_tools(task) or _started(task) for task in plan.tasks)
    return Disk(str(folder.path / RECORD), folder.token) if reads else None


def are_sent(plan: Plan, client: Any, disk: Disk) -> bool:
    """Whether some worker does not see the disk. Raises RunError where that worker cannot be sent what it needs."""
    seen: Mapping[str, bool] = patiently(partial(client.run, _is_seen, disk))
    blind = next((address for address, sees in seen.items() if not sees), None)
    if blind is None:
        return False
    worker = shown(client.scheduler_info(n_workers=-1)["workers"].get(blind, {}).get("name"), blind)
    for step in plan.steps:
        name = getattr(step.operation, "task", None)
        task = plan.task(name) if name else None
        if task is None:
            continue
        whose = f"worker {worker} does not see the folder {plan.base}, from which"
        later = "is known only as it goes, so that it cannot be sent along"
        for tool, base in _started(task):
            raise RunError(f"worker {worker} does not see the folder {base}, in which the server of `{tool}` runs")
        for tool in _reading_tools(task):
            raise RunError(f"{whose} tool `{tool}` reads; what a tool reads {later}")
        if task.reads and isinstance(step.operation, TaskReduce) and step.operation.strategy == "fold":
            raise RunError(f"{whose} task `{task.name}` reads; what a `fold` reads {later}")
    return True


def _reading_tools(task: Task) -> list[str]:
    """Tools that read files or tables."""
    return [tool.name for tool in task.tools() if _reads(tool)]


def _reads(tool: Tool) -> bool:
    return bool(tool.body.tables if isinstance(tool.body, Builtin) else tool.reads)


def _started(task: Task) -> list[tuple[str, str]]:
    """The tools that are servers started by a command, each with its folder."""
    servers = ((tool.name, tool.body) for tool in task.servers())
    return [(name, body.base) for name, body in servers if isinstance(body, Mcp) and not body.is_remote]


def _is_seen(disk: Disk) -> bool:
    return disk.is_seen
