"""What a statement of a flow does, and the rows that it gives.

In: a statement, and what the names in it mean. Out: the operation, in terms of tables and paths of columns, and the
record of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from apwa_lang.syntax import nodes as ast
from apwa_lang.verifier.declarations import Program, Routine, resolve
from apwa_lang.verifier.expressions import Done, Fixed, Named, Value, of_program
from apwa_lang.verifier.modules import Module
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.splits import Rows, Split, chain
from apwa_lang.verifier.types import INT, STR, UNKNOWN, Column, Type, record

Paths = dict[str, tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A task over each sub-problem. ``arguments`` by parameter."""

    task: Routine
    split: Split
    arguments: dict[str, Value]
    keep: Paths


@dataclass(frozen=True, slots=True)
class Merged:
    """``reduce``; ``task`` None for an aggregate. ``one_by_one`` when its calls follow each other."""

    table: str
    task: Routine | None
    group: tuple[str, ...]
    one_by_one: bool


@dataclass(frozen=True, slots=True)
class Same:
    """Rows of a table as they are: at most some number, those that meet a ``condition``, or in another order."""

    table: str
    condition: ast.Expr | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """``select``: new columns; the path of the column that each copies, or None, and what each is made of."""

    table: str
    fields: Paths
    made: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Joined:
    """``join``."""

    left: str
    right: str
    on: frozenset[str]


@dataclass(frozen=True, slots=True)
class Joint:
    """The rows of several tables."""

    tables: tuple[str, ...]

    @staticmethod
    def row(rows: Sequence[Type]) -> Type:
        """The record of the rows: what all tables say of a column."""
        first, *others = rows
        columns = []
        for column in first.columns:
            for other in others:
                its = other.column(column.name)
                if its is None:
                    raise CannotVerifyError(f"only one of the tables that are made one has `{column.name}`")
                column = _agreed(column, its)
            columns.append(column)
        return record(*columns)


@dataclass(frozen=True, slots=True)
class Latest:
    """The rows of one of several tables, those of the rounds of a ``repeat``."""

    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stopped:
    """The end of a round: whether another follows."""


@dataclass(frozen=True, slots=True)
class Called:
    """One call of a task."""

    task: Routine
    arguments: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Saved:
    """``save``."""

    table: str
    path: ast.StringLiteral


@dataclass(frozen=True, slots=True)
class Scanned:
    """A table of the program that is read from files, before every step that needs its rows."""

    table: str


Operation = Mapped | Merged | Same | Chosen | Joined | Joint | Latest | Stopped | Called | Saved | Scanned


def operation(
    node: ast.Assign,
    program: Program,
    module: Module,
    rows: Callable[[str], Rows],
    split: Callable[[str], Split],
) -> tuple[Operation, Type, tuple[Rows, ...]]:
    """The operation of a statement, its rows, and the tables that it reads."""
    match node.relation:
        case ast.MapRelation() as relation:
            made = _mapped(relation, program, module, split(relation.split.text))
            return made, _map_row(made), ()
        case ast.ReduceRelation() as relation:
            source = rows(relation.table.text)
            merged, row = _merged(relation, source, program, module)
            return merged, row, (source,)
        case ast.WhereRelation(table=table, condition=condition):
            source = rows(table.text)
            return Same(source.name, condition), source.row, (source,)
        case ast.SortRelation(table=table):
            source = rows(table.text)
            return Same(source.name), source.row, (source,)
        case ast.LimitRelation(table=table, count=count):
            source = rows(table.text)
            most = count.value if isinstance(count, ast.IntLiteral) else None
            return Same(source.name, None, most), source.row, (source,)
        case ast.SelectRelation() as relation:
            source = rows(relation.table.text)
            return *_chosen(relation, source, module), (source,)
        case ast.JoinRelation(left=left, right=right, on=on):
            one, other = rows(left.text), rows(right.text)
            names = frozenset(name.text for name in on)
            columns = (*one.row.columns, *(each for each in other.row.columns if each.name not in names))
            return Joined(one.name, other.name, names), record(*columns), (one, other)
        case ast.UnionRelation(tables=tables):
            sources = tuple(rows(table.text) for table in tables)
            joint = Joint(tuple(source.name for source in sources))
            return joint, Joint.row([source.row for source in sources]), sources
        case ast.AliasRelation(table=table):
            source = rows(table.text)
            return Joint((source.name,)), source.row, (source,)
        case ast.CallRelation(task=name, arguments=arguments):
            task = _task(name.text, program, module)
            return Called(task, _by_parameter(task, arguments)), _result(task), ()
        case _:
            raise CannotVerifyError(f"`{node.name.text}` in {module.shown} cannot be read")


def _task(name: str, program: Program, module: Module) -> Routine:
    whole = module.whole(name, ast.Task)
    if whole is None:
        raise CannotVerifyError(f"`{name}` in {module.shown} is no task")
    return program.tasks[whole]


def _result(task: Routine) -> Type:
    return task.result if task.result.kind == "record" else record(Column("value", task.result))


def _by_parameter(task: Routine, arguments: Sequence[ast.Argument]) -> dict[str, Value]:
    given: dict[str, Value] = {}
    positions = iter(task.parameters)
    for argument in arguments:
        name = argument.name.text if argument.name is not None else next(positions, "")
        if name not in task.parameters or name in given:
            raise CannotVerifyError(f"the arguments of `{task.name}` cannot be read")
        given[name] = of_program(argument.value, task.parameters[name])
    if len(given) < len(task.parameters):
        raise CannotVerifyError(f"`{task.name}` is called with too few arguments")
    return given


def _mapped(node: ast.MapRelation, program: Program, module: Module, split: Split) -> Mapped:
    task = _task(node.task.text, program, module)
    if node.arguments is None:
        if len(task.parameters) != 1:
            raise CannotVerifyError(f"`{task.name}` takes more than the sub-problem")
        arguments: dict[str, Value] = dict.fromkeys(task.parameters, Named(()))
    else:
        arguments = _by_parameter(task, node.arguments)
    known = split.keepable()
    if any(name.text not in known for name in node.keep):
        raise CannotVerifyError(f"what `{task.name}` keeps is not in its sub-problems")
    return Mapped(task, split, arguments, {name.text: known[name.text] for name in node.keep})


def _map_row(made: Mapped) -> Type:
    kept = []
    for name, path in made.keep.items():
        column = made.split.row.at(path or ())
        assert column is not None
        kept.append(replace(column, name=name))
    result = _result(made.task)
    return record(*result.columns, *kept) if kept else result


def _merged(node: ast.ReduceRelation, source: Rows, program: Program, module: Module) -> tuple[Merged, Type]:
    how = node.strategy.name.text if node.strategy is not None else "tree"
    group = tuple(name.text for name in node.group)
    columns = [source.row.column(name) for name in group]
    if how in ("tree", "fold"):
        task = _task(node.function.text if node.function is not None else "", program, module)
        made = Merged(source.name, task, group, how == "fold" and not group)
        results = _result(task).columns
    else:
        made = Merged(source.name, None, group, True)
        results = (_aggregate(node, how, source.row),)
    if not group:
        return made, record(*results)
    return made, record(*(column for column in columns if column is not None), *results)


def _aggregate(node: ast.ReduceRelation, how: str, row: Type) -> Column:
    if how == "count":
        return Column("count", INT)
    of = row.column(node.function.text) if node.function is not None else None
    if of is None:
        raise CannotVerifyError(f"the field of a `{how}` cannot be read")
    if how in ("min", "max") and not node.group:
        return Column(of.name, Type("optional", inner=of.type))
    return Column(of.name, STR if of.type.kind == "choice" and how == "concat" else of.type)


def _chosen(node: ast.SelectRelation, source: Rows, module: Module) -> tuple[Chosen, Type]:
    paths: Paths = {}
    columns = []
    for entry in node.record.entries:
        name = entry.key.text
        path = chain(entry.value)
        copied = source.row.at(path) if path is not None else None
        paths[name] = path if copied is not None else None
        columns.append(
            replace(copied, name=name)
            if copied is not None
            else Column(name, _type(of_program(entry.value), source.row))
        )
    made = {entry.key.text: of_program(entry.value) for entry in node.record.entries}
    if node.record.type is None:
        return Chosen(source.name, paths, made), record(*columns)
    row = resolve(ast.NamedType(node.record.type.span, node.record.type), module)
    return Chosen(source.name, {column.name: paths.get(column.name) for column in row.columns}, made), row


def _type(value: Value, row: Type) -> Type:
    """The type of a column that is computed, where it shows at once."""
    match value:
        case Fixed(type=type) if type in (STR, INT):
            return type
        case Named((_, *_) as path):
            column = row.at(tuple(path))
            return column.type if column is not None else UNKNOWN
        case Done("key" | "str" | "lower" | "upper" | "strip" | "replace" | "sha256"):
            return STR
        case Done("+" | "-" | "*" | "//" | "%" | "neg" as word, parts):
            types = [_type(part, row) for part in parts]
            if word == "+" and all(type.kind in ("str", "choice") for type in types):
                return STR
            return INT if all(type == INT for type in types) else UNKNOWN
        case _:
            return UNKNOWN


def _agreed(one: Column, other: Column) -> Column:
    return replace(
        one,
        key=one.key and other.key,
        unique=one.unique and other.unique,
        pattern=one.pattern if one.pattern == other.pattern else None,
        low=one.low if one.low == other.low else None,
        high=one.high if one.high == other.high else None,
    )
