"""Path templates, read from their text.

In: a text with holes. Out: its fixed texts and holes, each hole a name with fields and filters, or just a type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    return [part.data if isinstance(part, nodes.TemplateData) else hole_of(part, type_of) for part in _parts(text)]


def outputs(text: str) -> Iterator[nodes.Expr]:
    """The expressions of a template's holes. Raises :class:`CannotVerifyError`."""
    return (part for part in _parts(text) if not isinstance(part, nodes.TemplateData))


def names_in(text: str) -> Iterator[Path]:
    """The names that a template with statements uses, its own among them, one for each prefix of a dotted one."""
    for node in _read(text).find_all((nodes.Name, nodes.Getattr)):
        path = path_in(node)
        if path is not None:
            yield path


def _read(text: str) -> nodes.Template:
    try:
        return _ENVIRONMENT.parse(text)
    except (TemplateSyntaxError, RecursionError):
        raise CannotVerifyError(f"the template {text!r} cannot be read") from None


def _parts(text: str) -> Iterator[nodes.Expr]:
    for node in _read(text).body:
        if not isinstance(node, nodes.Output):
            raise CannotVerifyError(f"the template {text!r} has statements")
        yield from node.nodes


def hole_of(node: nodes.Expr, type_of: TypeOf) -> Hole:
    """The hole that prints an expression."""
    filters: list[Filter] = []
    inside = node
    while isinstance(inside, nodes.Filter) and inside.node is not None:
        arguments = _arguments(inside)
        if arguments is None:
            return Hole(None, (), type_in(node, type_of))
        filters.insert(0, Filter(inside.name, arguments))
        inside = inside.node
    path = path_in(inside)
    if path is None:
        value = of_template(inside)
        return (
            Hole(None, (), type_in(node, type_of))
            if value is None
            else Hole(value, tuple(filters), type_in(inside, type_of))
        )
    if any(type_of(path[:length]).kind == "json" for length in range(1, len(path))):
        return Hole(None, (), type_in(node, type_of))
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


def path_in(node: nodes.Node) -> Path | None:
    """A name with the fields taken of it, None for any other expression."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    base = path_in(node.node) if isinstance(node, nodes.Getattr) else None
    return None if base is None or not isinstance(node, nodes.Getattr) else (*base, node.attr)


def type_in(node: nodes.Node, type_of: TypeOf) -> Type:
    """The type of an expression, where it shows at once."""
    path = path_in(node)
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
            sides = [type_in(side, type_of) for side in (node.left, node.right)]
            if isinstance(node, nodes.Add) and all(side.kind in ("str", "choice") for side in sides):
                return STR
            return INT if sides == [INT, INT] else UNKNOWN
        case nodes.Neg() if type_in(node.node, type_of) == INT:
            return INT
        case nodes.Filter(name="length" | "int"):
            return INT
        case _:
            return UNKNOWN
