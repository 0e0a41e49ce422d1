"""Walking a syntax tree.

In: a node, or a file and a place in it. Out: the nodes inside, and those around the place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TypeVar

from apwa_lang.syntax.nodes import Module, Node

N = TypeVar("N", bound=Node)
_PLAIN = {"Span", "str", "int", "float", "bool", "timedelta", "tuple[int, ...]"}
_with_nodes: dict[type[Node], tuple[str, ...]] = {}


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside ``node``, in the order of its fields."""
    for name in _fields(type(node)):
        part = getattr(node, name)
        if isinstance(part, tuple):
            yield from part
        elif part is not None:
            yield part


def walk(node: Node) -> Iterator[Node]:
    """A node and all nodes inside it, each before those that it has."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        for name in reversed(_fields(type(node))):
            part = getattr(node, name)
            if isinstance(part, tuple):
                pending.extend(part[::-1])
            elif part is not None:
                pending.append(part)


def inside(node: Node, kind: type[N]) -> Iterator[N]:
    """The nodes of a kind in ``node``, itself among them."""
    return (one for one in walk(node) if isinstance(one, kind))


def _fields(kind: type[Node]) -> tuple[str, ...]:
    """The fields of a kind of node that may hold nodes: those whose types name one."""
    found = _with_nodes.get(kind)
    if found is None:
        found = _with_nodes[kind] = tuple(one.name for one in fields(kind) if one.type not in _PLAIN)
    return found


def around(module: Module, offset: int) -> tuple[Node, ...]:
    """The nodes that hold the place before or behind a character, the declaration first."""
    found: list[Node] = []
    level: Iterator[Node] = iter(module.declarations)
    while True:
        inside = [node for node in level if node.span.start <= offset <= node.span.end]
        if not inside:
            return tuple(found)
        found.append(max(inside, key=lambda node: (offset < node.span.end, node.span.start)))
        level = children(found[-1])
