"""What a condition leaves of the values of a column.

In: a condition as written, and whether it holds. Out: the column with no more values than it allows, or as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from apwa_lang.syntax import nodes as ast
from apwa_lang.verifier.declarations import number
from apwa_lang.verifier.splits import chain
from apwa_lang.verifier.types import Column, Type

Path = tuple[str, ...]
PathOf = Callable[[ast.Expr], Path | None]

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def names(node: ast.Expr) -> Iterator[Path]:
    """Every name of an expression, with the fields taken of it."""
    path = chain(node)
    if path is not None:
        yield path
        return
    for part in _parts(node):
        yield from names(part)


def _parts(node: ast.Expr) -> tuple[ast.Expr, ...]:
    match node:
        case ast.FieldAccess(base=base):
            return (base,)
        case ast.Index(base=base, index=index):
            return base, index
        case ast.Call(arguments=arguments):
            return tuple(argument.value for argument in arguments)
        case ast.Unary(operand=operand):
            return (operand,)
        case ast.Binary(left=left, right=right):
            return left, right
        case ast.ListLiteral(items=items):
            return items
        case ast.RecordLiteral(entries=entries):
            return tuple(entry.value for entry in entries)
        case _:
            return ()


def narrowed(column: Column, node: ast.Expr, holds: bool, path: Path, path_of: PathOf) -> Column:
    """The column at ``path`` where a condition holds, or does not; ``path_of`` gives the paths of names in it."""
    match node:
        case ast.Unary(operator="not", operand=inside):
            return narrowed(column, inside, not holds, path, path_of)
        case ast.Binary(operator="and" | "or" as word, left=left, right=right):
            if (word == "and") != holds:
                return column
            column = narrowed(column, left, holds, path, path_of)
            return narrowed(column, right, holds, path, path_of)
        case ast.Binary(operator="!=", left=left, right=right):
            return _compared(column, "==", left, right, not holds, path, path_of)
        case ast.Binary(operator="not in", left=left, right=right):
            return _compared(column, "in", left, right, not holds, path, path_of)
        case ast.Binary(operator="==" | "in" | "<" | "<=" | ">" | ">=" as word, left=left, right=right):
            return _compared(column, word, left, right, holds, path, path_of)
        case _:
            return column


def _compared(
    column: Column, word: str, left: ast.Expr, right: ast.Expr, holds: bool, path: Path, path_of: PathOf
) -> Column:
    values = _values(right) if word == "in" else _constant(right)
    if values is None and word != "in":
        left, values, word = right, _constant(left), _FLIPPED[word]
    if values is None or path_of(left) != path:
        return column
    if word in ("==", "in"):
        return _allowed(column, values) if holds else _excluded(column, values)
    return _bounded(column, word if holds else _NEGATED[word], values[0])


def _constant(node: ast.Expr) -> list[object] | None:
    if isinstance(node, ast.StringLiteral):
        return [node.value]
    value = number(node)
    return None if value is None else [value]


def _values(node: ast.Expr) -> list[object] | None:
    if not isinstance(node, ast.ListLiteral):
        return None
    found = [value for item in node.items for value in _constant(item) or ()]
    return found if len(found) == len(node.items) else None


def _allowed(column: Column, values: list[object]) -> Column:
    inner = column.type.present
    if inner.kind in ("str", "choice"):
        texts = [one for one in values if isinstance(one, str) and (inner.kind == "str" or one in inner.values)]
        return replace(column, type=Type("choice", tuple(dict.fromkeys(texts))))
    numbers = [one for one in values if isinstance(one, int | float)]
    if column.type.kind != "int" or not numbers:
        return column
    return _at_most(_at_least(column, min(numbers)), max(numbers))


def _excluded(column: Column, values: list[object]) -> Column:
    if column.type.kind != "choice":
        return column
    return replace(column, type=Type("choice", tuple(one for one in column.type.values if one not in values)))


def _bounded(column: Column, word: str, value: object) -> Column:
    if column.type.kind != "int" or not isinstance(value, int):
        return column
    if word in (">", ">="):
        return _at_least(column, value + (word == ">"))
    return _at_most(column, value - (word == "<"))


def _at_least(column: Column, value: float) -> Column:
    return replace(column, low=value if column.low is None else max(column.low, value))


def _at_most(column: Column, value: float) -> Column:
    return replace(column, high=value if column.high is None else min(column.high, value))
