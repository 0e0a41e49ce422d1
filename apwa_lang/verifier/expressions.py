"""Expressions, of templates and of the program alike.

In: a node of a template or of the program. Out: names, constants and functions of them; what is not read here is a
value of which nothing is known but the names that it uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import nodes as jinja

from apwa_lang.syntax import nodes as ast
from apwa_lang.verifier.types import INT, STR, Type

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A name with the fields taken of it; without any, the sub-problem itself."""

    path: Path


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the program under its whole name."""

    name: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """A constant."""

    value: object
    type: Type


@dataclass(frozen=True, slots=True)
class Done:
    """A function or operator and what it is given."""

    function: str
    parts: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that is written out."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """A record that is made on the spot."""

    entries: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that is not looked into."""

    parts: tuple[Value, ...] = ()


Value = Named | Parameter | Fixed | Done | Listed | Built | Opaque

_OPERATORS: dict[type[jinja.Node], str] = {
    jinja.Add: "+",
    jinja.Sub: "-",
    jinja.Mul: "*",
    jinja.FloorDiv: "//",
    jinja.Mod: "%",
}
_FUNCTIONS = {"length": "len", "string": "str", "trim": "strip", "tojson": "json"}

# Functions that are filters too, with their parameters after the first.
FILTERS: dict[str, tuple[str, ...]] = {
    "key": (),
    "sha256": (),
    "json": (),
    "lower": (),
    "upper": (),
    "strip": (),
    "basename": (),
    "stem": (),
    "replace": ("old", "new"),
    "round": ("digits",),
    "int": (),
    "default": ("otherwise",),
}
_USUAL: dict[str, Value] = {"round": Fixed(0, INT)}
_FIRST = {"replace": "text", "lower": "text", "upper": "text", "strip": "text", "basename": "path", "stem": "path"}
_KINDS: dict[type, Type] = {str: STR, int: INT, bool: Type("bool"), float: Type("float")}
_OTHER_TEXTS = ("date", "datetime", "duration", "uuid", "bytes", "file", "image", "audio", "choice", "json")


def names(value: Value) -> Iterator[Path]:
    """Every name of an expression, with the fields taken of it."""
    match value:
        case Named(path):
            yield path
        case Done(_, parts) | Listed(parts) | Opaque(parts):
            for part in parts:
                yield from names(part)
        case Built(entries):
            for _, part in entries:
                yield from names(part)


def item(value: Value, name: str) -> Value:
    """A field of a value."""
    match value:
        case Named(path):
            return Named((*path, name))
        case Built(entries):
            return dict(entries).get(name, Opaque((value,)))
        case _:
            return Opaque((value,))


def of_template(node: jinja.Node) -> Value | None:
    """What an expression of a template says; None where it has no counterpart in the program."""
    match node:
        case jinja.Name():
            return Named((node.name,))
        case jinja.Getattr():
            base = of_template(node.node)
            return None if base is None else item(base, node.attr)
        case jinja.Const() if type(node.value) in _KINDS:
            return Fixed(node.value, _KINDS[type(node.value)])
        case jinja.Neg():
            return _of_nodes("neg", [node.node])
        case jinja.Concat():
            parts = [of_template(part) for part in node.nodes]
            joined = parts[0]
            for part in parts[1:]:
                joined = None if joined is None or part is None else Done("~", (joined, part))
            return joined
        case jinja.Filter() if node.node is not None and not node.kwargs:
            name = _FUNCTIONS.get(node.name, node.name)
            return _of_nodes(name, [node.node, *node.args]) if name in (*FILTERS, "len", "str") else None
        case jinja.BinExpr() if type(node) in _OPERATORS:
            return _of_nodes(_OPERATORS[type(node)], [node.left, node.right])
        case jinja.CondExpr() if node.expr2 is not None:
            found = _of_nodes("choose", [node.expr1, node.expr2])
            return None if found is None else Opaque((found,))
        case _:
            return None


def _of_nodes(function: str, nodes: list[jinja.Expr]) -> Value | None:
    parts = [part for node in nodes if (part := of_template(node)) is not None]
    return Done(function, tuple(parts)) if len(parts) == len(nodes) else None


def of_program(node: ast.Expr, wanted: Type | None = None) -> Value:
    """What an expression of the program says. ``wanted`` is the type that literals are read as."""
    kind = wanted.present.kind if wanted is not None else ""
    match node:
        case ast.StringLiteral(value=text):
            return Fixed(text, wanted.present if wanted is not None and kind in _OTHER_TEXTS else STR)
        case ast.IntLiteral(value=number) | ast.SizeLiteral(value=number):
            return Fixed(float(number), Type("float")) if kind == "float" else Fixed(number, INT)
        case ast.FloatLiteral(value=number):
            return Fixed(number, Type("float"))
        case ast.BoolLiteral(value=flag):
            return Fixed(flag, Type("bool"))
        case ast.NullLiteral():
            return Fixed(None, Type("null"))
        case ast.Variable(name=name):
            return Named((name,))
        case ast.FieldAccess(base=base, field=field):
            return item(of_program(base), field.text)
        case ast.Unary(operator=operator, operand=operand):
            return _negative(of_program(operand, wanted)) if operator == "-" else Done("not", (of_program(operand),))
        case ast.Binary(operator="not in", left=left, right=right):
            return Done("not", (Done("in", (of_program(left), of_program(right))),))
        case ast.Binary(operator=operator, left=left, right=right):
            hint = wanted if kind == "float" and operator in ("+", "-", "*", "/", "//", "%") else None
            return Done(operator, (of_program(left, hint), of_program(right, hint)))
        case ast.ListLiteral(items=items):
            return Listed(tuple(of_program(one) for one in items))
        case ast.RecordLiteral(entries=entries):
            columns = {one.name: one.type for one in wanted.columns} if wanted is not None else {}
            return Built(tuple((one.key.text, of_program(one.value, columns.get(one.key.text))) for one in entries))
        case ast.Call():
            return _call(node)
        case ast.Index(base=base, index=index):
            return Opaque((of_program(base), of_program(index)))
        case _:
            return Opaque()


def _negative(value: Value) -> Value:
    if isinstance(value, Fixed) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        return Fixed(-value.value, value.type)
    return Done("neg", (value,))


def _call(node: ast.Call) -> Value:
    """A call, its arguments in the order of the parameters."""
    function = node.function.text
    parts = tuple(of_program(one.value) for one in node.arguments)
    if function not in FILTERS:
        plain = all(one.name is None for one in node.arguments)
        return Done(function, parts) if plain else Opaque(parts)
    places = (_FIRST.get(function, "x"), *FILTERS[function])
    given: dict[str, Value] = {}
    for number, (argument, part) in enumerate(zip(node.arguments, parts, strict=True)):
        given[argument.name.text if argument.name is not None else places[min(number, len(places) - 1)]] = part
    if function in _USUAL:
        given.setdefault(places[-1], _USUAL[function])
    if len(parts) > len(places) or set(given) != set(places):
        return Opaque(parts)
    return Done(function, tuple(given[place] for place in places))
