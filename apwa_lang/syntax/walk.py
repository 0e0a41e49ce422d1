"""Walking a syntax tree.

In: a node, or a file and a place in it. Out: the nodes inside, and those around the place.
"""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.syntax.nodes import Module, Node


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside ``node``."""
    for name in node.__dataclass_fields__:
        part = getattr(node, name)
        for each in part if isinstance(part, tuple) else (part,):
            if isinstance(each, Node):
                yield each


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
