"""From what the grammar recognised to tree nodes.

In: the name of a grammar action, its span and the values of its parts. Out: the node. A part that recovery had to invent is
:data:`MISSING`: an expression, type or relation with a missing part becomes a hole, anything else is missing in its turn, and
lists leave out what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apwa_lang.diagnostics.codes import syntax as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.literals import duration_value, float_value, int_value, size_value
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.strings import string_literal
from apwa_lang.syntax.tokens import Token


class Missing:
    """The value of a part that is not there."""


MISSING = Missing()

# The longest chain of nodes, one inside the other: later stages walk the tree by recursion.
MAX_DEPTH = 120

Kids = list[Any]
Action = Callable[[Span, Kids], Any]

EXPRESSIONS = frozenset(
    "binary unary not_in variable call construct index field_access rate list record_literal route".split()
)
TYPES = frozenset("type named_type literal_type optional_type".split())
RELATIONS = frozenset(
    "map_relation reduce_relation where_relation select_relation join_relation sort_relation limit_relation "
    "union_relation call_relation alias_relation".split()
)


class Builder:
    """Makes the nodes of one file and collects what is wrong with single words."""

    def __init__(self, source: Source, docs: Mapping[int, str]) -> None:
        self.source = source
        self.docs = docs
        self.diagnostics: list[Diagnostic] = []
        self._literals: dict[int, Any] = {}

    def terminal(self, kind: str, token: Token) -> Any:
        """The value of a token read as ``kind``."""
        if kind == "NAME":
            return n.Name(Span(self.source, token.start, token.end), token.text)
        make = _LITERALS.get(kind)
        if make is None:
            return token
        if token.start not in self._literals:
            self._literals[token.start] = make(self, Span(self.source, token.start, token.end), token)
        return self._literals[token.start]

    def reduce(self, action: str, span: Span, kids: Kids) -> Any:
        """The node of a grammar action."""
        if any(kid is MISSING for kid in kids):
            if action in TUPLES:
                return tuple(kid for kid in kids if kid is not MISSING)
            return self.hole(action, span)
        return ACTIONS[action](self, span, kids)

    def hole(self, action: str, span: Span) -> Any:
        """What stands for a node that cannot be made."""
        if action in EXPRESSIONS:
            return n.ErrorExpr(span)
        if action in TYPES:
            return n.ErrorType(span)
        if action in RELATIONS:
            return n.ErrorRelation(span)
        return MISSING

    def too_deep(self, action: str, span: Span) -> Any:
        """A hole for a node that is nested too deeply, reported once for each place."""
        self.diagnostics.append(codes.too_deep(Span(self.source, span.start, span.start + 1), MAX_DEPTH))
        return self.hole(action, span)

    def doc(self, span: Span) -> str:
        """The doc comment before a node."""
        return self.docs.get(span.start, "")

    # Literals

    def _int(self, span: Span, token: Token) -> Any:
        return self._number(span, lambda: n.IntLiteral(span, int_value(token.text)))

    def _float(self, span: Span, token: Token) -> Any:
        return self._number(span, lambda: n.FloatLiteral(span, float_value(token.text)))

    def _duration(self, span: Span, token: Token) -> Any:
        return self._number(span, lambda: n.DurationLiteral(span, duration_value(token.text)))

    def _size(self, span: Span, token: Token) -> Any:
        return self._number(span, lambda: n.SizeLiteral(span, size_value(token.text)))

    def _number(self, span: Span, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except OverflowError:
            self.diagnostics.append(codes.number_too_large(span))
        except ValueError:
            pass  # The scanner has reported it.
        return n.ErrorExpr(span)

    def _string(self, span: Span, token: Token) -> n.StringLiteral:
        literal, problems = string_literal(self.source, token.start, token.end)
        self.diagnostics.extend(problems)
        return literal

    # Declarations

    def module(self, span: Span, kids: Kids) -> tuple[n.Declaration, ...]:
        return tuple(kids)

    def import_(self, span: Span, kids: Kids) -> n.Import:
        return n.Import(span, *kids)

    def param(self, span: Span, kids: Kids) -> n.Param:
        return n.Param(span, *kids, doc=self.doc(span))

    def record(self, span: Span, kids: Kids) -> n.Record:
        name, *fields = kids
        return n.Record(span, name, tuple(fields), self.doc(span))

    def field(self, span: Span, kids: Kids) -> n.FieldDecl:
        return n.FieldDecl(span, *kids, doc=self.doc(span))

    def attribute(self, span: Span, kids: Kids) -> n.Attribute:
        name, arguments = kids
        return n.Attribute(span, name, arguments or ())

    def table(self, span: Span, kids: Kids) -> n.Table:
        return n.Table(span, *kids, doc=self.doc(span))

    def read_source(self, span: Span, kids: Kids) -> n.ReadSource:
        return n.ReadSource(span, *kids)

    def files_source(self, span: Span, kids: Kids) -> n.FilesSource:
        return n.FilesSource(span, *kids)

    def sql_source(self, span: Span, kids: Kids) -> n.SqlSource:
        return n.SqlSource(span, *kids)

    def literal_source(self, span: Span, kids: Kids) -> n.LiteralSource:
        return n.LiteralSource(span, *kids)

    def format(self, span: Span, kids: Kids) -> n.Call:
        name, arguments = kids
        return n.Call(span, name, arguments or ())

    def split(self, span: Span, kids: Kids) -> n.Split:
        return n.Split(span, *kids, doc=self.doc(span))

    def rule(self, span: Span, kids: Kids) -> n.Rule:
        name, arguments = kids
        return n.Rule(span, name, arguments or ())

    def model(self, span: Span, kids: Kids) -> n.Model:
        return n.Model(span, *kids, doc=self.doc(span))

    def tool(self, span: Span, kids: Kids) -> n.Tool:
        return n.Tool(span, *kids, doc=self.doc(span))

    def mcp_tool(self, span: Span, kids: Kids) -> n.Tool:
        name, server = kids
        return n.Tool(span, name, (), None, (), mcp=server, doc=self.doc(span))

    def task(self, span: Span, kids: Kids) -> n.Task:
        return n.Task(span, *kids, doc=self.doc(span))

    def parameter(self, span: Span, kids: Kids) -> n.Parameter:
        return n.Parameter(span, *kids)

    def setting(self, span: Span, kids: Kids) -> n.Setting:
        return n.Setting(span, *kids)

    def python_reference(self, span: Span, kids: Kids) -> n.PythonReference:
        return n.PythonReference(span, *kids)

    def route(self, span: Span, kids: Kids) -> n.Route:
        return n.Route(span, tuple(kids))

    def arm(self, span: Span, kids: Kids) -> n.RouteArm:
        return n.RouteArm(span, *kids)

    def flow(self, span: Span, kids: Kids) -> n.Flow:
        return n.Flow(span, *kids, doc=self.doc(span))

    # Statements

    def assign(self, span: Span, kids: Kids) -> n.Assign:
        return n.Assign(span, *kids, doc=self.doc(span))

    def save(self, span: Span, kids: Kids) -> n.Save:
        return n.Save(span, *kids)

    def if_(self, span: Span, kids: Kids) -> n.If:
        condition, then, otherwise = kids
        return n.If(span, condition, then, (otherwise,) if isinstance(otherwise, n.If) else otherwise or ())

    def repeat(self, span: Span, kids: Kids) -> n.Repeat:
        return n.Repeat(span, *kids)

    def map_relation(self, span: Span, kids: Kids) -> n.MapRelation:
        return n.MapRelation(span, *kids)

    def reduce_relation(self, span: Span, kids: Kids) -> n.ReduceRelation:
        return n.ReduceRelation(span, *kids)

    def where_relation(self, span: Span, kids: Kids) -> n.WhereRelation:
        return n.WhereRelation(span, *kids)

    def select_relation(self, span: Span, kids: Kids) -> n.SelectRelation:
        return n.SelectRelation(span, *kids)

    def join_relation(self, span: Span, kids: Kids) -> n.JoinRelation:
        return n.JoinRelation(span, *kids)

    def sort_relation(self, span: Span, kids: Kids) -> n.SortRelation:
        return n.SortRelation(span, *kids)

    def limit_relation(self, span: Span, kids: Kids) -> n.LimitRelation:
        return n.LimitRelation(span, *kids)

    def union_relation(self, span: Span, kids: Kids) -> n.UnionRelation:
        return n.UnionRelation(span, tuple(kids))

    def call_relation(self, span: Span, kids: Kids) -> n.CallRelation:
        return n.CallRelation(span, *kids)

    def alias_relation(self, span: Span, kids: Kids) -> n.AliasRelation:
        return n.AliasRelation(span, *kids)

    # Tests

    def test(self, span: Span, kids: Kids) -> n.Test:
        name, *statements = kids
        return n.Test(span, name, tuple(statements), self.doc(span))

    def mock(self, span: Span, kids: Kids) -> n.Mock:
        return n.Mock(span, *kids)

    def let(self, span: Span, kids: Kids) -> n.Let:
        return n.Let(span, *kids)

    def expect(self, span: Span, kids: Kids) -> n.Expect:
        return n.Expect(span, *kids)

    # Types

    def type(self, span: Span, kids: Kids) -> n.TypeNode:
        member: n.TypeNode = kids[0]
        return member if len(kids) == 1 else n.UnionType(span, tuple(kids))

    def named_type(self, span: Span, kids: Kids) -> n.NamedType:
        name, *arguments = kids
        return n.NamedType(span, name, tuple(arguments))

    def literal_type(self, span: Span, kids: Kids) -> n.LiteralType:
        return n.LiteralType(span, *kids)

    def optional_type(self, span: Span, kids: Kids) -> n.OptionalType:
        return n.OptionalType(span, *kids)

    # Expressions

    def binary(self, span: Span, kids: Kids) -> n.Binary:
        left, operator, right = kids
        return n.Binary(span, operator.text, left, right)

    def not_in(self, span: Span, kids: Kids) -> n.Binary:
        return n.Binary(span, "not in", *kids)

    def unary(self, span: Span, kids: Kids) -> n.Unary:
        operator, operand = kids
        return n.Unary(span, operator.text, operand)

    def variable(self, span: Span, kids: Kids) -> n.Variable | n.FieldAccess:
        name: n.Name = kids[0]
        if "." not in name.text:
            return n.Variable(span, name.text)
        first, *fields = _words(name)
        value: n.Variable | n.FieldAccess = n.Variable(first.span, first.text)
        for field in fields:
            value = n.FieldAccess(first.span.to(field.span), value, field)
        return value

    def call(self, span: Span, kids: Kids) -> n.Call:
        return n.Call(span, *kids)

    def construct(self, span: Span, kids: Kids) -> n.RecordLiteral:
        name, record = kids
        return n.RecordLiteral(span, record.entries, name)

    def index(self, span: Span, kids: Kids) -> n.Index:
        return n.Index(span, *kids)

    def field_access(self, span: Span, kids: Kids) -> n.FieldAccess:
        return n.FieldAccess(span, *kids)

    def group_expr(self, span: Span, kids: Kids) -> n.Expr:
        value: n.Expr = kids[0]
        return value

    def rate(self, span: Span, kids: Kids) -> n.Expr:
        count, period = kids
        if isinstance(count, n.ErrorExpr) or isinstance(period, n.ErrorExpr):
            return n.ErrorExpr(span)
        return n.RateLiteral(span, count.value, period.value)

    def true(self, span: Span, kids: Kids) -> n.BoolLiteral:
        return n.BoolLiteral(span, True)

    def false(self, span: Span, kids: Kids) -> n.BoolLiteral:
        return n.BoolLiteral(span, False)

    def null(self, span: Span, kids: Kids) -> n.NullLiteral:
        return n.NullLiteral(span)

    def dotted(self, span: Span, kids: Kids) -> n.Name:
        first: n.Name = kids[0]
        return first if len(kids) == 1 else n.Name(span, f"{first.text}.{kids[1].text}")

    def list(self, span: Span, kids: Kids) -> n.ListLiteral:
        return n.ListLiteral(span, tuple(kids))

    def record_literal(self, span: Span, kids: Kids) -> n.RecordLiteral:
        return n.RecordLiteral(span, tuple(kids))

    def entry(self, span: Span, kids: Kids) -> n.Entry:
        key, value = kids
        if isinstance(key, n.StringLiteral):
            return n.Entry(span, n.Name(key.span, key.value), value, key)
        return n.Entry(span, key, value)

    def argument(self, span: Span, kids: Kids) -> n.Argument:
        name, value = kids
        return n.Argument(span, value, name)
