"""From what the grammar recognised to tree nodes.

In: the name of a grammar action, its span and the values of its parts. Out: the node. A part that recovery had to
invent is :data:`MISSING`: an expression, type or relation with a missing part becomes a hole, anything else is
missing in its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from apwa_lang.diagnostics.codes import syntax as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.literals import duration_value, float_value, int_value, size_value
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.strings import meant_literal, string_literal
from apwa_lang.syntax.tokens import Token

# The longest chain of nodes, one inside the other: later stages walk the tree by recursion.
MAX_DEPTH: Final = 120


class Missing:
    """A part that is not there."""


MISSING: Final = Missing()

Kids = list[Any]
Action = Callable[["Builder", Span, Kids], Any]

# Nodes whose parts are the grammar's, in the same order.
_PLAIN: dict[str, Callable[..., Any]] = {
    "import": n.Import,
    "read_source": n.ReadSource,
    "files_source": n.FilesSource,
    "sql_source": n.SqlSource,
    "literal_source": n.LiteralSource,
    "parameter": n.Parameter,
    "setting": n.Setting,
    "python_reference": n.PythonReference,
    "arm": n.RouteArm,
    "save": n.Save,
    "repeat": n.Repeat,
    "map_relation": n.MapRelation,
    "reduce_relation": n.ReduceRelation,
    "where_relation": n.WhereRelation,
    "select_relation": n.SelectRelation,
    "join_relation": n.JoinRelation,
    "sort_relation": n.SortRelation,
    "limit_relation": n.LimitRelation,
    "call_relation": n.CallRelation,
    "alias_relation": n.AliasRelation,
    "mock": n.Mock,
    "let": n.Let,
    "fixture": n.Fixture,
    "expect": n.Expect,
    "literal_type": n.LiteralType,
    "optional_type": n.OptionalType,
    "call": n.Call,
    "index": n.Index,
    "field_access": n.FieldAccess,
    "null": n.NullLiteral,
}

# The same, with the doc comment before them.
_DOCUMENTED: dict[str, Callable[..., Any]] = {
    "param": n.Param,
    "field": n.FieldDecl,
    "table": n.Table,
    "split": n.Split,
    "model": n.Model,
    "tool": n.Tool,
    "task": n.Task,
    "flow": n.Flow,
    "assign": n.Assign,
}

# Nodes with one part: a tuple of all that was listed.
_LISTED: dict[str, Callable[..., Any]] = {
    "route": n.Route,
    "union_relation": n.UnionRelation,
    "list": n.ListLiteral,
    "record_literal": n.RecordLiteral,
}

# Not nodes: a tuple of what was listed.
_TUPLES = frozenset(
    ["module", "attributes", "settings", "parameters", "arguments", "block", "after", "keep", "group", "names"]
)

_EXPRESSIONS = frozenset(
    [
        "binary",
        "unary",
        "not_in",
        "variable",
        "call",
        "construct",
        "index",
        "field_access",
        "group_expr",
        "rate",
        "list",
        "record_literal",
        "route",
    ]
)
_TYPES = frozenset(["type", "named_type", "literal_type", "optional_type"])
_RELATIONS = frozenset(action for action in (*_PLAIN, *_LISTED) if action.endswith("_relation"))

# Nodes that want a list, a record or a number as it was written, and not a hole.
_WHOLE = frozenset(["construct", "literal_source", "named_type", "rate", "select_relation"])


class Builder:
    """Makes the nodes of one file and collects what is wrong with single words."""

    def __init__(self, source: Source, docs: Mapping[int, str]) -> None:
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self._docs = docs
        self._literals: dict[tuple[int, str], Any] = {}
        self._words: dict[int, list[n.Name]] = {}
        self._deep: set[int] = set()

    def terminal(self, kind: str, token: Token) -> Any:
        """The value of a token read as ``kind``: a name, a literal, or the token itself."""
        if kind == "NAME":
            return n.Name(Span(self.source, token.start, token.end), token.text)
        if kind != "STRING" and kind not in _NUMBERS:
            return token
        key = token.start, token.text
        if key not in self._literals:
            self._literals[key] = self._literal(kind, token)
        return self._literals[key]

    def node(self, action: str, start: int, end: int, kids: Kids) -> Any:
        """The value of a grammar action."""
        span = Span(self.source, start, end)
        whole = action in _WHOLE
        if any(kid is MISSING or (whole and type(kid) is n.ErrorExpr) for kid in kids):
            if action == "table" and kids[2] is MISSING and kids[0] is not MISSING:
                return n.Table(span, kids[0], kids[1], None, self.doc(span))
            return self.hole(action, span)
        return _ACTIONS[action](self, span, kids)

    def hole(self, action: str, span: Span) -> Any:
        """What stands for a node that cannot be made."""
        if action in _EXPRESSIONS:
            return n.ErrorExpr(span)
        if action in _TYPES:
            return n.ErrorType(span)
        if action in _RELATIONS:
            return n.ErrorRelation(span)
        return MISSING

    def too_deep(self, action: str, start: int, end: int) -> Any:
        """A hole for what is nested too deeply, with a diagnostic."""
        if start not in self._deep:
            self._deep.add(start)
            self.diagnostics.append(codes.too_deep(Span(self.source, start, min(start + 1, end)), MAX_DEPTH))
        return self.hole(action, Span(self.source, start, end))

    def doc(self, span: Span) -> str:
        """The doc comment before a node."""
        return self._docs.get(span.start, "")

    def dotted(self, span: Span, kids: Kids) -> n.Name:
        """One word, or the words so far and one more."""
        if len(kids) == 1:
            name: n.Name = kids[0]
            return name
        before, word = kids
        self._words[span.start] = [*(self._words[span.start] if "." in before.text else [before]), word]
        return n.Name(span, f"{before.text}.{word.text}")

    def variable(self, span: Span, kids: Kids) -> n.Variable | n.FieldAccess:
        """A name as an expression."""
        name: n.Name = kids[0]
        if "." not in name.text:
            return n.Variable(span, name.text)
        first, *fields = self._words[span.start]
        value: n.Variable | n.FieldAccess = n.Variable(first.span, first.text)
        for field in fields:
            value = n.FieldAccess(first.span.to(field.span), value, field)
        return value

    def _literal(self, kind: str, token: Token) -> Any:
        span = Span(self.source, token.start, token.end)
        if kind == "STRING":
            if not self.source.text.startswith(token.text, token.start):
                return meant_literal(span, token.text)
            literal, problems = string_literal(self.source, token.start, token.end)
            self.diagnostics.extend(problems)
            return literal
        make, value = _NUMBERS[kind]
        try:
            return make(span, value(token.text))
        except OverflowError:
            self.diagnostics.append(codes.number_too_large(span))
        except ValueError:
            pass  # Malformed, which the scanner has reported.
        return n.ErrorExpr(span)


_NUMBERS: dict[str, tuple[Callable[..., Any], Callable[[str], Any]]] = {
    "INT": (n.IntLiteral, int_value),
    "FLOAT": (n.FloatLiteral, float_value),
    "DURATION": (n.DurationLiteral, duration_value),
    "SIZE": (n.SizeLiteral, size_value),
}


def _plain(make: Callable[..., Any]) -> Action:
    return lambda _, span, kids: make(span, *kids)


def _documented(make: Callable[..., Any]) -> Action:
    return lambda builder, span, kids: make(span, *kids, doc=builder.doc(span))


def _listed(make: Callable[..., Any]) -> Action:
    return lambda _, span, kids: make(span, tuple(kids))


def _record(builder: Builder, span: Span, kids: Kids) -> n.Record:
    return n.Record(span, kids[0], tuple(kids[1:]), builder.doc(span))


def _test(builder: Builder, span: Span, kids: Kids) -> n.Test:
    return n.Test(span, kids[0], tuple(kids[1:]), builder.doc(span))


def _mcp_tool(builder: Builder, span: Span, kids: Kids) -> n.Tool:
    name, server, settings = kids
    return n.Tool(span, name, (), None, settings or (), mcp=server, doc=builder.doc(span))


def _builtin_tool(builder: Builder, span: Span, kids: Kids) -> n.Tool:
    name, rule = kids
    return n.Tool(span, name, (), None, (), builtin=rule, doc=builder.doc(span))


def _if(builder: Builder, span: Span, kids: Kids) -> n.If:
    condition, then, otherwise = kids
    return n.If(span, condition, then, (otherwise,) if isinstance(otherwise, n.If) else otherwise or ())


def _with_arguments(make: Callable[..., Any]) -> Action:
    return lambda _, span, kids: make(span, kids[0], kids[1] or ())


def _type(builder: Builder, span: Span, kids: Kids) -> Any:
    return kids[0] if len(kids) == 1 else n.UnionType(span, tuple(kids))


def _named_type(builder: Builder, span: Span, kids: Kids) -> n.NamedType:
    return n.NamedType(span, kids[0], tuple(kids[1:]))


def _binary(builder: Builder, span: Span, kids: Kids) -> n.Binary:
    left, operator, right = kids
    return n.Binary(span, operator.text, left, right)


def _not_in(builder: Builder, span: Span, kids: Kids) -> n.Binary:
    return n.Binary(span, "not in", *kids)


def _unary(builder: Builder, span: Span, kids: Kids) -> n.Unary:
    operator, operand = kids
    return n.Unary(span, operator.text, operand)


def _construct(builder: Builder, span: Span, kids: Kids) -> n.RecordLiteral:
    name, record = kids
    return n.RecordLiteral(span, record.entries, name)


def _rate(builder: Builder, span: Span, kids: Kids) -> n.RateLiteral:
    count, period = kids
    return n.RateLiteral(span, count.value, period.value)


def _entry(builder: Builder, span: Span, kids: Kids) -> n.Entry:
    key, value = kids
    if isinstance(key, n.StringLiteral):
        return n.Entry(span, n.Name(key.span, key.value), value, key)
    return n.Entry(span, key, value)


def _argument(builder: Builder, span: Span, kids: Kids) -> n.Argument:
    name, value = kids
    return n.Argument(span, value, name)


_ACTIONS: dict[str, Action] = {
    **{action: _plain(make) for action, make in _PLAIN.items()},
    **{action: _documented(make) for action, make in _DOCUMENTED.items()},
    **{action: _listed(make) for action, make in _LISTED.items()},
    **dict.fromkeys(_TUPLES, lambda _, span, kids: tuple(kids)),
    "record": _record,
    "test": _test,
    "mcp_tool": _mcp_tool,
    "builtin_tool": _builtin_tool,
    "if": _if,
    "attribute": _with_arguments(n.Attribute),
    "rule": _with_arguments(n.Rule),
    "format": _with_arguments(n.Call),
    "type": _type,
    "named_type": _named_type,
    "binary": _binary,
    "not_in": _not_in,
    "unary": _unary,
    "variable": Builder.variable,
    "construct": _construct,
    "group_expr": lambda _, span, kids: kids[0],
    "rate": _rate,
    "true": lambda _, span, kids: n.BoolLiteral(span, True),
    "false": lambda _, span, kids: n.BoolLiteral(span, False),
    "dotted": Builder.dotted,
    "entry": _entry,
    "argument": _argument,
}
