"""The launch check: before a step starts, the paths that its sub-problems will use are compared.

In: a plan's path checks, and datasets as they come to be. Out: nothing, or a RunError that names two sub-problems and
what they share. A check is made when the paths of both its steps are known: before anything starts for steps over
tables that are read, else before the later of the two.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from apwa_compiler.plan import EffectRef, PathCheck, Plan, Step, TaskReduce
from apwa_runtime.datasets import Dataset
from apwa_runtime.errors import RunError
from apwa_runtime.launch.describe import refusal
from apwa_runtime.launch.meet import Marks, Meeting, Stream, meeting
from apwa_runtime.launch.render import is_known, rendered, trees


@dataclass
class LaunchCheck:
    """The checks of one run. Steps ask from threads of their own; ``compared`` counts the paths looked at.

    ``fold`` makes paths equal that the target of the files takes for one.
    """

    plan: Plan
    datasets: Mapping[str, Dataset]
    checks: Iterable[PathCheck] = ()
    fold: Callable[[str], str] | None = None
    compared: int = 0
    _pending: list[PathCheck] = field(default_factory=list)
    _marks: dict[EffectRef, Marks] = field(default_factory=dict)
    _refused: RunError | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._pending = [check for check in self.checks if not self._held_otherwise(check)]

    def before_all(self) -> None:
        """Make every check that can be made. Raises RunError when two sub-problems would meet."""
        self._make(lambda check: True)

    def before(self, step: Step) -> None:
        """Make the checks about a step that is about to start. Raises RunError when two sub-problems would meet."""
        self._make(lambda check: step.name in (check.left.step, check.right.step))

    def _make(self, asked: Callable[[PathCheck], bool]) -> None:
        # One at a time: of two steps that start together, the second waits until they are compared.
        with self._lock:
            if self._refused is not None:
                raise self._refused
            due = [check for check in self._pending if asked(check) and self._ready(check)]
            self._take_in(due)
            for check in due:
                self._pending.remove(check)
                met = self._met(check)
                if met is not None:
                    self._refused = refusal(self.plan, check, met, self.datasets, folded=self.fold is not None)
                    raise self._refused
            awaited = {ref for check in self._pending for ref in (check.left, check.right)}
            self._marks = {ref: marks for ref, marks in self._marks.items() if ref in awaited}

    def _ready(self, check: PathCheck) -> bool:
        return all(is_known(self.plan, ref.step, self.datasets) for ref in (check.left, check.right))

    def _met(self, check: PathCheck) -> Meeting | None:
        return meeting(
            self._marks[check.left],
            self._marks[check.right],
            separate=check.left.step == check.right.step,
            tree=trees(self.plan, check.left) or trees(self.plan, check.right),
        )

    def _take_in(self, checks: Iterable[PathCheck]) -> None:
        """Hash the paths of all effects in ``checks``, reading each step's sub-problems once."""
        wanted: dict[str, dict[EffectRef, None]] = {}
        for check in checks:
            for ref in (check.left, check.right):
                if ref not in self._marks:
                    wanted.setdefault(ref.step, {})[ref] = None
        for name, refs in wanted.items():
            marks = [self._marks.setdefault(ref, Marks(self._stream(ref))) for ref in refs]
            for ordinal, paths in rendered(self.plan, self.plan.step(name), list(refs), self.datasets):
                for mark, own in zip(marks, paths, strict=True):
                    for path in own:
                        mark.add(ordinal, self._folded(path))
            self.compared += sum(len(mark.hashes) for mark in marks)

    def _stream(self, ref: EffectRef) -> Stream:
        step = self.plan.step(ref.step)
        return lambda: (
            (ordinal, self._folded(path))
            for ordinal, (paths,) in rendered(self.plan, step, [ref], self.datasets)
            for path in paths
        )

    def _folded(self, path: str) -> str:
        return path if self.fold is None else self.fold(path)

    def _held_otherwise(self, check: PathCheck) -> bool:
        """The later calls of a reduction have no arguments before its first ones end; a second commit is refused."""
        refs = (check.left, check.right)
        if not any(isinstance(self.plan.step(ref.step).operation, TaskReduce) for ref in refs):
            return False
        if any(ref.kind == "read" for ref in refs):
            names = " and ".join(f"`{name}`" for name in dict.fromkeys(ref.step for ref in refs))
            raise RunError(
                f"whether a path of {names} is read and written at a time cannot be told before the reduction runs; "
                "order the steps with `after`",
                exit_code=1,
            )
        return True
