"""Path templates, read from their text.

In: a text with holes. Out: its fixed texts and holes, each hole a name with fields and filters, or just a type.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError, nodes

from apwa_lang.verifier.applied import Filter
from apwa_lang.verifier.expressions import Named, Value, of_template
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.types import INT, STR, UNKNOWN, Type

Path = tuple[str, ...]
TypeOf = Callable[[Path], Type]

_ENVIRONMENT = Environment(keep_trailing_newline=True, autoescape=False)

# The parameters of filters that take any, for arguments by name.
_PARAMETERS = {
    "json": ("indent",),
    "tojson": ("indent",),
    "truncate": ("length", "end"),
    "replace": ("old", "new"),
    "zfill": ("width",),
    "default": ("otherwise",),
    "strftime": ("format",),
    "round": ("digits",),
}
_TO_TEXT = frozenset(
    {"key", "json", "tojson", "hex", "sha256", "lower", "upper", "title", "capitalize", "strip", "trim", "truncate"}
    | {"slugify", "basename", "stem", "replace", "indent", "zfill", "string", "strftime"}
)
_WHOLE = (nodes.Add, nodes.Sub, nodes.Mul, nodes.FloorDiv, nodes.Mod)


@dataclass(frozen=True, slots=True)
class Hole:
    """``{{ value | filters }}``; ``type`` is that of the value, which is None where only the type is known."""

    value: Value | None
    filters: tuple[Filter, ...]
    type: Type


def read_template(text: str, type_of: TypeOf) -> list[str | Hole]:
    """The pieces of a template; ``type_of`` gives the type at a path. Raises :class:`CannotVerifyError`."""
    if not any(mark in text for mark in ("{{", "{%", "{#")):
        return [text] if text else []
    try:
        body = _ENVIRONMENT.parse(text).body
    except (TemplateSyntaxError, RecursionError):
        raise CannotVerifyError(f"the template {text!r} cannot be read") from None
    pieces: list[str | Hole] = []
    for node in body:
        if not isinstance(node, nodes.Output):
            raise CannotVerifyError(f"the template {text!r} has statements")
        for part in node.nodes:
            pieces.append(part.data if isinstance(part, nodes.TemplateData) else _hole(part, type_of))
    return pieces


def _hole(node: nodes.Expr, type_of: TypeOf) -> Hole:
    filters: list[Filter] = []
    inside = node
    while isinstance(inside, nodes.Filter) and inside.node is not None:
        arguments = _arguments(inside)
        if arguments is None:
            return Hole(None, (), _type(node, type_of))
        filters.insert(0, Filter(inside.name, arguments))
        inside = inside.node
    path = _path(inside)
    if path is None:
        value = of_template(inside)
        return (
            Hole(None, (), _type(node, type_of))
            if value is None
            else Hole(value, tuple(filters), _type(inside, type_of))
        )
    if any(type_of(path[:length]).kind == "json" for length in range(1, len(path))):
        return Hole(None, (), _type(node, type_of))
    return Hole(Named(path), tuple(filters), type_of(path))


def _arguments(node: nodes.Filter) -> tuple[object, ...] | None:
    """The constant arguments of a filter in the order of its parameters, or None."""
    given = [*node.args]
    for keyword, name in zip(node.kwargs, _PARAMETERS.get(node.name, ())[len(given) :], strict=False):
        if keyword.key != name:
            return None
        given.append(keyword.value)
    if node.dyn_args or node.dyn_kwargs or len(given) < len(node.args) + len(node.kwargs):
        return None
    try:
        return tuple(argument.as_const() for argument in given)
    except nodes.Impossible:
        return None


def _path(node: nodes.Node) -> Path | None:
    if isinstance(node, nodes.Name):
        return (node.name,)
    base = _path(node.node) if isinstance(node, nodes.Getattr) else None
    return None if base is None or not isinstance(node, nodes.Getattr) else (*base, node.attr)


def _type(node: nodes.Node, type_of: TypeOf) -> Type:
    """The type of an expression, where it shows at once."""
    path = _path(node)
    if path is not None:
        return type_of(path)
    match node:
        case nodes.Concat():
            return STR
        case nodes.Const(value=str()):
            return STR
        case nodes.Const(value=bool()):
            return Type("bool")
        case nodes.Const(value=int()):
            return INT
        case nodes.Filter() if node.name in _TO_TEXT:
            return STR
        case nodes.BinExpr() if isinstance(node, _WHOLE):
            sides = [_type(side, type_of) for side in (node.left, node.right)]
            if isinstance(node, nodes.Add) and all(side.kind in ("str", "choice") for side in sides):
                return STR
            return INT if sides == [INT, INT] else UNKNOWN
        case nodes.Neg() if _type(node.node, type_of) == INT:
            return INT
        case nodes.Filter(name="length" | "int"):
            return INT
        case _:
            return UNKNOWN
