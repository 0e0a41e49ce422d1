"""The files that prompts show.

In: the prompt of a task and the types of its names. Out: each hole that shows a file, with its place; of a prompt with
statements, one for all that it may show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import nodes

from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.templates import Hole, TypeOf, hole_of, names_in, outputs, path_in, type_in
from apwa_lang.verifier.types import UNKNOWN, Type

KINDS = ("image", "audio", "file")

_FILTER = re.compile(r"\|\s*(?:image|audio|file)\b")
_HOLE = re.compile(r"\{#.*?#\}|(\{\{.*?\}\})", re.DOTALL)


def shown_by(prompt: ast.StringLiteral, type_of: TypeOf) -> Iterator[tuple[Span, Hole]]:
    """Each file that a prompt shows. Raises :class:`CannotVerifyError`."""
    if "{{" not in prompt.value and "{%" not in prompt.value:
        return
    if "{%" in prompt.value:
        held = any(_holds(type_of(path)) for path in names_in(prompt.value))
        if held or _FILTER.search(prompt.value):
            yield prompt.span, Hole(None, (), Type("file"))
        return
    holes = [found.span(1) for found in _HOLE.finditer(prompt.value) if found[1]]
    found = list(outputs(prompt.value))
    if len(found) != len(holes):
        raise CannotVerifyError(f"the holes of the template {prompt.value!r} cannot be told apart")
    for place, node in zip(holes, found, strict=True):
        if _shows(node, type_of):
            yield prompt.place(*place), hole_of(node, type_of)


def _shows(node: nodes.Expr, type_of: TypeOf) -> bool:
    if isinstance(node, nodes.Filter) and node.name in KINDS:
        return True
    path = path_in(node)
    if path is not None:
        return _is_file(type_of(path))
    if type_in(node, type_of) == UNKNOWN and any(_holds(type_of(path)) for path in _names(node)):
        raise CannotVerifyError("whether a hole of a prompt shows a file is not worked out here")
    return False


def _names(node: nodes.Node) -> Iterator[tuple[str, ...]]:
    """The names in an expression, with the fields taken of them."""
    path = path_in(node)
    if path is not None:
        yield path
        return
    for child in node.iter_child_nodes():
        yield from _names(child)


def _is_file(type: Type) -> bool:
    if type.kind == "list" and type.inner is not None:
        return _is_file(type.inner)
    return type.present.kind in KINDS


def _holds(type: Type) -> bool:
    inside = [type.inner] if type.inner is not None else []
    return type.kind in KINDS or any(map(_holds, (*inside, *(column.type for column in type.columns))))
