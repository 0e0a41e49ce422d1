"""What each step of a flow touches, once for each declared effect.

In: a program and a flow. Out: accesses, with their paths in terms of the sub-problem's own fields, and the scope they
are in: how many sub-problems the step has and what tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal as Word

from apwa_lang.proofs.bindings import Binding, field_at
from apwa_lang.proofs.conditions import narrowed
from apwa_lang.proofs.lineage import NUMBERED, PIECES, Fields, Identities, Lineage, Rows
from apwa_lang.proofs.literal_tables import LiteralTables
from apwa_lang.proofs.parts import Slot, Text, file_pattern
from apwa_lang.proofs.paths import Path, pattern_path
from apwa_lang.semantics.agents import agents_of, tools_of
from apwa_lang.semantics.media import KINDS
from apwa_lang.semantics.program import (
    CallOnce,
    Effect,
    FilesSource,
    Map,
    Program,
    Reduce,
    Save,
    Split,
    Step,
    Task,
    Tool,
)
from apwa_lang.semantics.types import Field, RecordType

FILES = ("read", "write", "reduce")
NETWORK = "network"
MAX_ROWS = 1_000


@dataclass(frozen=True, eq=False)
class Scope:
    """How often a step acts: ``once``, once for each of its ``subproblems``, or in several ``calls`` of unknown number.

    ``identities`` are the sets of fields that tell two sub-problems apart for certain, with their hypotheses;
    ``claimed`` those that the program says do. ``rows`` are the sub-problems themselves where the program
    has them written out, as texts by field; ``source`` the rows that the sub-problems are made of, where one row or the
    rows of one group make one; ``conditioned`` when there are conditions on the rows that ``source`` does not tell.
    """

    kind: Word["once", "subproblems", "calls"]
    split: Split | None = None
    record: RecordType | None = None
    identities: Identities = field(default_factory=dict)
    claimed: tuple[Fields, ...] = ()
    rows: tuple[dict[str, str | None], ...] | None = None
    source: Rows | None = None
    conditioned: bool = False

    def field(self, path: str) -> Field | None:
        """The field at a dotted path of a sub-problem, or None."""
        return field_at(self.record, path) if self.record is not None else None

    @property
    def noun(self) -> str:
        """What the sub-problems are called."""
        return "row" if self.split is not None and self.split.rule in ("row", "file") else "sub-problem"


@dataclass(frozen=True, eq=False)
class Access:
    """One effect of one step. ``task`` is None for ``save``."""

    step: Step
    task: Task | None
    effect: Effect
    path: Path
    scope: Scope
    binding: Binding

    @property
    def on_network(self) -> bool:
        """Whether the object is an endpoint of the network, not a file."""
        return self.effect.kind == NETWORK

    @property
    def writes(self) -> bool:
        """Whether anything changes."""
        return self.effect.kind != "read"

    @property
    def known_at_launch(self) -> bool:
        """Whether every path can be rendered before the first sub-problem starts."""
        return self.scope.kind != "calls" and all(
            isinstance(part, Text) or (isinstance(part, Slot) and part.known_at_launch) for part in self.path.shown
        )

    @property
    def name(self) -> str:
        """What a message calls it."""
        return self.task.name if self.task is not None else "save"


def accesses(program: Program, lineage: Lineage, step: Step) -> list[Access]:
    """Every effect of a step on files and on endpoints, those of the tools of its task included."""
    match step.operation:
        case Save(path=template):
            text = template.text
            effect = Effect("write", template, text.endswith("/"), template.span)
            binding = Binding(program, step.name)
            return [Access(step, None, effect, binding.path(template, effect.tree), Scope("once"), binding)]
        case Map(task=name, split=split_name, arguments=arguments):
            split = lineage.split(split_name)
            scope = _scope(program, lineage, split) if split is not None else Scope("calls")
        case Reduce(task=str(name), strategy=strategy, group=group):
            # The calls of a fold without groups follow each other.
            scope, arguments = Scope("once" if strategy == "fold" and not group else "calls"), ()
        case CallOnce(task=name, arguments=arguments):
            scope = Scope("once")
        case _:
            return []
    task = program.tasks.get(name)
    if task is None:
        return []
    own = Binding(program, step.name, dict(task.parameters), dict(arguments), scope.record)
    found = [(effect, own) for effect in task.effects]
    called: tuple[Tool | Task, ...] = (*agents_of(task, program.tasks), *tools_of(task, program))
    for one in called:
        given = Binding(program, one.name, dict(one.parameters), chosen=True)
        found.extend((effect, given) for effect in one.effects)
    files = [
        Access(step, task, effect, _path(program, lineage, scope, binding, effect), scope, binding)
        for effect, binding in found
        if effect.kind in FILES
    ]
    endpoints = [
        Access(step, task, effect, binding.endpoint(effect.target), scope, binding)
        for effect, binding in found
        if effect.kind == NETWORK
    ]
    return files + endpoints


def _path(program: Program, lineage: Lineage, scope: Scope, binding: Binding, effect: Effect) -> Path:
    if not effect.shown:
        return binding.path(effect.target, effect.tree)
    path = binding.shown(effect.target)
    pattern = _listed_by(program, lineage, scope, path)
    return path if pattern is None else replace(pattern_path(pattern), shown=path.shown)


def _listed_by(program: Program, lineage: Lineage, scope: Scope, path: Path) -> str | None:
    """The pattern of the table of files that a path is of, where that lists them from the folder of the program."""
    split, file = scope.split, program.source.file
    if split is None or split.rule not in ("row", "file") or file is None or len(path.shown) != 1:
        return None
    (slot,) = path.shown
    if not isinstance(slot, Slot) or slot.origin != "field" or {one.name for one in slot.filters} - set(KINDS):
        return None
    rows = lineage.origin(split.table)
    table = program.tables.get(rows.base)
    if table is None or not isinstance(table.source, FilesSource) or rows.base_of(slot.key) != "path":
        return None
    here = table.source.base.resolve() == file.resolve().parent
    return table.source.pattern if here and "://" not in table.source.pattern else None


def _scope(program: Program, lineage: Lineage, split: Split) -> Scope:
    claimed = [frozenset(split.identity)] if split.identity else []
    if split.rule == "row":
        claimed.extend(frozenset([one.name]) for one in split.subproblem.fields if one.unique)
    record = split.subproblem
    if split.rule in (*NUMBERED, *PIECES):
        fields = tuple(replace(one, minimum=0) if one.name == "index" else one for one in record.fields)
        record = replace(record, fields=fields)
    record = _of_files(program, lineage, split, record)
    source = lineage.source(split)
    if source is not None:
        record = replace(record, fields=tuple(_narrowed(one, source) for one in record.fields))
    rows = LiteralTables(program, lineage.flow).subproblems(split)
    return Scope(
        "subproblems",
        split,
        record,
        lineage.of_split(split),
        tuple(claimed),
        rows,
        source,
        lineage.conditioned(split) if source is None else source.open,
    )


def _of_files(program: Program, lineage: Lineage, split: Split, record: RecordType) -> RecordType:
    """The record with what the pattern of a table of files says of its paths and names."""
    rows = lineage.origin(split.table)
    table = program.tables.get(rows.base)
    if split.rule not in ("row", "file") or table is None or not isinstance(table.source, FilesSource):
        return record
    pattern = table.source.pattern
    if "://" in pattern or "**" in pattern:
        return record
    texts = {"path": file_pattern(pattern), "name": file_pattern(pattern.rpartition("/")[2])}
    fields = (_patterned(one, texts.get(rows.base_of(one.name) or "")) for one in record.fields)
    return replace(record, fields=tuple(fields))


def _patterned(field: Field, pattern: str | None) -> Field:
    return field if pattern is None else replace(field, pattern=pattern)


def _narrowed(field: Field, source: Rows) -> Field:
    """The field with the values that the conditions on its rows leave it, where a type can say so."""
    base = source.base_of(field.name)
    if base is None:
        return field
    for core, expected in source.conditions:
        field = narrowed(field, core, expected, base)
    return field
