"""What a flow has made so far: its names, and what they stand for.

In: names as statements write them. Out: tables and splits; what does not exist, not yet, or not for certain, is
reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from apwa_lang.diagnostics.codes import flows as codes
from apwa_lang.diagnostics.codes import names as name_codes
from apwa_lang.semantics.context import File
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.program import FilesSource, Split, Table
from apwa_lang.semantics.scope import Binding
from apwa_lang.semantics.splits import Rows
from apwa_lang.semantics.tasks import Signature
from apwa_lang.semantics.types import UNKNOWN, RecordType, TableOf, Type
from apwa_lang.semantics.uses import Declaration, Role
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span
from apwa_lang.syntax.walk import walk


@dataclass
class World:
    """The program's declarations that flows use, by whole name; a broken one is missing."""

    tables: dict[str, Table] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)
    parameters: dict[str, Type] = field(default_factory=dict)


@dataclass(frozen=True)
class LocalTable:
    """A result of the flow."""

    rows: Rows


@dataclass(frozen=True)
class LocalSplit:
    """A split of the flow; None where a mistake was reported."""

    split: Split | None
    span: Span


@dataclass(frozen=True)
class InOneBranch:
    """A name that only one branch of an ``if`` assigns, or both in ways that cannot be one."""

    span: Span
    other: Span | None = None
    why: str = ""


@dataclass(frozen=True)
class InBothBranches:
    """A table that both branches of an ``if`` or all rounds of a ``repeat`` assign.

    ``merge`` makes it one, when it is first used.
    """

    span: Span
    merge: Callable[[], Rows]
    record: RecordType | None


@dataclass(frozen=True)
class OfARound:
    """A split that a ``repeat`` has made, after its end."""

    span: Span


Local = LocalTable | LocalSplit | InOneBranch | InBothBranches | OfARound


def place_of(local: Local) -> Span:
    """Where a name was assigned."""
    return local.rows.span if isinstance(local, LocalTable) else local.span


def program_rows(name: ast.Name, world: World, file: File) -> Rows | None:
    """The table of the program that ``name`` names; None, reported, when there is none."""
    step = _step(name.text, file) if file.names.lookup(name.text) is None else None
    if step is not None:
        file.report(name_codes.step_outside_flow(name, *step))
        return None
    symbol = file.names.find(name, "table")
    return None if symbol is None else _rows(symbol.name, symbol.span, world)


def _step(name: str, file: File) -> tuple[Span, str] | None:
    """Where a flow of this file assigns ``name``, and the name of that flow."""
    for flow in file.unit.module.declarations:
        if isinstance(flow, ast.Flow):
            for node in walk(flow):
                if isinstance(node, ast.Assign) and node.name.text == name:
                    return node.name.span, flow.name.text
    return None


def _rows(name: str, span: Span, world: World) -> Rows:
    table = world.tables.get(name)
    if table is None:
        return Rows(name, None, span)
    return Rows(name, table.record, span, isinstance(table.source, FilesSource))


class Reach:
    """The names of one flow. ``below`` are those that it assigns anywhere, each with its first place.

    ``carried`` are those that a ``repeat`` may assign once more.
    """

    def __init__(self, file: File, world: World, below: dict[str, Declaration]) -> None:
        self.file = file
        self.world = world
        self.locals: dict[str, Local] = {}
        self.carried: frozenset[str] = frozenset()
        self.below = below
        self.statement: Span | None = None

    def assign(self, name: ast.Name, local: Local) -> None:
        """Enter a name, reporting it when it is taken; the first of a name stands."""
        self.file.uses.record(name.span, self.below[name.text], Role.WRITE, _type(local))
        taken = self.locals.get(name.text)
        if name.text in self.carried:
            self.carried -= {name.text}
        elif taken is not None:
            self.file.report(codes.assigned_twice(name, place_of(taken)))
            return
        symbol = self.file.names.lookup(name.text)
        if symbol is not None and symbol.kind in ("table", "split", "parameter"):
            self.file.report(codes.hides(name, symbol.kind, symbol.span))
        self.locals[name.text] = local

    def rows(self, name: ast.Name) -> Rows | None:
        """The table that ``name`` names; None, reported, when there is none."""
        local = self._used(name)
        match local:
            case LocalTable(rows):
                return rows
            case InBothBranches(merge=merge):
                return merge()
            case LocalSplit(span=span):
                self.file.report(name_codes.wrong_kind(name, "split", span, "table"))
                return None
            case InOneBranch():
                self._one_branch(name, local)
                return None
            case OfARound(span):
                self.file.report(name_codes.wrong_kind(name, "split", span, "table"))
                return None
        return self._of_program(name, "table")

    def split(self, name: ast.Name) -> Split | None:
        """The split that ``name`` names; None, reported, when there is none."""
        local = self._used(name)
        match local:
            case LocalSplit(split):
                return split
            case InOneBranch():
                self._one_branch(name, local)
                return None
            case OfARound(span):
                self.file.report(codes.split_of_a_round(name, span))
                return None
            case LocalTable() | InBothBranches():
                self._unsplit(name, place_of(local))
                return None
        symbol = self._declared(name)
        if symbol is not None and symbol.kind == "split":
            return self.world.splits.get(symbol.name)
        if symbol is not None and symbol.kind == "table" and name.text not in self.below:
            self._unsplit(name, symbol.span)
            return None
        self._missing(name, "split")
        return None

    def _unsplit(self, name: ast.Name, declared: Span) -> None:
        """Report a table where a split must stand, with the splits of it."""
        rows = self.peek(name.text)
        own = {text: local.split for text, local in self.locals.items() if isinstance(local, LocalSplit)}
        declared_splits = {
            text: self.world.splits.get(symbol.name)
            for text, symbol in self.file.names.visible()
            if symbol.kind == "split"
        }
        splits = {
            text: split.rule
            for text, split in (own | declared_splits).items()
            if split is not None and rows is not None and split.table == rows.name
        }
        taken = self.file.names.own.keys() | self.locals.keys() | self.below.keys()
        names = ("each" if number == 1 else f"each_{number}" for number in count(1))
        free = next(each for each in names if each not in taken)
        likeliest = sorted(splits, key=lambda text: splits[text] != "row")
        self.file.report(name_codes.table_for_split(name, declared, likeliest, free, self.statement or name.span))

    def binding(self, text: str) -> Binding | None:
        """The table that ``text`` names, for an expression."""
        rows = self.peek(text)
        if rows is None:
            return None
        symbol = None if text in self.locals else self.file.names.lookup(text)
        return Binding(type_of(rows), rows.span, self.below[text] if symbol is None else symbol.declared)

    def note(self, span: Span) -> None:
        """A statement at ``span`` begins: tell the index what it may name."""
        self.statement = span
        self.file.uses.reach(span, NamesInReach(self.file.scope.names, dict(self.locals), self.below))

    def peek(self, text: str) -> Rows | None:
        """The table that ``text`` names, without a finding when there is none."""
        match self.locals.get(text):
            case LocalTable(rows):
                return rows
            case InBothBranches(merge=merge):
                return merge()
            case None:
                symbol = self.file.names.lookup(text)
                if symbol is not None and symbol.kind == "table":
                    return _rows(symbol.name, symbol.span, self.world)
        return None

    def known_tables(self) -> Iterator[str]:
        """Every table that a statement here can name."""
        yield from (text for text, local in self.locals.items() if isinstance(local, LocalTable | InBothBranches))
        yield from self.file.names.known("table")

    def _used(self, name: ast.Name) -> Local | None:
        """What the flow means by ``name`` here, None where it is not the flow's."""
        local = self.locals.get(name.text)
        if local is not None:
            self.file.uses.record(name.span, self.below[name.text], type=_type(local))
        return local

    def _declared(self, name: ast.Name) -> Symbol | None:
        symbol = self.file.names.lookup(name.text)
        if symbol is not None:
            self.file.names.refer(name, symbol)
        return symbol

    def _of_program(self, name: ast.Name, kind: str) -> Rows | None:
        symbol = self._declared(name)
        if symbol is not None and symbol.kind == kind:
            return _rows(symbol.name, symbol.span, self.world)
        self._missing(name, kind)
        return None

    def _missing(self, name: ast.Name, kind: str) -> None:
        report = self.file.report
        symbol = self.file.names.lookup(name.text)
        below = self.below.get(name.text)
        place = below.span if below is not None else None
        if place is not None:
            report(codes.assigned_below(name, place))
        elif symbol is not None:
            report(name_codes.wrong_kind(name, symbol.kind, symbol.span, kind))
        elif not self.file.names.is_lost(name.text):
            if kind == "table":
                known = list(self.known_tables())
            else:
                known = [text for text, local in self.locals.items() if isinstance(local, LocalSplit)]
                known.extend(self.file.names.known("split"))
            self.file.names.not_declared(kind, name, codes.unknown_table(name, kind, known))

    def _one_branch(self, name: ast.Name, local: InOneBranch) -> None:
        if local.other is None:
            self.file.report(codes.assigned_in_branch(name, local.span))
        elif local.why:
            first = ast.Name(local.span, name.text)
            self.file.report(codes.branches_differ(first, name.span, local.other, local.why))


class NamesInReach(Mapping[str, Binding]):
    """The parameters of the program and the names of a flow, as they are before one of its statements."""

    def __init__(
        self, names: Mapping[str, Binding], locals: Mapping[str, Local], declared: Mapping[str, Declaration]
    ) -> None:
        self._names = names
        self._locals = locals
        self._declared = declared

    def __getitem__(self, text: str) -> Binding:
        local = self._locals.get(text)
        return self._names[text] if local is None else Binding(_type(local), place_of(local), self._declared[text])

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys((*self._names, *self._locals))

    def __len__(self) -> int:
        return len({*self._names, *self._locals})


def _type(local: Local) -> Type:
    """The type of what a flow names: of a split, that of a sub-problem."""
    match local:
        case LocalTable(rows):
            return type_of(rows)
        case InBothBranches(record=RecordType() as record):
            return TableOf(record)
        case LocalSplit(Split() as split):
            return split.subproblem
        case _:
            return UNKNOWN


def type_of(rows: Rows) -> Type:
    """The type of a whole table in an expression."""
    return UNKNOWN if rows.record is None else TableOf(rows.record)
