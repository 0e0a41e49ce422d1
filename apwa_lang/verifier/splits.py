"""Splits: what a sub-problem is.

In: a split as written and the rows that it parts. Out: the split, with the record of its sub-problems.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from apwa_lang.syntax import nodes as ast
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.types import INT, STR, Column, Type, record

NUMBERED = ("chunk", "window", "plan", "python")
PIECES = ("tokens", "lines", "pages", "items")
BY_ROW = ("row", "file")

_INDEX = Column("index", INT, low=0)


@dataclass(frozen=True, slots=True)
class Rows:
    """A table by its name in the flow or the whole program, and the record of its rows."""

    name: str
    row: Type


@dataclass(frozen=True, slots=True)
class Split:
    """A split of ``table``.

    ``other`` is the second table of ``cross``, ``group`` the fields of ``group``, ``function`` that of ``python``.
    """

    table: str
    rule: str
    row: Type
    other: str | None = None
    group: tuple[str, ...] = ()
    function: ast.StringLiteral | None = None

    def keepable(self) -> dict[str, tuple[str, ...]]:
        """The paths of what a map may keep of a sub-problem, by name."""
        match self.rule:
            case "row" | "file":
                return {column.name: (column.name,) for column in self.row.columns}
            case "group":
                return {name: (name,) for name in self.group}
            case "tokens" | "lines" | "pages":
                return {**self._inside("row"), "index": ("index",)}
            case "items":
                return {**self._inside("row"), "index": ("index",), "item": ("item",)}
            case "cross":
                return {**self._inside("left"), **self._inside("right")}
            case _:
                return {"index": ("index",)}

    def _inside(self, side: str) -> dict[str, tuple[str, ...]]:
        column = self.row.column(side)
        return {each.name: (side, each.name) for each in column.type.columns} if column is not None else {}


def read_split(node: ast.Split, rows: Rows, find: Callable[[str], Rows]) -> Split:
    """The split that is written of ``rows``. ``find`` gives the other table of ``cross``."""
    rule, arguments = node.rule.name.text, node.rule.arguments
    table, row = rows.name, rows.row
    match rule:
        case "row" | "file":
            return Split(table, rule, row)
        case "group":
            names = tuple(each.value.name for each in arguments if isinstance(each.value, ast.Variable))
            found = [column for name in names if (column := row.column(name)) is not None]
            if len(found) < len(arguments) or not found:
                raise CannotVerifyError(f"the fields of split `{node.name.text}` cannot be read")
            columns = (replace(column, key=False, unique=False) for column in found)
            return Split(table, rule, record(*columns, Column("rows", Type("list"))), group=names)
        case "cross":
            if len(arguments) != 1 or (name := dotted(arguments[0].value)) is None:
                raise CannotVerifyError(f"the other table of split `{node.name.text}` cannot be read")
            other = find(name)
            return Split(table, rule, record(Column("left", row), Column("right", other.row)), other.name)
        case "items":
            field = arguments[0].value if len(arguments) == 1 else None
            listed = row.column(field.name) if isinstance(field, ast.Variable) else None
            if listed is None or (item := listed.type.present.inner) is None:
                raise CannotVerifyError(f"the field of split `{node.name.text}` cannot be read")
            return Split(table, rule, record(Column("row", row), _INDEX, Column("item", item)))
        case _ if rule in PIECES:
            return Split(table, rule, record(Column("row", row), _INDEX, Column("text", STR)))
        case "python":
            target = arguments[0].value if len(arguments) == 1 else None
            if not isinstance(target, ast.StringLiteral):
                raise CannotVerifyError(f"the function of split `{node.name.text}` cannot be read")
            return Split(table, rule, record(_INDEX, Column("rows", Type("list"))), function=target)
        case _ if rule in NUMBERED:
            return Split(table, rule, record(_INDEX, Column("rows", Type("list"))))
        case _:
            raise CannotVerifyError(f"there is no split rule `{rule}` here")


def dotted(node: ast.Expr) -> str | None:
    """The name that an expression is, with its dots."""
    path = chain(node)
    return ".".join(path) if path is not None else None


def chain(node: ast.Expr) -> tuple[str, ...] | None:
    """``("row", "id")`` for ``row.id``; None for all else."""
    match node:
        case ast.Variable(name=name):
            return (name,)
        case ast.FieldAccess(base=base, field=field):
            inside = chain(base)
            return None if inside is None else (*inside, field.text)
        case _:
            return None
