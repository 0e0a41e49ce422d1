"""What each step of a flow touches, once for each declared effect.

In: a program and a flow. Out: accesses, with their paths in terms of the sub-problem's own fields, and the scope they
are in: how many sub-problems the step has and what tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal as Word

from apwa_lang.proofs.filters import inner
from apwa_lang.proofs.lineage import Fields, Identities, Lineage, path_of
from apwa_lang.proofs.paths import Path, Slot, Text
from apwa_lang.proofs.paths import path_of as path_of_template
from apwa_lang.semantics.core import Apply, Const, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.program import (
    CallOnce,
    Effect,
    Hole,
    LiteralSource,
    Map,
    Program,
    Reduce,
    Save,
    Split,
    Step,
    Task,
)
from apwa_lang.semantics.types import INT, STR, UNKNOWN, Choice, Field, RecordType, Type

FILES = ("read", "write", "reduce")
MAX_ROWS = 1_000


@dataclass(frozen=True, eq=False)
class Scope:
    """How often a step acts: ``once``, once for each of its ``subproblems``, or in several ``calls`` of unknown number.

    ``identities`` are the sets of fields that tell two sub-problems apart for certain, with their hypotheses;
    ``claimed`` those that a record or a split only says so. ``rows`` are the sub-problems themselves where the program
    has them written out, as texts by field.
    """

    kind: Word["once", "subproblems", "calls"]
    split: Split | None = None
    identities: Identities = field(default_factory=dict)
    claimed: tuple[Fields, ...] = ()
    rows: tuple[dict[str, str | None], ...] | None = None

    def field(self, path: str) -> Field | None:
        """The field at a dotted path of a sub-problem, or None."""
        return field_at(self.split.subproblem, path) if self.split is not None else None

    @property
    def noun(self) -> str:
        """What the sub-problems are called."""
        return "row" if self.split is not None and self.split.rule in ("row", "file") else "sub-problem"


@dataclass(frozen=True, eq=False)
class Access:
    """One effect of one step. ``task`` is None for ``save``; ``expressions`` are the fields that the task can name."""

    step: Step
    task: Task | None
    effect: Effect
    path: Path
    scope: Scope
    slot_of: SlotOf

    @property
    def writes(self) -> bool:
        """Whether anything changes."""
        return self.effect.kind != "read"

    @property
    def name(self) -> str:
        """What a message calls it."""
        return self.task.name if self.task is not None else "save"


@dataclass(frozen=True, eq=False)
class SlotOf:
    """What a hole of a task's template means: its parameters are ``arguments`` over the sub-problem."""

    program: Program
    record: RecordType | None
    arguments: Mapping[str, Core]
    owner: str

    def __call__(self, hole: Hole) -> Slot | Text:
        """The slot of a hole, or its text where it is constant."""
        if hole.value is None:
            return self._expression(hole)
        name, fields = _chain(hole.value)
        if name is None:
            return self._free(hole)
        if name not in self.arguments:
            if name in self.program.params:
                return self._slot("param", ".".join((name, *fields)), hole, frozenset())
            return self._free(hole)
        core = self.arguments[name]
        for one in fields:
            core = GetField(core, one)
        return self._bound(hole, core)

    def expression(self, path: str) -> str | None:
        """How a template of the task names a field of the sub-problem, or None if it cannot."""
        for name, core in self.arguments.items():
            bound = path_of(core)
            if bound == path:
                return name
            if bound is not None and (bound == "" or path.startswith(f"{bound}.")):
                return f"{name}.{path[len(bound) :].lstrip('.')}"
        return None

    def _bound(self, hole: Hole, core: Core) -> Slot | Text:
        if isinstance(core, Const) and not hole.filters and core.type in (STR, INT):
            text = str(core.value)
            if text and not set(text) & set("/\0"):
                return Text(text)
        path = path_of(core)
        if path is not None and self.record is not None:
            root = path.split(".")[0]
            if self.record.field(root) is None and root in self.program.params:
                return self._slot("param", path, hole, frozenset())
            found = field_at(self.record, path)
            if found is not None and _prints_alike(found.type, hole.type):
                return Slot("field", path, found, hole.filters, hole.span)
        return self._slot("derived", repr(core), hole, self._touched(core))

    def _expression(self, hole: Hole) -> Slot:
        text = hole.span.text
        touched: set[str] | None = set()
        for name in self.program_names(text):
            more = self._touched(self.arguments[name]) if name in self.arguments else None
            touched = None if touched is None or more is None else touched | more
        return self._slot("derived", text, hole, None if touched is None else frozenset(touched))

    def _touched(self, core: Core) -> frozenset[str] | None:
        """The first names of the sub-problem's fields that an expression may read; None for all of them."""
        names = set(_variables(core))
        return None if "@" in names else frozenset(names)

    def _free(self, hole: Hole) -> Slot:
        return self._slot("free", hole.span.text, hole, None)

    def _slot(
        self, origin: Word["param", "derived", "free"], key: str, hole: Hole, touches: frozenset[str] | None
    ) -> Slot:
        whole = key if origin == "param" else f"{self.owner}: {key}"
        return Slot(origin, whole, Field(key, hole.type), hole.filters, hole.span, touches)
