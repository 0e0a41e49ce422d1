"""What is drawn of a step, whatever draws it.

In: a plan. Out: for each step its name, what it does, its row type and its kind, with a colour for each kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from apwa_compiler.plan import (
    Aggregate,
    Call,
    FilesSource,
    Map,
    Plan,
    ReadSource,
    Save,
    Scan,
    SqlSource,
    Step,
    TaskReduce,
)
from apwa_compiler.show import describe
from apwa_lang.semantics.types import RecordType

_LONGEST = 44


@dataclass(frozen=True)
class Colours:
    """Fill and outline, as ``#rrggbb``, and what the legend calls the kind."""

    fill: str
    stroke: str
    label: str


KINDS = {
    "table": Colours("#dbeafe", "#2563eb", "table"),
    "map": Colours("#dcfce7", "#15803d", "map"),
    "merge": Colours("#fef3c7", "#b45309", "reduce"),
    "relation": Colours("#f3f4f6", "#6b7280", "relation"),
    "save": Colours("#fce7f3", "#be185d", "save"),
}


@dataclass(frozen=True)
class Node:
    """One box; ``row`` is the row type of the step's result, empty for a save."""

    name: str
    text: str
    row: str
    kind: str


def nodes(plan: Plan) -> tuple[Node, ...]:
    """A node for each step, in the plan's order."""
    return tuple(Node(step.name, _cut(_text(step)), _cut(_row(step.record)), _kind(step)) for step in plan.steps)


def _row(record: RecordType | None) -> str:
    """The name of a row type, the fields of a structural one."""
    if record is None:
        return ""
    return ", ".join(field.name for field in record.fields) if record.name.startswith("<") else record.name


def _kind(step: Step) -> str:
    match step.operation:
        case Scan():
            return "table"
        case Map() | Call():
            return "map"
        case TaskReduce() | Aggregate():
            return "merge"
        case Save():
            return "save"
        case _:
            return "relation"


def _text(step: Step) -> str:
    match step.operation:
        case Scan(ReadSource(path)):
            return f"read {PurePath(path).name}"
        case Scan(SqlSource(query)):
            return f"sql {' '.join(query.split())}"
        case Scan(FilesSource(pattern)):
            return f"files {pattern}"
        case Save(path):
            return f"save to {PurePath(path).name}{'/' if path.endswith('/') else ''}"
        case Map(task, split):
            rule = ", ".join(str(value) for _, value in split.arguments if not isinstance(value, list))
            return f"map {task} by {split.rule}{f'({rule})' if rule else ''}"
        case Call(task):
            return f"{task}(…)"
        case operation:
            return describe(operation, step.inputs)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
