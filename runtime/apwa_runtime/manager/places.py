"""Where a run keeps how rows fall apart that no rule of the language parts: a model or a function says so.

In: a plan and the folder of a run. Out: the plan whose planned splits name the files of their numbers.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path

from apwa_compiler.plan import Map, Plan, Split, Step

FOLDER = "plans"
RULES = ("plan", "python")
NUMBERS = "numbers"
"""The argument of a planned split that names the file of its numbers."""


def with_places(plan: Plan, folder: Path) -> Plan:
    """``plan`` with the files in which its planned splits will be found."""

    def placed(step: Step) -> Step:
        if not is_planned(step):
            return step
        operation = step.operation
        assert isinstance(operation, Map)
        arguments = (*operation.split.arguments, (NUMBERS, str(folder / FOLDER / f"{step.name}.numbers")))
        return replace(step, operation=replace(operation, split=replace(operation.split, arguments=arguments)))

    return replace(plan, steps=tuple(map(placed, plan.steps)))


def keep_places(split: Split, places: array[int]) -> None:
    """Keep the number of each row's sub-problem."""
    numbers = Path(str(dict(split.arguments)[NUMBERS]))
    numbers.parent.mkdir(exist_ok=True)
    temporary = numbers.with_suffix(".tmp")
    temporary.write_bytes(places.tobytes())
    temporary.replace(numbers)


def is_planned(step: Step) -> bool:
    """Whether a model or a function says how the rows of a step fall apart."""
    return isinstance(step.operation, Map) and step.operation.split.rule in RULES


def is_decided(split: Split) -> bool:
    """Whether it is known how the rows fall apart."""
    return split.rule not in RULES or Path(str(dict(split.arguments).get(NUMBERS, ""))).is_file()
