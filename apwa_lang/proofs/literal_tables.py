"""Tables that the program itself holds, followed through the flow: all their rows are known.

In: a program, a flow, the name of a table or a split. Out: rows as texts by field (null as None), or None where some
row is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product

from apwa_lang.proofs.evaluate import NotKnownError, value_of
from apwa_lang.proofs.filters import inner
from apwa_lang.semantics.core import Core
from apwa_lang.semantics.program import Flow, Join, Limit, LiteralSource, Program, Select, Sort, Split, UnionAll, Where
from apwa_lang.semantics.types import FLOAT, ListOf, Type

Texts = dict[str, str | None]
Values = dict[str, object]

_MOST_ROWS = 1_000


@dataclass
class LiteralTables:
    """The known tables of one flow."""

    program: Program
    flow: Flow
    _found: dict[str, tuple[Values, ...] | None] = field(default_factory=dict)

    def subproblems(self, split: Split) -> tuple[Texts, ...] | None:
        """What each sub-problem shows of itself: fields that are scalars."""
        rows = self._rows(split.table)
        arguments = dict(split.arguments)
        if rows is None:
            return None
        match split.rule:
            case "row":
                return self._texts(split.table, rows)
            case "group":
                shown = self._texts(split.table, rows)
                groups = [{name: row[name] for name in split.identity if name in row} for row in shown]
                return tuple({tuple(sorted(one.items(), key=repr)): one for one in groups}.values())
            case "chunk" if isinstance(size := arguments.get("n"), int) and size > 0:
                return tuple({"index": str(index)} for index in range(-(-len(rows) // size)))
            case "items":
                return self._items(split.table, arguments.get("field"), rows)
            case "cross":
                other = next((value for value in arguments.values() if isinstance(value, str)), "")
                others = self._rows(other)
                if others is None or len(rows) * len(others) > _MOST_ROWS:
                    return None
                sides = product(self._texts(split.table, rows), self._texts(other, others))
                return tuple({**_below("left", one), **_below("right", two)} for one, two in sides)
            case _:
                return None

    def _items(self, table: str, field: object, rows: tuple[Values, ...]) -> tuple[Texts, ...] | None:
        type = self._types(table).get(str(field))
        listed = inner(type) if type is not None else None
        if not isinstance(listed, ListOf):
            return None
        found: list[Texts] = []
        for shown, row in zip(self._texts(table, rows), rows, strict=True):
            items = row.get(str(field)) or ()
            if not isinstance(items, list | tuple) or len(found) + len(items) > _MOST_ROWS:
                return None
            for index, item in enumerate(items):
                own = {"item": _text(listed.item, item)} if _is_scalar(item) else {}
                found.append({**_below("row", shown), "index": str(index), **own})
        return tuple(found)

    def _rows(self, name: str) -> tuple[Values, ...] | None:
        if name not in self._found:
            try:
                rows = self._made(name)
            except NotKnownError:
                rows = None
            self._found[name] = rows if rows is None or len(rows) <= _MOST_ROWS else None
        return self._found[name]

    def _made(self, name: str) -> tuple[Values, ...] | None:
        step = next((each for each in self.flow.steps if each.name == name), None)
        if step is None:
            return self._written(name)
        match step.operation:
            case Where(table, condition):
                return self._each(table, lambda row: row if value_of(condition, row) is True else None)
            case Select(table, fields):
                return self._each(table, lambda row: {new: value_of(core, row) for new, core in fields})
            case Sort(table):
                return self._rows(table)
            case Limit(table, count):
                rows = self._rows(table)
                return rows if rows is not None and _at_least(count, len(rows)) else None
            case UnionAll(tables):
                parts = [self._rows(table) for table in tables]
                known = [part for part in parts if part is not None]
                return tuple(row for part in known for row in part) if len(known) == len(parts) else None
            case Join(left, right, on):
                return self._joined(left, right, on)
            case _:
                return None

    def _written(self, name: str) -> tuple[Values, ...] | None:
        table = self.program.tables.get(name)
        if table is None or not isinstance(table.source, LiteralSource) or len(table.source.rows) > _MOST_ROWS:
            return None
        names = [one.name for one in table.record.fields]
        return tuple(dict(zip(names, row, strict=False)) for row in table.source.rows)

    def _each(self, table: str, made: Callable[[Values], Values | None]) -> tuple[Values, ...] | None:
        rows = self._rows(table)
        if rows is None:
            return None
        return tuple(new for row in rows if (new := made(row)) is not None)

    def _joined(self, left: str, right: str, on: tuple[str, ...]) -> tuple[Values, ...] | None:
        rows, others = self._rows(left), self._rows(right)
        if rows is None or others is None or len(rows) * len(others) > _MOST_ROWS:
            return None
        return tuple({**other, **row} for row in rows for other in others if all(row[one] == other[one] for one in on))

    def _texts(self, table: str, rows: tuple[Values, ...]) -> tuple[Texts, ...]:
        types = self._types(table)
        return tuple(
            {name: _text(types[name], value) for name, value in row.items() if name in types and _is_scalar(value)}
            for row in rows
        )

    def _types(self, name: str) -> dict[str, Type]:
        step = next((each for each in self.flow.steps if each.name == name), None)
        record = step.record if step is not None else self.program.tables[name].record
        return {one.name: one.type for one in record.fields} if record is not None else {}


def _below(prefix: str, row: Texts) -> Texts:
    return {f"{prefix}.{name}": value for name, value in row.items()}


def _at_least(count: Core, rows: int) -> bool:
    wanted = value_of(count, {})
    return isinstance(wanted, int) and wanted >= rows


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _text(type: Type, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(float(value)) if inner(type) == FLOAT and isinstance(value, int | float) else str(value)
