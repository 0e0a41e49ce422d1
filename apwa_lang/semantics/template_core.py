"""Expressions of templates as checked expressions, so that what a path shows can be reasoned about.

In: a Jinja2 expression that was found to be well typed. Out: the same as a core expression, or None for what has no
counterpart there. ``~`` is kept: it joins the texts of its operands.
"""

from __future__ import annotations

from jinja2 import nodes as jinja

from apwa_lang.semantics.builtins import FUNCTIONS
from apwa_lang.semantics.core import Apply, Const, Core, GetField, Var
from apwa_lang.semantics.types import BOOL, FLOAT, INT, STR, Type

_BINARY: dict[type[jinja.Node], str] = {
    jinja.Add: "+",
    jinja.Sub: "-",
    jinja.Mul: "*",
    jinja.Div: "/",
    jinja.FloorDiv: "//",
    jinja.Mod: "%",
    jinja.And: "and",
    jinja.Or: "or",
}
_COMPARED = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in"}
_FILTERS = {"length": "len", "string": "str", "trim": "strip", "tojson": "json"}
_TYPES: dict[type, Type] = {str: STR, bool: BOOL, int: INT, float: FLOAT}


def core_of(node: jinja.Node) -> Core | None:
    """The expression, or None where it has no counterpart."""
    match node:
        case jinja.Name():
            return Var(node.name)
        case jinja.Const() if type(node.value) in _TYPES:
            return Const(node.value, _TYPES[type(node.value)])
        case jinja.Getattr():
            base = core_of(node.node)
            return None if base is None else GetField(base, node.attr)
        case jinja.Neg():
            return _applied("neg", [node.node])
        case jinja.Not():
            return _applied("not", [node.node])
        case jinja.Concat():
            first, *others = map(core_of, node.nodes)
            for other in others:
                first = None if first is None or other is None else Apply("~", (first, other))
            return first
        case jinja.CondExpr() if node.expr2 is not None:
            return _applied("choose", [node.test, node.expr1, node.expr2])
        case jinja.Compare(ops=[operand]) if operand.op in _COMPARED:
            return _applied(_COMPARED[operand.op], [node.expr, operand.expr])
        case jinja.Filter() if node.node is not None and not node.kwargs:
            name = _FILTERS.get(node.name, node.name)
            return _applied(name, [node.node, *node.args]) if name in FUNCTIONS else None
        case jinja.BinExpr() if type(node) in _BINARY:
            return _applied(_BINARY[type(node)], [node.left, node.right])
        case _:
            return None


def _applied(function: str, nodes: list[jinja.Expr]) -> Core | None:
    parts = [core_of(node) for node in nodes]
    known = [part for part in parts if part is not None]
    return Apply(function, tuple(known)) if len(known) == len(parts) else None
