"""What tells rows and sub-problems apart.

In: a program and a flow. Out: sets of dotted fields, no two rows having the same values in all of a set, each with what
that takes for granted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from apwa_lang.syntax import nodes as ast
from apwa_lang.verifier.declarations import Program
from apwa_lang.verifier.expressions import Done, Fixed, Named, Parameter, Value, of_program
from apwa_lang.verifier.flows import Flow, Step
from apwa_lang.verifier.hypotheses import Hypothesis, unique_key
from apwa_lang.verifier.logic import contradict
from apwa_lang.verifier.operations import Called, Chosen, Joined, Joint, Latest, Mapped, Merged, Paths, Same
from apwa_lang.verifier.origins import Origins
from apwa_lang.verifier.splits import BY_ROW, NUMBERED, PIECES, Split
from apwa_lang.verifier.types import INT, STR, UNKNOWN, Type

Fields = frozenset[str]
Identities = Mapping[Fields, frozenset[Hypothesis]]

_NONE: Identities = {}
_ONE_ROW: Identities = {frozenset(): frozenset()}


class Lineage:
    """The identities of one flow's tables and splits."""

    def __init__(self, program: Program, flow: Flow, origins: Origins) -> None:
        self._program = program
        self._flow = flow
        self._origins = origins
        self._steps = {step.name: step for step in flow.steps}
        self._known: dict[str, Identities] = {}

    def of_split(self, split: Split) -> Identities:
        """What tells the sub-problems of a split apart."""
        if split.rule in NUMBERED:
            return {frozenset({"index"}): frozenset()}
        if split.rule == "group":
            return {frozenset(split.group): frozenset()}
        rows = self.of_table(split.table)
        if split.rule in BY_ROW:
            return rows
        if split.rule in PIECES:
            return {_below("row", fields) | {"index"}: why for fields, why in rows.items()}
        others = self.of_table(split.other) if split.other is not None else _NONE
        return {
            _below("left", left) | _below("right", right): why | others[right]
            for left, why in rows.items()
            for right in others
        }

    def of_table(self, name: str) -> Identities:
        """What tells the rows of a table apart."""
        if name not in self._known:
            step = self._steps.get(name)
            self._known[name] = self._of_source(name) if step is None else self._of_step(step)
        return self._known[name]

    def _of_source(self, name: str) -> Identities:
        table = self._program.tables[name]
        keys = frozenset(column.name for column in table.record.columns if column.key)
        alone = [frozenset({column.name}) for column in table.record.columns if column.unique]
        found: dict[Fields, frozenset[Hypothesis]] = {}
        if isinstance(table.source, ast.FilesSource):
            of_files = _of_a_file(table.source.pattern.value)
            found |= {frozenset({one}): frozenset() for one in of_files if table.record.column(one) is not None}
        return found | {fields: frozenset({unique_key(fields, name)}) for fields in (keys, *alone) if fields}

    def _of_step(self, step: Step) -> Identities:
        match step.operation:
            case Same(most=int() as most) if most <= 1:
                return _ONE_ROW
            case Same(table, condition) if condition is not None:
                identities, fixed = self.of_table(table), frozenset(_fixed(of_program(condition)))
                columns = frozenset(column.name for column in self._origins.record(table).columns)
                # A name that is no column is a parameter.
                less = {fields - (fixed & columns): why for fields, why in identities.items()}
                return less | dict(identities)
            case Same(table):
                return self.of_table(table)
            case Called():
                return _ONE_ROW
            case Chosen(table, fields, made):
                row = self._origins.record(table)
                return _carried(
                    self.of_table(table), {name: fields[name] or _source(made, name, row) for name in fields}
                )
            case Mapped(split=split, keep=keep):
                return _carried(self.of_split(split), keep)
            case Merged(group=group):
                return {frozenset(group): frozenset()}
            case Joined(left, right, on):
                return self._of_join(left, right, on)
            case Joint((table,)):
                return self.of_table(table)
            case Joint(tables):
                return self._of_several(tables)
            case Latest(tables):
                return self._of_any(tables)
            case _:
                return _NONE

    def _of_join(self, left: str, right: str, on: Fields) -> Identities:
        """A side whose rows each meet one row at most keeps its own; the two together tell all rows apart."""
        of_left, of_right = self.of_table(left), self.of_table(right)
        found: dict[Fields, frozenset[Hypothesis]] = {}
        for rows, others, name in ((of_left, of_right, right), (of_right, of_left, left)):
            if any(fields <= on and self._present(name, fields) for fields in others):
                found.update(rows)
        for one, why in of_left.items():
            for other, more in of_right.items():
                found.setdefault(one | other, why | more)
        return found

    def _present(self, table: str, fields: Fields) -> bool:
        step = self._steps.get(table)
        row: Type | None = step.row if step is not None else self._program.tables[table].record
        columns = [row.column(name) if row is not None else None for name in fields]
        return all(column is not None and column.type.kind != "optional" for column in columns)

    def _of_several(self, tables: tuple[str, ...]) -> Identities:
        """What tells the rows of several tables apart, those of each and those of any two."""
        each = [self.of_table(name) for name in tables]
        kept = [self._of_two(one, other) for one, other in combinations(tables, 2)]
        shared = frozenset.intersection(*kept)
        return {fields: frozenset().union(*(_behind(found, fields) for found in each)) for fields in shared}

    def _of_any(self, tables: tuple[str, ...]) -> Identities:
        """What tells the rows apart whichever of the tables it is."""
        each = [self.of_table(name) for name in tables]
        sets = {one for found in each for one in found}
        held = [one for one in sets if all(any(known <= one for known in found) for found in each)]
        return {fields: frozenset().union(*(_behind(found, fields) for found in each)) for fields in held}

    def _of_two(self, one: str, other: str) -> frozenset[Fields]:
        shared = frozenset(self.of_table(one)) & frozenset(self.of_table(other))
        first, second = self._steps.get(one), self._steps.get(other)
        if first is not None and second is not None and self._flow.exclude(first, second):
            return shared
        tags, others = self._tags(one), self._tags(other)
        differ = [name for name in tags if name in others and tags[name] != others[name]]
        if differ:
            return frozenset(fields | {name} for fields in shared for name in differ)
        left, right = self._origins.of_table(one), self._origins.of_table(other)
        row = self._origins.record(left.table)
        facts = [(fact, True) for fact in (*left.facts, *right.facts)]
        if left.table != right.table or not contradict(facts, lambda value: column_type(value, row, self._program)):
            return frozenset()
        # No row is in both: what tells all rows of their table apart tells these apart, under the same names.
        names = {name: ".".join(base) for name, base in left.bases.items() if right.bases.get(name) == base}
        of_all = self.of_table(left.table)
        return frozenset(
            fields
            for fields in shared
            if fields <= names.keys() and frozenset(names[name] for name in fields) in of_all
        )

    def _tags(self, name: str) -> dict[str, object]:
        """The columns that have one text or whole number in all rows of a table."""
        step = self._steps.get(name)
        match step.operation if step is not None else None:
            case Chosen(made=made):
                constants = {name: one.value for name, one in made.items() if isinstance(one, Fixed)}
                return {name: one for name, one in constants.items() if isinstance(one, str) or type(one) is int}
            case Same(table) | Joint((table,)):
                return self._tags(table)
            case _:
                return {}


def column_type(value: Value, row: Type, program: Program) -> Type:
    """The type of a name in a condition."""
    match value:
        case Parameter(name):
            return program.parameters[name]
        case Named(path):
            column = row.at(path)
            return column.type if column is not None else UNKNOWN
        case _:
            return UNKNOWN


def _behind(identities: Identities, fields: Fields) -> frozenset[Hypothesis]:
    """What it takes for granted that some of the fields tell rows apart."""
    return next(why for known, why in identities.items() if known <= fields)


def _of_a_file(pattern: str) -> tuple[str, ...]:
    """The columns that no two files of a pattern share."""
    folder = pattern.rpartition("/")[0]
    return ("path",) if "://" in pattern or "**" in pattern or set(folder) & set("*?[") else ("path", "name")


def _fixed(condition: Value) -> Iterator[str]:
    """The names that have one value wherever a condition holds."""
    match condition:
        case Done("and", parts):
            for part in parts:
                yield from _fixed(part)
        case Done("==", (Named((name,)), Fixed(constant)) | (Fixed(constant), Named((name,)))) if constant is not None:
            # Several rows may be without a value that is unique.
            yield name


def _source(made: Mapping[str, Value], name: str, row: Type) -> tuple[str, ...] | None:
    """The column, each value of which gives another value of a computed one."""
    source = _one_to_one(made[name], row) if name in made else None
    return None if source is None else (source,)


def _one_to_one(value: Value, row: Type) -> str | None:
    match value:
        case Named((name,)):
            column = row.column(name)
            return name if column is not None and column.type in (STR, INT) else None
        case Done("+", (Fixed(int() | str()), base) | (base, Fixed(int() | str()))):
            return _one_to_one(base, row)
        case Done("-", (Fixed(int()), base) | (base, Fixed(int()))) | Done("neg" | "key" | "str", (base,)):
            return _one_to_one(base, row)
        case Done("*", (base, Fixed(int() as by)) | (Fixed(int() as by), base)) if by:
            return _one_to_one(base, row)
        case _:
            return None


def _below(side: str, fields: Fields) -> Fields:
    return frozenset(f"{side}.{name}" for name in fields)


def _carried(identities: Identities, copies: Paths) -> Identities:
    """The identities all of whose fields are copied, under the names of the first copies."""
    names: dict[str, str] = {}
    for name, path in copies.items():
        if path is not None:
            names.setdefault(".".join(path), name)
    return {
        frozenset(names[field] for field in fields): why
        for fields, why in identities.items()
        if all(field in names for field in fields)
    }
