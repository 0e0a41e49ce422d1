"""Which fields tell two rows, or two sub-problems, apart for certain.

In: a program, a flow, the name of a table or a split. Out: sets of field paths, each with the hypotheses on which no
two rows agree in all fields of the set. A ``@key`` of a table that is read holds because loading checks it; one of a
table made in the flow only if it can be followed back to such a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from apwa_lang.proofs.claims import Hypothesis, Verdict
from apwa_lang.proofs.order import exclude_each_other
from apwa_lang.semantics.core import Core, GetField, Var
from apwa_lang.semantics.program import (
    FilesSource,
    Flow,
    Join,
    Limit,
    Map,
    Program,
    Reduce,
    Select,
    Sort,
    Split,
    Step,
    UnionAll,
    Where,
)
from apwa_lang.semantics.types import Optional, RecordType

Fields = frozenset[str]
Identities = Mapping[Fields, tuple[Hypothesis, ...]]
"""Sets of fields that no two share, with the hypotheses behind each."""

PIECES = ("tokens", "lines", "pages")
NUMBERED = ("chunk", "window", "plan", "python")


def path_of(core: Core) -> str | None:
    """``row.id`` for a chain of field accesses (without the ``@`` of the sub-problem itself), None for all else."""
    match core:
        case Var("@"):
            return ""
        case Var(name):
            return name
        case GetField(base, name, False):
            inside = path_of(base)
            return None if inside is None else f"{inside}.{name}" if inside else name
        case _:
            return None


@dataclass
class Lineage:
    """Answers for one flow, worked out once each."""

    program: Program
    flow: Flow
    _tables: dict[str, Identities] = field(default_factory=dict)
    _steps: dict[str, Step] = field(init=False)
    _splits: dict[str, Split] = field(init=False)

    def __post_init__(self) -> None:
        self._steps = {step.name: step for step in self.flow.steps}
        self._splits = {**self.program.splits, **{split.name: split for split in self.flow.splits}}

    def split(self, name: str) -> Split | None:
        """The split of that name that the flow uses, or None."""
        return self._splits.get(name)

    def is_step(self, name: str) -> bool:
        """Whether the flow makes a table of that name."""
        return name in self._steps

    def of_table(self, name: str) -> Identities:
        """What tells the rows of a table of the flow or the program apart."""
        if name not in self._tables:
            # A table of a loop may come from itself: until shown otherwise, nothing tells its rows apart.
            self._tables[name] = {}
            step = self._steps.get(name)
            self._tables[name] = self._of_source(name) if step is None else self._of_step(step)
        return self._tables[name]

    def of_split(self, split: Split) -> Identities:
        """What tells the sub-problems of a split apart."""
        rule = split.rule
        if rule in NUMBERED:
            return {frozenset(["index"]): ()}
        if rule == "group":
            return {frozenset(split.identity): ()} if split.identity else {}
        rows = self.of_table(split.table)
        if rule in ("row", "file"):
            return rows
        if rule in PIECES:
            return {_below("row", fields) | {"index"}: why for fields, why in rows.items()}
        if rule == "cross":
            other = next((value for _, value in split.arguments if isinstance(value, str)), None)
            others = self.of_table(other) if other is not None else {}
            return {
                _below("left", left) | _below("right", right): (*why_left, *why_right)
                for left, why_left in rows.items()
                for right, why_right in others.items()
            }
        return {}

    def _of_source(self, name: str) -> Identities:
        table = self.program.tables.get(name)
        if table is None:
            return {}
        found: dict[Fields, tuple[Hypothesis, ...]] = {}
        if isinstance(table.source, FilesSource) and table.record.field("path") is not None:
            found[frozenset(["path"])] = ()
        for fields in _declared(table.record):
            names = " and ".join(f"`{one}`" for one in sorted(fields))
            found[fields] = (Hypothesis(f"key {names} of table `{name}` is unique", Verdict.CHECKED),)
        return found

    def _of_step(self, step: Step) -> Identities:
        match step.operation:
            case Where(table) | Sort(table) | Limit(table):
                return self.of_table(table)
            case Select(table, fields):
                return _renamed(self.of_table(table), fields)
            case Map(split=name, keep=keep):
                split = self.split(name)
                return _renamed(self.of_split(split), keep) if split is not None else {}
            case Reduce(group=group) if group:
                return {frozenset(group): ()}
            case Join(left, right, on):
                single = any(fields <= set(on) and self._never_null(right, fields) for fields in self.of_table(right))
                return self.of_table(left) if single else {}
            case UnionAll(tables):
                return self._of_union(tables)
            case _:
                return {}

    def _never_null(self, name: str, fields: Fields) -> bool:
        """Whether none of the fields may be null: several rows may lack a value of a ``@unique`` field."""
        step, table = self._steps.get(name), self.program.tables.get(name)
        record = step.record if step is not None else table.record if table is not None else None
        found = [record.field(one) if record is not None else None for one in fields]
        return all(one is not None and not isinstance(one.type, Optional) for one in found)

    def _of_union(self, tables: tuple[str, ...]) -> Identities:
        """Rows of several tables may agree, unless the tables stand in branches of which only one is taken."""
        steps = [self._steps.get(name) for name in tables]
        branches = [step for step in steps if step is not None]
        if len(branches) < len(steps) or not all(exclude_each_other(a, b) for a, b in combinations(branches, 2)):
            return {}
        each = [self.of_table(name) for name in tables]
        shared = frozenset.intersection(*(frozenset(found) for found in each)) if each else frozenset()
        return {fields: tuple(dict.fromkeys(why for found in each for why in found[fields])) for fields in shared}


def _declared(record: RecordType) -> Iterable[Fields]:
    if record.keys:
        yield frozenset(one.name for one in record.keys)
    yield from (frozenset([one.name]) for one in record.fields if one.unique)


def _below(prefix: str, fields: Fields) -> Fields:
    return frozenset(f"{prefix}.{name}" for name in fields)


def _renamed(identities: Identities, fields: tuple[tuple[str, Core], ...]) -> Identities:
    """The identities that the new fields carry over whole, under their new names."""
    names: dict[str, str] = {}
    for name, core in fields:
        path = path_of(core)
        if path:
            names.setdefault(path, name)
    return {
        frozenset(names[path] for path in fields): why
        for fields, why in identities.items()
        if all(path in names for path in fields)
    }
