"""The syntax tree: frozen nodes, each with the span it was read from.

In: what the parser recognised. Out: values for the semantic stage. A hole left by a syntax error is an
:class:`ErrorExpr` or simply a missing declaration, statement or setting; every other node is complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from apwa_lang.syntax.source import Source, Span


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of source text with meaning."""

    span: Span


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier, dotted where it names something of an import: ``pii.Note``."""

    text: str


# Types


@dataclass(frozen=True, slots=True)
class NamedType(Node):
    """``str``, ``Note``, ``pii.Note``, ``list[T]``, ``map[str, T]``, ``tensor[f32, 384]``, ``table[R]``."""

    name: Name
    arguments: tuple[TypeNode | IntLiteral, ...] = ()


@dataclass(frozen=True, slots=True)
class LiteralType(Node):
    """``"a"`` in a union of literals."""

    value: StringLiteral


@dataclass(frozen=True, slots=True)
class OptionalType(Node):
    """``T?``."""

    inner: TypeNode


@dataclass(frozen=True, slots=True)
class UnionType(Node):
    """``A | B``."""

    members: tuple[TypeNode, ...]


@dataclass(frozen=True, slots=True)
class ErrorType(Node):
    """A hole where a type should be."""


TypeNode = NamedType | LiteralType | OptionalType | UnionType | ErrorType

# Expressions


@dataclass(frozen=True, slots=True)
class StringLiteral(Node):
    """``"text"`` or ``\"""text\"""``, decoded and dedented.

    ``offsets[i]`` is the source offset of character ``i`` of ``value``; ``offsets[len(value)]`` that of its end.
    """

    value: str
    offsets: tuple[int, ...]

    def place(self, start: int, end: int) -> Span:
        """The source span of ``value[start:end]``."""
        last = len(self.offsets) - 1
        first = self.offsets[min(max(start, 0), last)]
        stop = self.offsets[min(max(end, 0), last)]
        return Span(self.span.source, first, max(first, stop))


@dataclass(frozen=True, slots=True)
class IntLiteral(Node):
    """``1_000``."""

    value: int


@dataclass(frozen=True, slots=True)
class FloatLiteral(Node):
    """``0.5``."""

    value: float


@dataclass(frozen=True, slots=True)
class BoolLiteral(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class NullLiteral(Node):
    """``null``."""


@dataclass(frozen=True, slots=True)
class DurationLiteral(Node):
    """``500ms 30s 5m 2h 1d``."""

    value: timedelta


@dataclass(frozen=True, slots=True)
class SizeLiteral(Node):
    """``512MiB 8GiB``; ``value`` in bytes."""

    value: int


@dataclass(frozen=True, slots=True)
class RateLiteral(Node):
    """``600 per 1m``."""

    count: int
    period: timedelta


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """``[a, b]``."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """``key: value`` in a record literal; ``quoted`` when the key was a string."""

    key: Name
    value: Expr
    quoted: StringLiteral | None = None


@dataclass(frozen=True, slots=True)
class RecordLiteral(Node):
    """``{ a: 1 }``, or ``Name { a: 1 }`` with ``type``."""

    entries: tuple[Entry, ...]
    type: Name | None = None


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """A plain name in an expression; ``a.b`` is a :class:`FieldAccess` even where ``a`` is an import."""

    name: str


@dataclass(frozen=True, slots=True)
class FieldAccess(Node):
    """``base.field``."""

    base: Expr
    field: Name


@dataclass(frozen=True, slots=True)
class Index(Node):
    """``base[index]``."""

    base: Expr
    index: Expr


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """``value`` or ``name: value`` in a call or rule."""

    value: Expr
    name: Name | None = None


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(arguments)``; ``function`` is dotted for an imported task or tool."""

    function: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """``-x`` or ``not x``."""

    operator: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``+ - * / % // == != < <= > >= in``, ``not in``, ``and``, ``or``; ``operator`` is that text."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class RouteArm(Node):
    """``small when expr`` or, last, ``large``."""

    target: Name
    condition: Expr | None


@dataclass(frozen=True, slots=True)
class Route(Node):
    """``{ small when tokens(note.text) < 800, large }``."""

    arms: tuple[RouteArm, ...]


@dataclass(frozen=True, slots=True)
class PythonReference(Node):
    """``python "pkg.mod:factory"`` as a model's provider."""

    target: StringLiteral


@dataclass(frozen=True, slots=True)
class ErrorExpr(Node):
    """A hole where an expression should be."""


Expr = (
    StringLiteral
    | IntLiteral
    | FloatLiteral
    | BoolLiteral
    | NullLiteral
    | DurationLiteral
    | SizeLiteral
    | RateLiteral
    | ListLiteral
    | RecordLiteral
    | Variable
    | FieldAccess
    | Index
    | Call
    | Unary
    | Binary
    | Route
    | PythonReference
    | ErrorExpr
)

# Declarations


@dataclass(frozen=True, slots=True)
class Import(Node):
    """``import "lib/pii.apwa" as pii``."""

    path: StringLiteral
    alias: Name


@dataclass(frozen=True, slots=True)
class Param(Node):
    """``param name: T = value``."""

    name: Name
    type: TypeNode
    default: Expr | None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """``@name`` or ``@name(arguments)``; ``name`` without the ``@``."""

    name: Name
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldDecl(Node):
    """``field: T @attr = default`` in a record."""

    name: Name
    type: TypeNode
    attributes: tuple[Attribute, ...]
    default: Expr | None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Record(Node):
    """``record Name { … }``."""

    name: Name
    fields: tuple[FieldDecl, ...]
    doc: str = ""


@dataclass(frozen=True, slots=True)
class ReadSource(Node):
    """``read "path-or-glob" as csv(delimiter: ";")``."""

    path: StringLiteral
    format: Call | None


@dataclass(frozen=True, slots=True)
class FilesSource(Node):
    """``files "glob"``."""

    pattern: StringLiteral


@dataclass(frozen=True, slots=True)
class SqlSource(Node):
    """``sql "…"`` over other tables."""

    query: StringLiteral


@dataclass(frozen=True, slots=True)
class LiteralSource(Node):
    """A literal list of records."""

    rows: ListLiteral


TableSource = ReadSource | FilesSource | SqlSource | LiteralSource


@dataclass(frozen=True, slots=True)
class Table(Node):
    """``table name: R = source``; ``source`` is None where it could not be read."""

    name: Name
    record: TypeNode
    source: TableSource | None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Setting(Node):
    """``name: value`` in a model, tool or task."""

    name: Name
    value: Expr


@dataclass(frozen=True, slots=True)
class Model(Node):
    """``model name { … }``."""

    name: Name
    settings: tuple[Setting, ...]
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """``name: T`` of a task or tool."""

    name: Name
    type: TypeNode


@dataclass(frozen=True, slots=True)
class Tool(Node):
    """``tool name(params) -> T { … }``, ``tool name = mcp "server" { … }`` with ``mcp`` or ``tool name = query(notes)``
    with ``builtin``; these have no parameters.
    """

    name: Name
    parameters: tuple[Parameter, ...]
    result: TypeNode | None
    settings: tuple[Setting, ...]
    mcp: StringLiteral | None = None
    builtin: Rule | None = None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Task(Node):
    """``task name(params) -> T { … }``."""

    name: Name
    parameters: tuple[Parameter, ...]
    result: TypeNode
    settings: tuple[Setting, ...]
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Rule(Node):
    """``row``, ``chunk(100)``, ``tree(8)``: a split rule or a reduce strategy."""

    name: Name
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Split(Node):
    """``split name = table by rule(…)``, at top level or in a flow."""

    name: Name
    table: Name
    rule: Rule
    doc: str = ""


# Flows


@dataclass(frozen=True, slots=True)
class MapRelation(Node):
    """``map f(args) over split keep fields``; ``arguments`` is None for ``map f over split``."""

    task: Name
    arguments: tuple[Argument, ...] | None
    split: Name
    keep: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class ReduceRelation(Node):
    """``reduce f over t by tree(8) group fields``; ``function`` a task, or a field for ``sum`` and its like."""

    function: Name | None
    table: Name
    strategy: Rule | None
    group: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class WhereRelation(Node):
    """``t where expr``; fields of ``t`` are in scope."""

    table: Name
    condition: Expr


@dataclass(frozen=True, slots=True)
class SelectRelation(Node):
    """``t select { a: expr }``; fields of ``t`` are in scope."""

    table: Name
    record: RecordLiteral


@dataclass(frozen=True, slots=True)
class JoinRelation(Node):
    """``t join u on field, …``."""

    left: Name
    right: Name
    on: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class SortRelation(Node):
    """``t sort by field, …``."""

    table: Name
    by: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class LimitRelation(Node):
    """``t limit n``."""

    table: Name
    count: Expr


@dataclass(frozen=True, slots=True)
class UnionRelation(Node):
    """``union(t, u)``."""

    tables: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class CallRelation(Node):
    """``f(args)``: one sub-problem."""

    task: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class AliasRelation(Node):
    """``x = t``."""

    table: Name


@dataclass(frozen=True, slots=True)
class ErrorRelation(Node):
    """A hole where a relation should be."""


Relation = (
    MapRelation
    | ReduceRelation
    | WhereRelation
    | SelectRelation
    | JoinRelation
    | SortRelation
    | LimitRelation
    | UnionRelation
    | CallRelation
    | AliasRelation
    | ErrorRelation
)


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """``x = relation after y, …``."""

    name: Name
    relation: Relation
    after: tuple[Name, ...] = ()
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Save(Node):
    """``save x to "path" after y, …``."""

    table: Name
    path: StringLiteral
    after: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if (condition) { … } else { … }``."""

    condition: Expr
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeat(Node):
    """``repeat max n until (expr) { … }``."""

    limit: Expr
    until: Expr
    body: tuple[Statement, ...]


Statement = Assign | Split | Save | If | Repeat


@dataclass(frozen=True, slots=True)
class Flow(Node):
    """``flow name { … }``."""

    name: Name
    statements: tuple[Statement, ...]
    doc: str = ""


# Tests in the language


@dataclass(frozen=True, slots=True)
class Mock(Node):
    """``mock model = expr``."""

    model: Name
    value: Expr


@dataclass(frozen=True, slots=True)
class Let(Node):
    """``name = expr`` in a test."""

    name: Name
    value: Expr


@dataclass(frozen=True, slots=True)
class Fixture(Node):
    """``name: type = read "path"`` in a test."""

    name: Name
    type: TypeNode
    path: StringLiteral


@dataclass(frozen=True, slots=True)
class Expect(Node):
    """``expect expr``."""

    condition: Expr


TestStatement = Mock | Let | Fixture | Expect


@dataclass(frozen=True, slots=True)
class Test(Node):
    """``test "name" { … }``."""

    name: StringLiteral
    statements: tuple[TestStatement, ...]
    doc: str = ""


Declaration = Import | Param | Record | Table | Model | Tool | Task | Split | Flow | Test


@dataclass(frozen=True, slots=True)
class Comment(Node):
    """``# text`` or ``## text``, whole, with its marks."""


@dataclass(frozen=True, slots=True)
class Module:
    """One file: its declarations in order, and every comment in order."""

    source: Source
    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...]
    doc: str = ""
