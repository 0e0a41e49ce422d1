"""Which fields tell two rows, or two sub-problems, apart for certain.

In: a program, a flow, the name of a table or a split. Out: sets of field paths, each with the hypotheses on which no
two rows agree in all fields of the set. A ``@key`` of a table that is read holds because loading checks it; one of a
table made in the flow only if it can be followed back to such a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from apwa_lang.proofs.claims import Hypothesis, Verdict
from apwa_lang.proofs.conditions import Condition, constant_fields, contradict, field_core, renamed
from apwa_lang.proofs.order import exclude_each_other
from apwa_lang.semantics.core import Apply, Const, Core, GetField, Var
from apwa_lang.semantics.program import (
    CallOnce,
    FilesSource,
    Flow,
    Join,
    Last,
    Limit,
    Map,
    Program,
    Reduce,
    Select,
    Sort,
    Split,
    Step,
    UnionAll,
    Where,
)
from apwa_lang.semantics.types import INT, STR, Optional, RecordType

Fields = frozenset[str]
Identities = Mapping[Fields, tuple[Hypothesis, ...]]
"""Sets of fields that no two share, with the hypotheses behind each."""

PARAMS = "$"
"""What parameters of the program are fields of in conditions, so that no field of a row is taken for one."""

PIECES = ("tokens", "lines", "pages", "items")
NUMBERED = ("chunk", "window", "plan", "python")


def path_of(core: Core) -> str | None:
    """``row.id`` for a chain of field accesses (without the ``@`` of the sub-problem itself), None for all else."""
    match core:
        case Var("@"):
            return ""
        case Var(name):
            return name
        case GetField(base, name, False):
            inside = path_of(base)
            return None if inside is None else f"{inside}.{name}" if inside else name
        case _:
            return None


@dataclass(frozen=True)
class Rows:
    """Where the rows of a table come from: they are rows of ``base`` that satisfy ``conditions`` over its fields.

    ``names`` maps fields, as they are called here, to those of the base, and parameters to fields of ``PARAMS``. For
    the sub-problems of a split, ``identities`` tell rows of the base apart and ``record`` is their type. ``open``
    when they have passed more conditions, over what is no field of the base. ``computed`` are fields that are
    expressions over those of the base.
    """

    base: str
    names: Mapping[str, str]
    conditions: tuple[Condition, ...] = ()
    record: RecordType | None = None
    identities: Identities = field(default_factory=dict)
    open: bool = False
    computed: Mapping[str, Core] = field(default_factory=dict)

    def base_of(self, path: str) -> str | None:
        """What the base calls the field at a dotted path, or None."""
        fields = path.split(".")
        for count in range(len(fields), 0, -1):
            base = self.names.get(".".join(fields[:count]))
            if base is not None and not base.startswith(f"{PARAMS}."):
                return ".".join((base, *fields[count:]))
        return None

    def condition(self, core: Core) -> Core | None:
        """An expression over the fields here, over those of the base; None where it uses others."""
        known = True

        def renaming(name: str) -> Core:
            nonlocal known
            known = known and (name in self.names or name in self.computed)
            return self.computed[name] if name in self.computed else field_core(self.names.get(name, name))

        found = renamed(core, renaming)
        return found if known else None


@dataclass
class Lineage:
    """Answers for one flow, worked out once each."""

    program: Program
    flow: Flow
    _tables: dict[str, Identities] = field(default_factory=dict)
    _origins: dict[str, Rows] = field(default_factory=dict)
    _steps: dict[str, Step] = field(init=False)
    _splits: dict[str, Split] = field(init=False)

    def __post_init__(self) -> None:
        self._steps = {step.name: step for step in self.flow.steps}
        self._splits = {**self.program.splits, **{split.name: split for split in self.flow.splits}}

    def split(self, name: str) -> Split | None:
        """The split of that name that the flow uses, or None."""
        return self._splits.get(name)

    def is_step(self, name: str) -> bool:
        """Whether the flow makes a table of that name."""
        return name in self._steps

    def record(self, name: str) -> RecordType | None:
        """The row type of a table of the flow or the program."""
        step, table = self._steps.get(name), self.program.tables.get(name)
        return step.record if step is not None else table.record if table is not None else None

    def of_table(self, name: str) -> Identities:
        """What tells the rows of a table of the flow or the program apart."""
        if name not in self._tables:
            step = self._steps.get(name)
            self._tables[name] = self._of_source(name) if step is None else self._of_step(step)
        return self._tables[name]

    def origin(self, name: str) -> Rows:
        """Whose rows those of a table are, and under which conditions."""
        if name not in self._origins:
            record = self.record(name)
            fields = record.fields if record is not None else ()
            own = Rows(name, self._params() | {one.name: one.name for one in fields})
            self._origins[name] = own
            step = self._steps.get(name)
            if step is not None:
                self._origins[name] = self._origin_of_step(step) or own
        return self._origins[name]

    def _origin_of_step(self, step: Step) -> Rows | None:
        match step.operation:
            case Where(table, condition):
                rows = self.origin(table)
                core = rows.condition(condition)
                if core is None:
                    return replace(rows, open=True)
                return replace(rows, conditions=(*rows.conditions, (core, True)))
            case Sort(table) | Limit(table):
                return self.origin(table)
            case UnionAll((table, *others)) | Last((table, *others)) if all(
                self.origin(one) == self.origin(table) for one in others
            ):
                return self.origin(table)
            case Select(table, fields):
                return self._carried(self.origin(table), fields, step.record)
            case Map(split=name, keep=keep) if (split := self.split(name)) is not None and split.rule == "row":
                return self._carried(self.origin(split.table), keep, step.record)
            case _:
                return None

    def _carried(self, rows: Rows, fields: tuple[tuple[str, Core], ...], record: RecordType | None) -> Rows:
        """The rows with those fields that are taken over as they are; a field of ``record`` hides a parameter."""
        hidden = {one.name for one in record.fields} if record is not None else set()
        names = {name: base for name, base in self._params().items() if name not in hidden}
        computed: dict[str, Core] = {}
        for name, core in fields:
            names.pop(name, None)
            path = path_of(core)
            root, dot, rest = path.partition(".") if path else ("", "", "")
            if root in rows.names:
                names[name] = rows.names[root] + dot + rest
            elif path is None and (over_base := rows.condition(core)) is not None:
                computed[name] = over_base
        return Rows(rows.base, names, rows.conditions, open=rows.open, computed=computed)

    def source(self, split: Split) -> Rows | None:
        """Whose rows the sub-problems of a split are made of, by the names that a sub-problem has for their fields."""
        rows = self.origin(split.table)
        rows = replace(rows, identities=self.of_table(rows.base), record=self.record(rows.base))
        if split.rule == "row":
            return rows
        if split.rule == "group":
            names = {name: base for name, base in rows.names.items() if name in split.identity}
            return replace(rows, names=names)
        if split.rule in PIECES:
            return replace(rows, names={f"row.{name}": base for name, base in rows.names.items()})
        return None

    def _params(self) -> dict[str, str]:
        return {name: f"{PARAMS}.{name}" for name in self.program.params}

    def of_split(self, split: Split) -> Identities:
        """What tells the sub-problems of a split apart."""
        rule = split.rule
        if rule in NUMBERED:
            return {frozenset(["index"]): ()}
        if rule == "group":
            return {frozenset(split.identity): ()} if split.identity else {}
        rows = self.of_table(split.table)
        if rule in ("row", "file"):
            return rows
        if rule in PIECES:
            return {_below("row", fields) | {"index"}: why for fields, why in rows.items()}
        if rule == "cross":
            other = next((value for _, value in split.arguments if isinstance(value, str)), None)
            others = self.of_table(other) if other is not None else {}
            return {
                _below("left", left) | _below("right", right): (*why_left, *why_right)
                for left, why_left in rows.items()
                for right, why_right in others.items()
            }
        return {}

    def _of_source(self, name: str) -> Identities:
        table = self.program.tables.get(name)
        if table is None:
            return {}
        found: dict[Fields, tuple[Hypothesis, ...]] = {}
        if isinstance(table.source, FilesSource):
            found |= {frozenset([one]): () for one in _of_a_file(table.source.pattern) if table.record.field(one)}
        for fields in _declared(table.record):
            names = " and ".join(f"`{one}`" for one in sorted(fields))
            found[fields] = (Hypothesis(f"key {names} of table `{name}` is unique", Verdict.CHECKED),)
        return found

    def _of_step(self, step: Step) -> Identities:
        match step.operation:
            case Where(table, condition):
                return self._without_constants(self.of_table(table), condition)
            case Limit(count=Const(int() as count, _)) if count <= 1:
                return {frozenset(): ()}
            case Sort(table) | Limit(table):
                return self.of_table(table)
            case Select(table, fields):
                return _renamed(self.of_table(table), fields, self.record(table))
            case CallOnce():
                return {frozenset(): ()}
            case Map(split=name, keep=keep):
                split = self.split(name)
                return _renamed(self.of_split(split), keep) if split is not None else {}
            case Reduce(group=group):
                # Without groups there is one row: no field is needed to tell it apart.
                return {frozenset(group): ()}
            case Join(left, right, on):
                return self._of_join(left, right, frozenset(on))
            case UnionAll((table,)):
                return self.of_table(table)
            case UnionAll(tables):
                return self._of_union(tables)
            case Last(tables):
                return _of_all([self.of_table(table) for table in tables])
            case _:
                return {}

    def _without_constants(self, identities: Identities, condition: Core) -> Identities:
        """Fields that have one value in all rows are not needed to tell them apart."""
        fixed = set(constant_fields(condition))
        less = {fields - fixed: why for fields, why in identities.items()}
        return {**less, **identities}

    def _of_join(self, left: str, right: str, on: Fields) -> Identities:
        """Rows that each meet at most one of the other side keep what tells them apart; others need both."""
        of_left, of_right = self.of_table(left), self.of_table(right)
        found: dict[Fields, tuple[Hypothesis, ...]] = {}
        for rows, others, name in ((of_left, of_right, right), (of_right, of_left, left)):
            if any(fields <= on and self._never_null(name, fields) for fields in others):
                found.update(rows)
        for one, why in of_left.items():
            for other, more in of_right.items():
                found.setdefault(one | other, (*why, *more))
        return found

    def _constants(self, name: str) -> dict[str, object]:
        """Fields that have one value in all rows of a table, a text or a whole number."""
        step = self._steps.get(name)
        match step.operation if step is not None else None:
            case Select(_, fields):
                values = {new: core.value for new, core in fields if isinstance(core, Const)}
                return {new: value for new, value in values.items() if isinstance(value, str) or type(value) is int}
            case Where(table) | Sort(table) | Limit(table) | UnionAll((table,)):
                return self._constants(table)
            case _:
                return {}

    def conditioned(self, split: Split) -> bool:
        """Whether the rows of a split, or of the table that it is crossed with, have passed conditions."""
        tables = [split.table, *(value for _, value in split.arguments if isinstance(value, str))]
        known = (name for name in tables if name in self._steps or name in self.program.tables)
        return split.rule == "cross" and any(self.origin(name).conditions for name in known)

    def _never_null(self, name: str, fields: Fields) -> bool:
        """Whether none of the fields may be null: several rows may lack a value of a ``@unique`` field."""
        record = self.record(name)
        found = [record.field(one) if record is not None else None for one in fields]
        return all(one is not None and not isinstance(one.type, Optional) for one in found)

    def _of_union(self, tables: tuple[str, ...]) -> Identities:
        """Rows of several tables may agree, unless no row is in two of them or only one of them has any."""
        shared: set[Fields] | None = None
        for one, other in combinations(tables, 2):
            kept = self._of_both(one, other)
            shared = kept if shared is None else shared & kept
        return _of_all([self.of_table(name) for name in tables], shared or ())

    def _of_both(self, one: str, other: str) -> set[Fields]:
        """What tells the rows of two tables apart, those of the one from those of the other too."""
        shared = set(self.of_table(one)) & set(self.of_table(other))
        steps = [step for name in (one, other) if (step := self._steps.get(name)) is not None]
        if len(steps) == 2 and exclude_each_other(*steps):
            return shared
        first, second = self._constants(one), self._constants(other)
        differ = {name for name in first if name in second and first[name] != second[name]}
        if differ:
            return {fields | {name} for fields in shared for name in differ}
        left, right = self.origin(one), self.origin(other)
        if left.base != right.base or not contradict((*left.conditions, *right.conditions)):
            return set()
        same = {name: base for name, base in left.names.items() if right.names.get(name) == base}
        # Only what tells the rows of the base apart says that two equal rows are one.
        whole = self.of_table(left.base)
        return {
            fields
            for fields in shared
            if fields <= same.keys() and any(known <= {same[name] for name in fields} for known in whole)
        }


def _of_all(each: Sequence[Identities], shared: Iterable[Fields] | None = None) -> Identities:
    """What tells rows apart in all of several tables, or of that the ``shared`` sets."""
    if shared is None:
        sets = dict.fromkeys(fields for found in each for fields in found)
        shared = [fields for fields in sets if all(any(known <= fields for known in found) for found in each)]
    return {fields: tuple(dict.fromkeys(why for found in each for why in _behind(found, fields))) for fields in shared}


def _behind(identities: Identities, fields: Fields) -> tuple[Hypothesis, ...]:
    """The hypotheses on which some of the fields tell rows apart."""
    return next(why for known, why in identities.items() if known <= fields)


def _declared(record: RecordType) -> Iterable[Fields]:
    if record.keys:
        yield frozenset(one.name for one in record.keys)
    yield from (frozenset([one.name]) for one in record.fields if one.unique)


def _of_a_file(pattern: str) -> tuple[str, ...]:
    """The fields of a file that no two files of a pattern share."""
    folder, _, _ = pattern.rpartition("/")
    in_one_folder = "://" not in pattern and "**" not in pattern and not set(folder) & set("*?[")
    return ("path", "name") if in_one_folder else ("path",)


def _below(prefix: str, fields: Fields) -> Fields:
    return frozenset(f"{prefix}.{name}" for name in fields)


def _renamed(
    identities: Identities, fields: tuple[tuple[str, Core], ...], record: RecordType | None = None
) -> Identities:
    """The identities that the new fields carry over whole, or as something that tells their values apart as well."""
    names: dict[str, str] = {}
    for name, core in fields:
        path = path_of(core) or (one_to_one(core, record) if record is not None else None)
        if path:
            names.setdefault(path, name)
    return {
        frozenset(names[path] for path in fields): why
        for fields, why in identities.items()
        if all(path in names for path in fields)
    }


def one_to_one(core: Core, record: RecordType) -> str | None:
    """The field whose every value gives another value of ``core``, or None."""
    match core:
        case Var(name):
            field = record.field(name)
            return name if field is not None and field.type in (STR, INT) else None
        case Apply("+", (Const(int() | str()), base) | (base, Const(int() | str()))):
            return one_to_one(base, record)
        case Apply("-", (Const(int()), base) | (base, Const(int()))) | Apply("neg" | "key" | "str", (base,)):
            return one_to_one(base, record)
        case Apply("*", (Const(int() as by, _), base) | (base, Const(int() as by, _))) if by:
            return one_to_one(base, record)
        case _:
            return None
