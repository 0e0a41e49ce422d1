"""What a test in a template says about null.

In: the test of an ``if``. Out: the access paths that are not null where it holds, and where it does not.
"""

from __future__ import annotations

from jinja2 import nodes as jinja

Path = tuple[str, ...]


def access_path(node: jinja.Node) -> Path | None:
    """``("note", "text")`` for ``note.text``; None for what is no chain of fields."""
    if isinstance(node, jinja.Name):
        return (node.name,)
    base = access_path(node.node) if isinstance(node, jinja.Getattr) else None
    return None if base is None or not isinstance(node, jinja.Getattr) else (*base, node.attr)


def guards(test: jinja.Node) -> tuple[frozenset[Path], frozenset[Path]]:
    """What is not null where ``test`` holds, and where it does not."""
    none: frozenset[Path] = frozenset()
    match test:
        case jinja.Name() | jinja.Getattr():
            path = access_path(test)
            return (frozenset((path,)) if path else none), none
        case jinja.Not():
            when, unless = guards(test.node)
            return unless, when
        case jinja.And():
            return guards(test.left)[0] | guards(test.right)[0], none
        case jinja.Or():
            return none, guards(test.left)[1] | guards(test.right)[1]
        case jinja.Test(name="none"):
            path = access_path(test.node)
            return none, frozenset((path,)) if path else none
        case jinja.Compare(ops=[operand]) if isinstance(operand.expr, jinja.Const) and operand.expr.value is None:
            path = access_path(test.expr)
            found = frozenset((path,)) if path else none
            return (found, none) if operand.op == "ne" else (none, found) if operand.op == "eq" else (none, none)
        case _:
            return none, none
