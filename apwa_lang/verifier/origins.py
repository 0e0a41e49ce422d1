"""The rows that sub-problems are made of, and what conditions say of them.

In: a program and a flow. Out: for a table or split, whose rows they are, under which conditions; the record of a
split's sub-problems, each column with no more values than the conditions and the pattern of a table of files allow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from apwa_lang.syntax import nodes as ast
from apwa_lang.verifier.conditions import narrowed
from apwa_lang.verifier.declarations import Program
from apwa_lang.verifier.expressions import Named, Parameter, Value, of_program
from apwa_lang.verifier.flows import Flow, Step
from apwa_lang.verifier.logic import renamed
from apwa_lang.verifier.operations import Chosen, Joint, Latest, Mapped, Paths, Same
from apwa_lang.verifier.splits import PIECES, Split, chain
from apwa_lang.verifier.types import Column, Type, record

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a ``where`` as written, with the names that its own columns have in the rows' table."""

    node: ast.Expr
    bases: Mapping[str, Path]

    def path_of(self, node: ast.Expr) -> Path | None:
        """What a field that the condition names is called in the rows' own table."""
        path = chain(node)
        if path is None or path[0] not in self.bases:
            return None
        return (*self.bases[path[0]], *path[1:])


@dataclass(frozen=True, slots=True)
class Origin:
    """Rows of ``table`` under conditions, as they are written and as ``facts`` about the columns of that table.

    ``bases`` are the names that columns have there, by their first names or, of parts of a sub-problem, dotted ones.
    """

    table: str
    bases: Mapping[str, Path]
    conditions: tuple[Condition, ...] = ()
    facts: tuple[Value, ...] = ()

    def base_of(self, path: str) -> str | None:
        """What the field at a dotted path is called in the table, or None."""
        names = path.split(".")
        for count in range(len(names), 0, -1):
            base = self.bases.get(".".join(names[:count]))
            if base is not None:
                return ".".join((*base, *names[count:]))
        return None


class Origins:
    """The origins of one flow's tables."""

    def __init__(self, program: Program, flow: Flow) -> None:
        self._program = program
        self._module = flow.module
        self._steps = {step.name: step for step in flow.steps}
        self._known: dict[str, Origin] = {}

    def row(self, split: Split) -> Type:
        """The record of a split's sub-problems."""
        origin = self.of_split(split)
        if origin is None:
            return split.row
        bases = {name: base for name, base in origin.bases.items() if "." not in name}
        columns = (self._matching(column, bases.get(column.name), origin) for column in split.row.columns)
        return record(*(self._narrowed(column, bases.get(column.name), origin) for column in columns))

    def of_split(self, split: Split) -> Origin | None:
        """Whose rows the sub-problems of a split are made of, where one row or those of one group make one."""
        origin = self.of_table(split.table)
        if split.rule == "row" or split.rule == "file":
            return origin
        if split.rule == "group":
            return replace(origin, bases={name: base for name, base in origin.bases.items() if name in split.group})
        if split.rule in PIECES:
            return replace(origin, bases={f"row.{name}": base for name, base in origin.bases.items()})
        return None

    def of_table(self, name: str) -> Origin:
        """Whose rows those of a table are."""
        if name not in self._known:
            step = self._steps.get(name)
            own = Origin(name, {column.name: (column.name,) for column in self.record(name).columns})
            self._known[name] = own
            if step is not None:
                self._known[name] = self._of_step(step) or own
        return self._known[name]

    def record(self, name: str) -> Type:
        """The record of a table's rows."""
        step = self._steps.get(name)
        row = step.row if step is not None else self._program.tables[name].record
        return row if row is not None else record()

    def _of_step(self, step: Step) -> Origin | None:
        match step.operation:
            case Same(table, None):
                return self.of_table(table)
            case Joint((table, *others)) | Latest((table, *others)) if all(
                self.of_table(one) == self.of_table(table) for one in others
            ):
                return self.of_table(table)
            case Same(table, condition) if condition is not None:
                origin = self.of_table(table)
                fact = renamed(of_program(condition), lambda path: self._in_table(path, origin))
                if fact is None:
                    return origin
                conditions = (*origin.conditions, Condition(condition, origin.bases))
                return replace(origin, conditions=conditions, facts=(*origin.facts, fact))
            case Chosen(table, fields):
                return _carried(self.of_table(table), fields)
            case Mapped(split=split, keep=keep) if split.rule == "row":
                return _carried(self.of_table(split.table), keep)
            case _:
                return None

    def _in_table(self, path: Path, origin: Origin) -> Value | None:
        if path and path[0] in origin.bases:
            return Named((*origin.bases[path[0]], *path[1:]))
        parameter = self._program.parameter(self._module, path) if path else None
        return None if parameter is None or parameter[1] else Parameter(parameter[0])

    def _narrowed(self, column: Column, base: Path | None, origin: Origin) -> Column:
        if base is None:
            return column
        for condition in origin.conditions:
            column = narrowed(column, condition.node, True, base, condition.path_of)
        return column

    def _matching(self, column: Column, base: Path | None, origin: Origin) -> Column:
        """A column that is the path or name of a file, with the texts that the pattern of the files leaves it."""
        table = self._program.tables.get(origin.table)
        if table is None or not isinstance(table.source, ast.FilesSource) or base not in (("path",), ("name",)):
            return column
        pattern = table.source.pattern.value
        if "://" in pattern or "**" in pattern:
            return column
        return replace(column, pattern=_expression(pattern if base == ("path",) else pattern.rpartition("/")[2]))


def _carried(origin: Origin, fields: Paths) -> Origin:
    return replace(origin, bases=dict(_copies(origin, fields)))


def _copies(origin: Origin, fields: Paths) -> Iterator[tuple[str, Path]]:
    for name, path in fields.items():
        if path and path[0] in origin.bases:
            yield name, (*origin.bases[path[0]], *path[1:])


_PIECES = re.compile(r"(\*|\?|\[[^\]]*\])")


def _expression(pattern: str) -> str:
    """A regular expression for the paths that a pattern of files finds. No name in them is hidden by a dot."""
    pieces = [piece for piece in _PIECES.split(pattern) if piece]
    written = ""
    for number, piece in enumerate(pieces):
        if piece == "*" and (number == 0 or pieces[number - 1].endswith("/")):
            last = number + 1 == len(pieces)
            some = "[^/.][^/]*"
            written += some if last or pieces[number + 1][0] in "/." else f"(?:{some})?"
        elif piece in "*?":
            written += "[^/]*" if piece == "*" else "[^/]"
        else:
            written += piece.replace("[!", "[^", 1) if _PIECES.fullmatch(piece) else re.escape(piece)
    return written
