"""What each step of a flow touches, once for each declared effect.

In: a program and a flow. Out: accesses, with their paths in terms of the sub-problem's own fields, and the scope they
are in: how many sub-problems the step has and what tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal as Word

from apwa_lang.proofs.filters import inner
from apwa_lang.proofs.lineage import NUMBERED, PIECES, Fields, Identities, Lineage, path_of
from apwa_lang.proofs.paths import Origin, Path, Slot, Text, template_path
from apwa_lang.proofs.values import is_value
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
    Template,
)
from apwa_lang.semantics.types import FLOAT, INT, STR, Choice, Field, RecordType, Type

FILES = ("read", "write", "reduce")
MAX_ROWS = 1_000


@dataclass(frozen=True, eq=False)
class Scope:
    """How often a step acts: ``once``, once for each of its ``subproblems``, or in several ``calls`` of unknown number.

    ``identities`` are the sets of fields that tell two sub-problems apart for certain, with their hypotheses;
    ``claimed`` those that the program says do. ``rows`` are the sub-problems themselves where the program
    has them written out, as texts by field.
    """

    kind: Word["once", "subproblems", "calls"]
    split: Split | None = None
    record: RecordType | None = None
    identities: Identities = field(default_factory=dict)
    claimed: tuple[Fields, ...] = ()
    rows: tuple[dict[str, str | None], ...] | None = None

    def field(self, path: str) -> Field | None:
        """The field at a dotted path of a sub-problem, or None."""
        return field_at(self.record, path) if self.record is not None else None

    @property
    def noun(self) -> str:
        """What the sub-problems are called."""
        return "row" if self.split is not None and self.split.rule in ("row", "file") else "sub-problem"


@dataclass(frozen=True, eq=False)
class Binding:
    """What the names in a task's templates stand for: ``parameters`` by ``arguments`` over a sub-problem ``record``."""

    program: Program
    owner: str
    parameters: frozenset[str] = frozenset()
    arguments: Mapping[str, Core] = field(default_factory=dict)
    record: RecordType | None = None

    def path(self, template: Template, tree: bool) -> Path:
        """The template in terms of the sub-problem's fields."""
        return template_path(template, lambda hole: self._part(hole, template.names), tree)

    def expression(self, path: str) -> str | None:
        """How a template of the task names a field of the sub-problem, or None if it cannot."""
        for name, core in self.arguments.items():
            bound = path_of(core)
            if bound == path:
                return name
            if bound is not None and (bound == "" or path.startswith(f"{bound}.")):
                return f"{name}.{path[len(bound) :].lstrip('.')}"
        return None

    def _part(self, hole: Hole, names: frozenset[str]) -> Slot | Text:
        if hole.value is None:
            return self._slot("derived", hole.span.text, hole, self._touched_by(names))
        name, fields = _chain(hole.value)
        if name in self.arguments:
            core = self.arguments[name]
            for one in fields:
                core = GetField(core, one)
            return self._bound(hole, core)
        if name in self.program.params and name not in self.parameters:
            return self._slot("param", ".".join((name, *fields)), hole, frozenset())
        return self._slot("free", hole.span.text, hole, None)

    def _bound(self, hole: Hole, core: Core) -> Slot | Text:
        if isinstance(core, Const) and not hole.filters and core.type == hole.type and core.type in (STR, INT):
            text = str(core.value)
            if text and not set(text) & set("/\0*"):
                return Text(text)
        path = path_of(core)
        if path:
            root = path.split(".")[0]
            if root in self.program.params and (self.record is None or self.record.field(root) is None):
                return self._slot("param", path, hole, frozenset())
            found = field_at(self.record, path) if self.record is not None else None
            if found is not None and _prints_alike(found.type, hole.type):
                return Slot("field", path, found, hole.filters, hole.span)
        return self._slot("derived", repr(core), hole, _touched(core))

    def _touched_by(self, names: frozenset[str]) -> frozenset[str] | None:
        touched: set[str] = set()
        for name in names:
            if name in self.arguments:
                more = _touched(self.arguments[name])
                if more is None:
                    return None
                touched |= more
            elif name in self.parameters or name not in self.program.params:
                return None
        return frozenset(touched)

    def _slot(self, origin: Origin, key: str, hole: Hole, touches: frozenset[str] | None) -> Slot:
        whole = key if origin == "param" else f"{self.owner}: {key}"
        return Slot(origin, whole, Field(key, hole.type), hole.filters, hole.span, touches)


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
    def writes(self) -> bool:
        """Whether anything changes."""
        return self.effect.kind != "read"

    @property
    def name(self) -> str:
        """What a message calls it."""
        return self.task.name if self.task is not None else "save"


def accesses(program: Program, lineage: Lineage, step: Step) -> list[Access]:
    """Every file effect of a step, those of the tools of its task included."""
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
    parameters = frozenset(parameter for parameter, _ in task.parameters)
    own = Binding(program, step.name, parameters, dict(arguments), scope.record)
    found = [(effect, own) for effect in task.effects]
    for tool in (program.tools[tool] for tool in task.tools if tool in program.tools):
        given = Binding(program, tool.name, frozenset(parameter for parameter, _ in tool.parameters))
        found.extend((effect, given) for effect in tool.effects)
    return [
        Access(step, task, effect, binding.path(effect.target, effect.tree), scope, binding)
        for effect, binding in found
        if effect.kind in FILES
    ]


def _scope(program: Program, lineage: Lineage, split: Split) -> Scope:
    claimed = [frozenset(split.identity)] if split.identity else []
    if split.rule == "row":
        claimed.extend(frozenset([one.name]) for one in split.subproblem.fields if one.unique)
    record = split.subproblem
    if split.rule in (*NUMBERED, *PIECES):
        fields = tuple(replace(one, minimum=0) if one.name == "index" else one for one in record.fields)
        record = replace(record, fields=fields)
    return Scope("subproblems", split, record, lineage.of_split(split), tuple(claimed), _rows(program, lineage, split))


def _rows(program: Program, lineage: Lineage, split: Split) -> tuple[dict[str, str | None], ...] | None:
    table = program.tables.get(split.table)
    if split.rule != "row" or table is None or lineage.is_step(split.table):
        return None
    if not isinstance(table.source, LiteralSource) or len(table.source.rows) > MAX_ROWS:
        return None
    return tuple(
        {
            one.name: text
            for one, value in zip(table.record.fields, row, strict=False)
            if is_value(one, text := _text(one.type, value))
        }
        for row in table.source.rows
    )


def _text(type: Type, value: object) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(float(value)) if inner(type) == FLOAT else str(value)
        case str():
            return value
        case _:
            return None


def field_at(record: RecordType, path: str) -> Field | None:
    """The field at a dotted path, or None."""
    found: Field | None = None
    current: Type = record
    for name in path.split("."):
        if not isinstance(current, RecordType):
            return None
        found = current.field(name)
        if found is None:
            return None
        current = found.type
    return found


def _prints_alike(given: Type, taken: Type) -> bool:
    """Whether a value of the field's type is printed as the parameter that takes it is."""
    return given == taken or inner(taken) == given or (isinstance(given, Choice) and inner(taken) == STR)


def _chain(core: Core) -> tuple[str, list[str]]:
    match core:
        case Var(name):
            return name, []
        case GetField(base, name, False):
            root, fields = _chain(base)
            return root, [*fields, name]
        case _:
            return "", []


def _touched(core: Core) -> frozenset[str] | None:
    """The fields of the sub-problem that an expression may read, by first name; None for all of them."""
    names = frozenset(_variables(core))
    return None if "@" in names else names


def _variables(core: Core) -> Iterator[str]:
    match core:
        case Var(name):
            yield name
        case GetField(base):
            yield from _variables(base)
        case GetItem(base, index):
            yield from _variables(base)
            yield from _variables(index)
        case Apply(_, parts) | MakeList(parts):
            for part in parts:
                yield from _variables(part)
        case MakeRecord(_, entries) | MakeMap(entries):
            for _, part in entries:
                yield from _variables(part)
        case Const():
            return
