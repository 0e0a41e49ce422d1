"""Flows: the steps that a flow's statements make.

In: the statements of a flow. Out: its steps in the order of the text, each with its rows, what it depends on and the
branches it stands in. A table of both branches of an ``if`` becomes one where it is first used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span
from apwa_lang.verifier.conditions import names
from apwa_lang.verifier.declarations import Program
from apwa_lang.verifier.expressions import Parameter, Value, of_program
from apwa_lang.verifier.logic import contradict, renamed
from apwa_lang.verifier.modules import Module
from apwa_lang.verifier.operations import Joint, Latest, Mapped, Operation, Saved, Scanned, Stopped, operation
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.splits import Rows, Split, read_split
from apwa_lang.verifier.types import UNKNOWN, Type

Guard = tuple[str, bool]

_MOST_ROUNDS = 64


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of a flow, in one round of a ``repeat``. ``guards`` are the branches it stands in."""

    name: str
    operation: Operation
    row: Type | None
    depends: tuple[str, ...]
    after: tuple[str, ...]
    guards: frozenset[Guard]
    span: Span

    def excludes(self, other: Step) -> bool:
        """Whether the two stand in different branches of one ``if``."""
        return any((guard, not taken) in other.guards for guard, taken in self.guards)


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow of a file."""

    name: str
    module: Module
    steps: tuple[Step, ...]
    conditions: dict[str, Value | None]
    parameters: dict[str, Type]

    def exclude(self, one: Step, other: Step) -> bool:
        """Whether the two stand in branches of which no values of the parameters take both."""
        if one.excludes(other):
            return True
        found = [(self.conditions[name], taken) for name, taken in (*sorted(one.guards), *sorted(other.guards))]
        known = [(value, taken) for value, taken in found if value is not None]
        return bool(one.guards and other.guards) and contradict(known, self._type)

    def _type(self, value: Value) -> Type:
        return self.parameters[value.name] if isinstance(value, Parameter) else UNKNOWN

    def step(self, name: str) -> Step | None:
        """The step of that name, or None."""
        return next((step for step in self.steps if step.name == name), None)


@dataclass
class _Both:
    """A table of both branches, or of all rounds; ``merge`` makes it one step, once."""

    merge: Callable[[], Rows]
    made: Rows | None = None

    def rows(self) -> Rows:
        self.made = self.made or self.merge()
        return self.made


_Local = Rows | Split | _Both


def read_flow(name: str, node: ast.Flow, module: Module, program: Program) -> Flow:
    """The flow that is written. Raises :class:`CannotVerifyError`."""
    reader = _Reader(module, program)
    reader.statements(node.statements)
    return Flow(name, module, (*reader.scans(), *reader.steps), reader.conditions, program.parameters)


@dataclass
class _Reader:
    module: Module
    program: Program
    steps: list[Step] = field(default_factory=list)
    locals: dict[str, _Local] = field(default_factory=dict)
    guards: frozenset[Guard] = frozenset()
    made: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    scanned: set[str] = field(default_factory=set)
    conditions: dict[str, Value | None] = field(default_factory=dict)
    ifs: int = 0
    round: str = ""
    waits: tuple[str, ...] = ()
    carried: frozenset[str] = frozenset()

    def scans(self) -> Iterator[Step]:
        """A first step for each table of the program that is read from files."""
        for name, table in self.program.tables.items():
            if name in self.scanned:
                yield Step(_scan(name), Scanned(name), table.record, (), (), frozenset(), table.source.span)

    def statements(self, nodes: Iterable[ast.Statement]) -> None:
        for node in nodes:
            match node:
                case ast.Assign():
                    self._assign(node)
                case ast.Split():
                    rows = self.rows(node.table.text)
                    self._fresh(node.name.text)
                    self._enter(node.name.text, read_split(node, rows, self.rows))
                case ast.Save():
                    self._save(node)
                case ast.If():
                    self._if(node)
                case ast.Repeat():
                    self._repeat(node)

    def rows(self, name: str) -> Rows:
        """The table that a name means here."""
        local = self.locals.get(name)
        if isinstance(local, Rows):
            return local
        if isinstance(local, _Both):
            return local.rows()
        whole = self.module.whole(name, ast.Table) if local is None else None
        if whole is None:
            raise CannotVerifyError(f"`{name}` in {self.module.shown} is no table")
        return Rows(whole, self.program.tables[whole].record)

    def split(self, name: str) -> Split:
        """The split that a name means here."""
        local = self.locals.get(name)
        if isinstance(local, Split):
            return local
        found = self.module.find(name, ast.Split) if local is None else None
        if found is None:
            raise CannotVerifyError(f"`{name}` in {self.module.shown} is no split")
        owner, node = found
        outside = _Reader(owner, self.program)
        return read_split(node, outside.rows(node.table.text), outside.rows)

    def _enter(self, name: str, local: _Local) -> None:
        if name in self.locals and name not in self.carried:
            raise CannotVerifyError(f"`{name}` is assigned twice in {self.module.shown}")
        self.carried -= {name}
        self.locals[name] = local

    def _fresh(self, name: str, round: str | None = None) -> str:
        name += self.round if round is None else round
        self.counts[name] = count = self.counts.get(name, 0) + 1
        return name if count == 1 else f"{name}~{count}"

    def _assign(self, node: ast.Assign) -> None:
        made, row, inputs = operation(node, self.program, self.module, self.rows, self.split)
        if isinstance(node.relation, ast.CallRelation):
            inputs = tuple(rows for each in node.relation.arguments for rows in self._tables_in(each.value))
        after = self._after(node.after)
        name = self._fresh(node.name.text)
        self._enter(node.name.text, Rows(name, row))
        self._add(name, made, row, inputs, after, node.name.span, self.guards)

    def _save(self, node: ast.Save) -> None:
        rows = self.rows(node.table.text)
        after = self._after(node.after)
        name = self._fresh(f"save_{node.table.text}")
        self._add(name, Saved(rows.name, node.path), None, (rows,), after, node.span, self.guards)

    def _after(self, names: tuple[ast.Name, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rows.name for name in names if (rows := self.rows(name.text)).name in self.made))

    def _if(self, node: ast.If) -> None:
        outer, before, carried = self.guards, dict(self.locals), self.carried
        self.carried = frozenset()
        self.ifs += 1
        guard = f"if{self.ifs}"
        self.conditions[guard] = renamed(of_program(node.condition), self._parameter)
        branches: list[dict[str, _Local]] = []
        for taken, statements in ((True, node.then), (False, node.otherwise)):
            self.guards = outer | {(guard, taken)}
            self.locals = dict(before)
            self.statements(statements)
            branches.append({name: local for name, local in self.locals.items() if name not in before})
        self.guards, self.locals, self.carried = outer, before, carried
        then, otherwise = branches
        for name in then:
            left, right = then[name], otherwise.get(name)
            if right is not None and not isinstance(left, Split) and not isinstance(right, Split):
                before[name] = _Both(self._merging(name, (left, right), Joint, node.span))

    def _repeat(self, node: ast.Repeat) -> None:
        """Each round begins with what the one before assigned to names that stand above, and waits for all of it."""
        limit = node.limit.value if isinstance(node.limit, ast.IntLiteral) else 0
        if not 1 <= limit <= _MOST_ROUNDS:
            raise CannotVerifyError(f"the rounds of a `repeat` in {self.module.shown} cannot be read")
        outer = self.locals, self.carried, self.round, self.waits
        before, start = frozenset(self.locals), dict(self.locals)
        rounds: list[dict[str, _Local]] = []
        for number in range(1, limit + 1):
            first = len(self.steps)
            self.locals, self.carried, self.round = dict(start), before, f"{outer[2]}@{number}"
            self.statements(node.body)
            rounds.append({name: local for name, local in self.locals.items() if local is not start.get(name)})
            start |= {name: local for name, local in rounds[-1].items() if name in before}
            tables = self._tables_in(node.until)
            if number < limit:
                waits = tuple(step.name for step in self.steps[first:])
                name = self._fresh("until")
                self._add(name, Stopped(), None, tables, waits, node.until.span, self.guards, self.waits)
                self.waits = (name,)
        self.locals, self.carried, self.round, self.waits = outer
        self.carried -= rounds[0].keys()
        for name in rounds[0]:
            tables_of = [local for made in rounds if not isinstance(local := made[name], Split)]
            if limit == 1:
                self.locals[name] = rounds[0][name]
            elif tables_of:
                self.locals[name] = _Both(self._merging(name, tables_of, Latest, node.span))

    def _parameter(self, path: tuple[str, ...]) -> Value | None:
        found = self.program.parameter(self.module, path) if path else None
        return None if found is None or found[1] else Parameter(found[0])

    def _merging(
        self, name: str, locals: Sequence[Rows | _Both], made: type[Joint | Latest], span: Span
    ) -> Callable[[], Rows]:
        guards, waits, round = self.guards, self.waits, self.round

        def merge() -> Rows:
            sides = tuple(side.rows() if isinstance(side, _Both) else side for side in locals)
            step = self._fresh(name, round)
            row = Joint.row([side.row for side in sides])
            self._add(step, made(tuple(side.name for side in sides)), row, sides, (), span, guards, waits)
            return Rows(step, row)

        return merge

    def _tables_in(self, node: ast.Expr) -> list[Rows]:
        """The tables that an expression uses, made where they are of two branches."""
        found = []
        for path in names(node):
            name = ".".join(path[:2]) if path[0] in self.module.imports else path[0]
            local = self.locals.get(name)
            if isinstance(local, Rows | _Both) or (local is None and self.module.whole(name, ast.Table) is not None):
                found.append(self.rows(name))
        return found

    def _add(
        self,
        name: str,
        made: Operation,
        row: Type | None,
        inputs: Iterable[Rows],
        after: tuple[str, ...],
        span: Span,
        guards: frozenset[Guard],
        waits: tuple[str, ...] | None = None,
    ) -> None:
        after = (*after, *(self.waits if waits is None else waits))
        tables = [each.name for each in inputs]
        if isinstance(made, Mapped):
            tables = [made.split.table, *([made.split.other] if made.split.other is not None else [])]
        read = {one for table in tables if table not in self.made for one in self._files(table, frozenset())}
        self.scanned |= read
        depends = tuple(dict.fromkeys((*(table for table in tables if table in self.made), *map(_scan, sorted(read)))))
        self.steps.append(Step(name, made, row, depends, after, guards, span))
        self.made.add(name)

    def _files(self, name: str, seen: frozenset[str]) -> Iterator[str]:
        """The tables of the program, read from files, that the rows of one come from."""
        table = self.program.tables[name]
        match table.source:
            case ast.ReadSource() | ast.FilesSource():
                yield name
            case ast.SqlSource(query=query):
                for word in re.findall(r"[^\W\d]\w*", query.value):
                    other = table.module.prefix + word
                    if other in self.program.tables and other not in seen | {name}:
                        yield from self._files(other, seen | {name})


def _scan(table: str) -> str:
    """What the step that reads a table is called."""
    return f"table {table}"
