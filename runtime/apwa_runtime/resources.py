"""What sub-problems need of a worker, in few classes: a batch holds one class, and Dask is told what that is.

In: a step, rows of its sub-problems, and what workers offer. Out: resource classes, each with its rows. An amount that
differs by sub-problem is rounded up to a power of two, but never above what a worker offers that has enough.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apwa_compiler.plan import Call, Map, Plan, Step, Task, TaskReduce
from apwa_compiler.show import amount
from apwa_lang.semantics.core import Core
from apwa_runtime.binding import Binding, Row
from apwa_runtime.errors import RunError
from apwa_runtime.evaluation import EvaluationError, shown
from apwa_runtime.expressions import compile_core
from apwa_runtime.failures import identity_of
from apwa_runtime.launch.columns import uses
from apwa_runtime.parameters import parameter_names

Resources = dict[str, float]
# Whole numbers up to here are few enough to be classes of their own.
_FEW = 8
# What a worker is taken to offer of a resource that it does not declare, where shares are compared.
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Offers:
    """What each worker offers, by its name, and what to do where that is not enough."""

    workers: Mapping[str, Mapping[str, float]]
    remedy: str = ""

    def best(self, demand: Resources) -> tuple[str, Mapping[str, float]]:
        """The worker that comes nearest: with the most kinds in full, then the largest share of the others."""

        def rank(worker: str) -> tuple[int, float]:
            shares = [self.workers[worker].get(name, 0) / wanted for name, wanted in demand.items()]
            return sum(share >= 1 for share in shares), sum(min(share, 1.0) for share in shares)

        worker = max(self.workers, key=rank)
        return worker, self.workers[worker]


class Demand:
    """The resources of one task as a function of a call's arguments."""

    def __init__(self, plan: Plan, task: Task) -> None:
        self._parameters = parameter_names(plan.parameters)
        self._amounts = [(name, compile_core(core)) for name, core in task.resources]

    def of(self, arguments: Row) -> Resources:
        """What a call needs. Raises EvaluationError or ValueError, in words for the person who wrote the program."""
        names = {**self._parameters, **arguments}
        needed: Resources = {}
        for resource, get in self._amounts:
            value = get(names)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise ValueError(f"resource `{resource.lower()}` cannot be {shown(value)}")
            if value > (1 if resource == "CPU" else 0):
                needed[resource] = float(value)
        return needed


class ResourceClasses:
    """The classes of one step that calls a task. ``fixed``: what all its sub-problems need, None where that differs.

    Without ``offers`` every demand is taken to be met.
    """

    def __init__(self, plan: Plan, step: Step, offers: Offers | None = None) -> None:
        assert isinstance(step.operation, Map | Call | TaskReduce)
        self._step = step
        self._task = plan.task(step.operation.task)
        self._offers = offers
        self._offered = _distinct(offers.workers.values()) if offers else []
        self._binding = Binding(plan, step, self._task, only={name for name, _ in needed_arguments(self._task)})
        self._demand = Demand(plan, self._task)
        self._rungs: dict[tuple[float, ...], list[Resources]] = {}
        self.fixed: Resources | None = self._task.fixed_resources()

    def of(self, subproblem: Row) -> Resources:
        """The class of a sub-problem; nothing where its demand has no value, and its call will say why.

        Raises RunError where no worker offers what it needs.
        """
        demand = self._of(subproblem)
        if self.fixed is not None and self._feasible(demand):
            return self.fixed
        for rung in self._above(demand):
            if _fits(demand, rung):
                return rung
        raise self._infeasible(demand, subproblem)

    def check(self, subproblems: Iterable[Row]) -> None:
        """Raises RunError for the sub-problem that asks for most, where no worker offers what it needs."""
        worst: tuple[float, Resources, Row] | None = None
        for row in subproblems:
            demand = self._of(row)
            if not self._feasible(demand) and (worst is None or self._share(demand) > worst[0]):
                worst = self._share(demand), demand, row
        if worst is not None:
            raise self._infeasible(*worst[1:])

    def classes(self, rows: Sequence[Row]) -> list[tuple[Resources, list[int]]]:
        """The classes of these sub-problems with the places of their rows, the costly first. Raises RunError."""
        found: dict[tuple[tuple[str, float], ...], list[int]] = {}
        for place, row in enumerate(rows):
            found.setdefault(tuple(self.of(row).items()), []).append(place)
        return sorted(((dict(key), places) for key, places in found.items()), key=lambda one: self._cost(one[0]))

    def ranked(self, subproblems: Iterable[Row]) -> tuple[array[int], int]:
        """By sub-problem the rank of its class, 0 for the costliest, and how many there are. Raises RunError."""
        numbers: dict[tuple[tuple[str, float], ...], int] = {}
        found = array("I", (numbers.setdefault(tuple(self.of(row).items()), len(numbers)) for row in subproblems))
        ordered = sorted(numbers, key=lambda key: self._cost(dict(key)))
        ranks = {numbers[key]: rank for rank, key in enumerate(ordered)}
        return array("I", map(ranks.__getitem__, found)), len(ordered)

    def _of(self, subproblem: Row) -> Resources:
        if self.fixed is not None:
            return self.fixed
        try:
            return self._demand.of(self._binding.arguments(subproblem))
        except (EvaluationError, ValueError):
            return {}

    def _feasible(self, demand: Resources) -> bool:
        return self._offers is None or any(_fits(demand, offered) for offered in self._offered)

    def _above(self, demand: Resources) -> list[Resources]:
        """Demands rounded up as workers can meet them, the smallest first."""
        if not demand:
            return [demand]
        rounded = {name: _rounded(value) for name, value in demand.items()}
        key = tuple(rounded.get(name, 0.0) for name, _ in self._task.resources)
        if key not in self._rungs:
            offered = [rounded] if self._offers is None else self._offered
            rungs = [{name: min(value, one.get(name, 0.0)) for name, value in rounded.items()} for one in offered]
            self._rungs[key] = sorted(rungs, key=lambda rung: tuple(rung.values()))
        return self._rungs[key]

    def _cost(self, demand: Resources) -> tuple[float, tuple[float, ...]]:
        """Smaller for what takes more of the worker that offers most."""
        return -self._share(demand), tuple(-value for value in demand.values())

    def _share(self, demand: Resources) -> float:
        """How much of what the best worker offers, of the resource of which that is most."""
        most = {name: max((one.get(name, 0.0) for one in self._offered), default=0.0) for name in demand}
        return max((value / (most[name] or _LEAST) for name, value in demand.items()), default=0.0)

    def _infeasible(self, demand: Resources, subproblem: Row) -> RunError:
        assert self._offers is not None
        whose = f"task `{self._task.name}` needs {amounts(demand)}"
        if self.fixed is None:
            whose += f" for {self._named(subproblem)}"
        if not any(set(demand) & set(offered) for offered in self._offered):
            best = "none declares any"
        else:
            worker, offered = self._offers.best(demand)
            best = f"the best, {worker}, offers {amounts({name: offered.get(name, 0) for name in demand})}"
        wanted = " ".join(f"{name}={value:.15g}" for name, value in demand.items())
        remedy = self._offers.remedy.format(resources=wanted)
        return RunError(f"{whose}, but no worker offers it: {best}{remedy and f'; {remedy}'}", exit_code=1)

    def _named(self, subproblem: Row) -> str:
        operation = self._step.operation
        if not isinstance(operation, Map):
            return f"a call of step `{self._step.name}`"
        identity = identity_of(subproblem, operation.split.subproblem, operation.split.identity)
        named = ", ".join(f"{name}: {shown(value)}" for name, value in identity.items())
        return f"a sub-problem of step `{self._step.name}`" + (f" ({named})" if named else "")


def needed_arguments(task: Task) -> frozenset[tuple[str, str | None]]:
    """The arguments, with the field that is read, that a task's resources depend on."""
    cores: list[Core] = [core for _, core in task.resources]
    return uses((), cores)


def amounts(demand: Mapping[str, float]) -> str:
    """Resources as Dask names them, for people: ``1 GPU and 8GiB MEMORY``."""
    words = (f"{amount(name, value).split(' ', 1)[1]} {name}" for name, value in demand.items())
    return " and ".join(words) or "nothing"


def _fits(demand: Mapping[str, float], offered: Mapping[str, Any]) -> bool:
    return all(offered.get(name, 0) >= wanted for name, wanted in demand.items())


def _distinct(offers: Iterable[Mapping[str, float]]) -> list[Mapping[str, float]]:
    return list({tuple(sorted(offered.items())): offered for offered in offers}.values())


def _rounded(value: float) -> float:
    if value <= _FEW and value == int(value):
        return value
    mantissa, exponent = math.frexp(value)
    return math.ldexp(1.0, exponent - (mantissa == 0.5))
