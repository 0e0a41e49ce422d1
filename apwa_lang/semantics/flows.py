"""Flows: from statements to steps.

In: a flow as declared, the file it stands in, and the program's declarations. Out: its steps in the order of the
text, each with all that it depends on. A step of a broken statement is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from apwa_lang.diagnostics.codes import flows as codes
from apwa_lang.semantics import relations
from apwa_lang.semantics.context import File
from apwa_lang.semantics.core import Core
from apwa_lang.semantics.expressions import check_against
from apwa_lang.semantics.formats import SAVE_SUFFIXES, suffix_of
from apwa_lang.semantics.maps import map_over
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.program import Flow, Guard, Last, Operation, Save, Split, Step, UnionAll, Until
from apwa_lang.semantics.reach import (
    InBothBranches,
    InOneBranch,
    Local,
    LocalSplit,
    LocalTable,
    OfARound,
    Reach,
    World,
    place_of,
)
from apwa_lang.semantics.reduces import reduce
from apwa_lang.semantics.relations import NOTHING, Made, TablesInReach, variables
from apwa_lang.semantics.rename import rename_core
from apwa_lang.semantics.settings import literal
from apwa_lang.semantics.shapes import common, difference
from apwa_lang.semantics.splits import Rows, resolve_split
from apwa_lang.semantics.types import BOOL, RecordType
from apwa_lang.semantics.uses import Kind
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

MOST_ROUNDS = 64
"""Each round has steps of its own, in the plan and in the proofs."""


def resolve_flow(symbol: Symbol, file: File, world: World) -> Flow:
    """The flow that ``symbol`` declares."""
    node = symbol.node
    assert isinstance(node, ast.Flow)
    return _Flow(node, file, world).resolve(symbol.name)


def reach_after(statements: Sequence[ast.Statement], file: File, world: World) -> Reach:
    """What a flow can name behind these statements, branches and rounds that are still open among them."""
    span = Span(file.unit.module.source, 0, 0)
    flow = _Flow(ast.Flow(span, ast.Name(span, ""), tuple(statements)), file, world)
    flow.resolve("")
    return flow._reach


class _Flow:
    """One flow while it is checked."""

    def __init__(self, node: ast.Flow, file: File, world: World) -> None:
        self._node = node
        self._file = file
        self._world = world
        self._reach = Reach(file, world, {})
        self._steps: list[Step] = []
        self._made: set[str] = set()
        self._names: dict[str, int] = {}
        self._splits: dict[str, Split] = {}
        self._guards: tuple[Guard, ...] = ()
        self._unless: str | None = None
        self._round = ""
        self._rounds = 1
        self._ifs = 0

    def resolve(self, name: str) -> Flow:
        """The whole flow."""
        uses = self._file.uses
        for assigned in _assigned(self._node.statements):
            kind: Kind = "split" if isinstance(assigned, ast.Split) else "step"
            self._reach.below[assigned.name.text] = uses.declare(kind, assigned.name.text, assigned.name.span, name)
        self._statements(self._node.statements)
        return Flow(name, tuple(self._steps), tuple(self._splits.values()), self._node.name.span)

    def _statements(self, statements: Iterable[ast.Statement]) -> None:
        for statement in statements:
            self._reach.note(statement.span)
            match statement:
                case ast.Assign():
                    self._assign(statement)
                case ast.Split():
                    self._split(statement)
                case ast.Save():
                    self._save(statement)
                case ast.If():
                    self._if(statement)
                case ast.Repeat():
                    self._repeat(statement)

    def _assign(self, node: ast.Assign) -> None:
        made = self._relation(node.relation, node.name.text)
        after = self._after(node.after)
        name = self._fresh(node.name.text)
        self._reach.assign(node.name, LocalTable(Rows(name, made.record, node.name.span, made.from_files, made.unkept)))
        if made.operation is not None:
            self._add(name, made.operation, made.record, made.inputs, after, node.name.span, node.span)

    def _relation(self, node: ast.Relation, name: str) -> Made:
        reach = self._reach
        match node:
            case ast.MapRelation():
                made = map_over(node, name, reach)
                split = reach.split(node.split) if made.operation is not None else None
                if split is not None:
                    self._splits.setdefault(split.name, split)
                return made
            case ast.ReduceRelation():
                return reduce(node, name, reach)
            case ast.WhereRelation():
                return relations.where(node, reach)
            case ast.SelectRelation():
                return relations.select(node, name, reach)
            case ast.JoinRelation():
                return relations.join(node, name, reach)
            case ast.SortRelation():
                return relations.sort(node, reach)
            case ast.LimitRelation():
                return relations.limit(node, reach)
            case ast.UnionRelation():
                return relations.union(node, name, reach)
            case ast.AliasRelation():
                return relations.alias(node, reach)
            case ast.CallRelation():
                return relations.call(node, reach)
            case ast.ErrorRelation():
                return NOTHING

    def _split(self, node: ast.Split) -> None:
        rows = self._reach.rows(node.table)
        name = self._fresh(node.name.text)
        split = None if rows is None else resolve_split(node, name, rows, self._reach.rows, self._file)
        self._reach.assign(node.name, LocalSplit(split, node.name.span))
        if split is not None:
            self._splits[name] = split

    def _save(self, node: ast.Save) -> None:
        rows = self._reach.rows(node.table)
        after = self._after(node.after)
        path, text = node.path, node.path.value.strip()
        if not text:
            self._file.report(codes.save_empty(path.span))
            return
        template = self._file.template(path, self._file.scope, path=True)
        format = "parquet" if text.endswith("/") else SAVE_SUFFIXES.get(suffix_of(text))
        if format is None:
            self._file.report(codes.save_format(path.span, suffix_of(text), SAVE_SUFFIXES))
        elif rows is not None:
            name = self._fresh(f"save_{node.table.text}")
            self._add(name, Save(rows.name, template, format), None, (rows,), after, node.span, node.span)

    def _if(self, node: ast.If) -> None:
        condition = self._condition(node.condition)
        outer, before = self._guards, self._reach.locals
        carried, self._reach.carried = self._reach.carried, frozenset()
        self._ifs += 1
        guard = Guard(f"if{self._ifs}", condition, True)
        branches: list[dict[str, Local]] = []
        for statements, expected in ((node.then, True), (node.otherwise, False)):
            self._guards = (*outer, replace(guard, expected=expected))
            self._reach.locals = dict(before)
            self._statements(statements)
            branches.append({name: local for name, local in self._reach.locals.items() if name not in before})
        self._guards = outer
        then, otherwise = branches
        self._reach.locals, self._reach.carried = before, carried
        for name in dict.fromkeys((*then, *otherwise)):
            before[name] = self._after_branches(name, then.get(name), otherwise.get(name))

    def _after_branches(self, name: str, then: Local | None, otherwise: Local | None) -> Local:
        """What a name assigned in a branch means after the ``if``."""
        if then is None or otherwise is None:
            only = then or otherwise
            assert only is not None
            return InOneBranch(place_of(only))
        first, second = place_of(then), place_of(otherwise)
        if isinstance(then, InOneBranch) or isinstance(otherwise, InOneBranch):
            partial = then if isinstance(then, InOneBranch) else otherwise
            assert isinstance(partial, InOneBranch)
            return partial
        if isinstance(then, LocalSplit | OfARound) or isinstance(otherwise, LocalSplit | OfARound):
            return InOneBranch(first, second, "splits of two branches cannot be one")
        left, right = _record(then), _record(otherwise)
        why = self._difference(left, right)
        if why is not None:
            return InOneBranch(first, second, why)
        return InBothBranches(first, self._merging(name, (then, otherwise), first, UnionAll), left)

    def _merging(
        self, name: str, locals: Sequence[Local], span: Span, operation: type[UnionAll | Last]
    ) -> Callable[[], Rows]:
        """Makes one table of those of several branches or rounds when it is first asked for."""
        guards, unless, round = self._guards, self._unless, self._round
        done: list[Rows] = []

        def merge() -> Rows:
            if not done:
                sides = [_rows(side) for side in locals]
                records = [side.record for side in sides if side.record is not None]
                record = common(records, name, keep_keys=True) if len(records) == len(sides) else None
                step = self._fresh(name, round)
                done.append(Rows(step, record, span, all(side.from_files for side in sides)))
                made = operation(tuple(side.name for side in sides))
                if record is not None:
                    self._add(step, made, record, sides, (), span, None, guards, unless)
            return done[0]

        return merge

    def _repeat(self, node: ast.Repeat) -> None:
        """Steps for each round; a round waits for all of the one before, and begins with what that one assigned."""
        limit = self._limit(node)
        before, carried = self._reach.locals, self._reach.carried
        round, unless = self._round, self._unless
        rounds: list[dict[str, Local]] = []
        start = dict(before)
        self._rounds *= limit
        for number in range(1, limit + 1):
            first = len(self._steps)
            self._round = f"{round}@{number}"
            self._reach.locals = dict(start)
            self._reach.carried = frozenset(before)
            self._statements(node.body)
            assigned = {name: local for name, local in self._reach.locals.items() if local is not start.get(name)}
            for name in assigned.keys() & before.keys():
                self._same_record(name, before[name], assigned[name])
            rounds.append(assigned)
            start |= {name: local for name, local in assigned.items() if name in before}
            until = self._until(node, number < limit, self._steps[first:])
            self._unless = until or self._unless
        self._rounds //= limit
        self._round, self._unless = round, unless
        self._reach.locals, self._reach.carried = before, carried - rounds[0].keys()
        for name in rounds[0]:
            before[name] = self._after_rounds(name, [made[name] for made in rounds if name in made])

    def _limit(self, node: ast.Repeat) -> int:
        limit = literal(node.limit)
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
            if not isinstance(node.limit, ast.ErrorExpr):
                self._file.report(codes.repeat_limit(node.limit.span))
            return 1
        if limit * self._rounds > MOST_ROUNDS:
            self._file.report(codes.too_many_rounds(node.limit.span, MOST_ROUNDS, nested=self._rounds > 1))
            return 1
        return limit

    def _until(self, node: ast.Repeat, more: bool, round: list[Step]) -> str | None:
        """The step that says whether another round follows, where there may be ``more``."""
        scope = replace(self._file.scope, names=TablesInReach(self._reach))
        core = self._file.whole_core(check_against(node.until, BOOL, scope, "the condition of `repeat`"))
        if not more:
            return None
        named = {text: rows for text in variables(core) if (rows := self._reach.peek(text)) is not None}
        core = rename_core(core, {text: rows.name for text, rows in named.items()})
        name = self._fresh("until")
        after = tuple(step.name for step in round)
        self._add(name, Until(core), None, named.values(), after, node.until.span, None)
        return name

    def _same_record(self, name: str, before: Local, now: Local) -> None:
        """A round begins with what the one before has assigned, so that must be of the same kind."""
        left, right = _record(before), _record(now)
        why = self._difference(left, right)
        if isinstance(before, LocalSplit | OfARound) != isinstance(now, LocalSplit | OfARound):
            why = "one is a split"
        if why is not None:
            self._file.report(codes.rounds_differ(ast.Name(place_of(now), name), place_of(before), why))

    def _difference(self, left: RecordType | None, right: RecordType | None) -> str | None:
        """How two records that become one differ."""
        if left is None or right is None:
            return None
        self._file.uses.tie(left, right)
        return difference(left, right)

    def _after_rounds(self, name: str, rounds: list[Local]) -> Local:
        """What a name that each round assigns means after the ``repeat``."""
        last = rounds[-1]
        if isinstance(last, LocalSplit):
            return OfARound(last.span)
        if len(rounds) == 1 or isinstance(last, InOneBranch | OfARound):
            return last
        return InBothBranches(place_of(last), self._merging(name, rounds, place_of(last), Last), _record(last))

    def _condition(self, node: ast.Expr) -> Core:
        return self._file.whole_core(check_against(node, BOOL, self._file.scope, "the condition of `if`"))

    def _after(self, names: tuple[ast.Name, ...]) -> tuple[str, ...]:
        """The steps that a statement waits for."""
        found: dict[str, None] = {}
        for name in names:
            symbol = self._file.names.lookup(name.text)
            if name.text not in self._reach.locals and symbol is not None and symbol.kind == "table":
                self._file.report(codes.after_table(name, symbol.span))
                continue
            rows = self._reach.rows(name)
            if rows is not None and rows.name in self._made:
                found[rows.name] = None
        return tuple(found)

    def _add(
        self,
        name: str,
        operation: Operation,
        record: RecordType | None,
        inputs: Iterable[Rows],
        after: tuple[str, ...],
        span: Span,
        extent: Span | None,
        guards: tuple[Guard, ...] | None = None,
        unless: str | None = None,
    ) -> None:
        depends = tuple(dict.fromkeys(rows.name for rows in inputs if rows.name in self._made))
        if guards is None:
            guards, unless = self._guards, self._unless
        if unless is not None:
            after = tuple(dict.fromkeys((*after, unless)))
        self._steps.append(Step(name, operation, record, depends, after, guards, span, unless, extent))
        self._made.add(name)

    def _fresh(self, name: str, round: str | None = None) -> str:
        """``name`` in its round, with a number after it where a step of that name exists."""
        name += self._round if round is None else round
        self._names[name] = count = self._names.get(name, 0) + 1
        return name if count == 1 else f"{name}~{count}"


def _assigned(statements: Iterable[ast.Statement]) -> Iterable[ast.Assign | ast.Split]:
    """Every statement that assigns a name, last first, so that a mapping keeps the first of each name."""
    for statement in reversed(tuple(statements)):
        match statement:
            case ast.Assign() | ast.Split():
                yield statement
            case ast.If(then=then, otherwise=otherwise):
                yield from _assigned(otherwise)
                yield from _assigned(then)
            case ast.Repeat(body=body):
                yield from _assigned(body)


def _rows(local: Local) -> Rows:
    assert isinstance(local, LocalTable | InBothBranches)
    return local.rows if isinstance(local, LocalTable) else local.merge()


def _record(local: Local) -> RecordType | None:
    return (
        local.rows.record
        if isinstance(local, LocalTable)
        else local.record
        if isinstance(local, InBothBranches)
        else None
    )
