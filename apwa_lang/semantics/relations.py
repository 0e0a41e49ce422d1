"""Relational statements of a flow: where, select, join, sort, limit, union, alias and direct calls.

In: a relation as written and what the flow has made so far. Out: :class:`Made`: the operation, the record of its
rows, and the tables that it reads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from apwa_lang.diagnostics.codes import flows as flow_codes
from apwa_lang.diagnostics.codes import relations as codes
from apwa_lang.diagnostics.model import Edit
from apwa_lang.semantics.attributes import is_keyable
from apwa_lang.semantics.calls import check_arguments
from apwa_lang.semantics.core import Apply, Const, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.expressions import check, check_against
from apwa_lang.semantics.program import CallOnce, Join, Limit, Operation, Select, Sort, UnionAll, Where
from apwa_lang.semantics.reach import Reach
from apwa_lang.semantics.rename import rename_core
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.shapes import common, difference, keyed, origin, renamed_keys, row_record, without_keys
from apwa_lang.semantics.splits import Rows
from apwa_lang.semantics.types import (
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    NULL,
    STR,
    UNKNOWN,
    UUID,
    Choice,
    Field,
    Optional,
    RecordType,
    Type,
)
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

ORDERED: tuple[Type, ...] = (STR, INT, FLOAT, BOOL, DATE, DATETIME, DURATION, UUID, UNKNOWN)


@dataclass(frozen=True)
class Made:
    """What a statement makes; ``operation`` and ``record`` are None where a mistake was reported.

    ``unkept`` has, for each field that a ``map`` could keep and does not, what adds it to its ``keep``.
    """

    operation: Operation | None = None
    record: RecordType | None = None
    inputs: tuple[Rows, ...] = ()
    from_files: bool = False
    unkept: Mapping[str, Edit] = dataclasses.field(default_factory=dict, compare=False)


NOTHING = Made()


def where(node: ast.WhereRelation, reach: Reach) -> Made:
    """``t where condition``."""
    rows = reach.rows(node.table)
    if rows is None or rows.record is None:
        return NOTHING
    scope = row_scope(rows.record, rows.span, node.condition.span, reach)
    core = check_against(node.condition, BOOL, scope, "the condition of `where`")
    core = reach.file.whole_core(core, field_names(rows.record))
    return Made(Where(rows.name, core), rows.record, (rows,), rows.from_files)


def select(node: ast.SelectRelation, name: str, reach: Reach) -> Made:
    """``t select { field: expression }``."""
    rows = reach.rows(node.table)
    if rows is None or rows.record is None:
        return NOTHING
    core, made = check(node.record, row_scope(rows.record, rows.span, node.record.span, reach))
    if not isinstance(core, MakeRecord) or not isinstance(made, RecordType):
        return NOTHING
    hidden = field_names(rows.record)
    fields = {field: reach.file.whole_core(value, hidden) for field, value in core.fields}
    if node.record.type is None:
        made = RecordType(
            f"<{name}>", tuple(_selected(field, fields[field.name], rows.record) for field in made.fields)
        )
        keys = renamed_keys((key.name for key in rows.record.keys), fields)
        made = replace(made, fields=keyed(made.fields, keys))
    return Made(Select(rows.name, tuple(fields.items())), made, (rows,))


def _selected(field: Field, core: Core, record: RecordType) -> Field:
    """A field of a ``select``: what is known of a field that is copied is known of the copy."""
    copied = origin(core, record)
    if copied is None or copied.type != field.type:
        return field
    whole_row = isinstance(core, Var)
    return replace(
        copied, name=field.name, declared=field.declared, key=False, unique=copied.unique and whole_row, default=None
    )


def join(node: ast.JoinRelation, name: str, reach: Reach) -> Made:
    """``t join u on field``."""
    left, right = reach.rows(node.left), reach.rows(node.right)
    if left is None or right is None or left.record is None or right.record is None:
        return NOTHING
    places, report = (left.span, right.span), reach.file.report
    sound = all(left.record.field(field.text) is not None for field in node.on)
    for field, of_left in named_fields(node.on, left, reach):
        of_right = right.record.field(field.text)
        reach.file.uses.field(field.span, right.record, field.text, of_left.type)
        if of_right is None:
            names = (each.name for each in right.record.fields)
            report(codes.flow_field(field, str(right.record), names, right.span))
            sound = False
        elif not _same(of_left.type, of_right.type):
            report(codes.join_types(field, str(of_left.type), str(of_right.type), places))
            sound = False
        elif not groupable(of_left.type):
            report(codes.field_unfit(field, str(of_left.type), "`on`", left.span))
            sound = False
    on = tuple(dict.fromkeys(field.text for field in node.on))
    clashes = [field.name for field in right.record.fields if field.name not in on and left.record.field(field.name)]
    if clashes and sound:
        report(codes.join_clash(node.right.span, clashes, places))
    if clashes or not sound or any(left.record.field(field) is None for field in on):
        return Made(inputs=(left, right))
    others = tuple(field for field in right.record.fields if field.name not in on)
    fields = without_keys((*left.record.fields, *others))
    keys = _join_keys(left.record, right.record, frozenset(on))
    return Made(Join(left.name, right.name, on), RecordType(f"<{name}>", keyed(fields, keys)), (left, right))


def _join_keys(left: RecordType, right: RecordType, on: frozenset[str]) -> tuple[str, ...]:
    """The fields that tell rows of a join apart: those of the side whose rows each meet at most one of the other."""
    left_keys = tuple(field.name for field in left.keys)
    right_keys = tuple(field.name for field in right.keys)
    if left_keys and _single(right, on):
        return left_keys
    if right_keys and _single(left, on):
        return right_keys
    return tuple(dict.fromkeys((*left_keys, *right_keys))) if left_keys and right_keys else ()


def _single(record: RecordType, on: frozenset[str]) -> bool:
    """Whether at most one row agrees with given values of the fields ``on``."""
    keys = {field.name for field in record.keys}
    return (bool(keys) and keys <= on) or any(field.unique and field.name in on for field in record.fields)


def sort(node: ast.SortRelation, reach: Reach) -> Made:
    """``t sort by field``."""
    rows = reach.rows(node.table)
    if rows is None or rows.record is None:
        return NOTHING
    for name, field in named_fields(node.by, rows, reach):
        inner = field.type.inner if isinstance(field.type, Optional) else field.type
        if inner not in ORDERED and not isinstance(inner, Choice):
            reach.file.report(codes.field_unfit(name, str(field.type), "`sort by`", rows.span))
    return Made(Sort(rows.name, tuple(name.text for name in node.by)), rows.record, (rows,), rows.from_files)


def limit(node: ast.LimitRelation, reach: Reach) -> Made:
    """``t limit n``."""
    rows = reach.rows(node.table)
    core = check_against(node.count, INT, reach.file.scope, "the count of `limit`")
    if isinstance(core, Const) and isinstance(core.value, int) and core.value < 0:
        reach.file.report(flow_codes.negative_limit(node.count.span))
    if rows is None:
        return NOTHING
    return Made(Limit(rows.name, reach.file.whole_core(core)), rows.record, (rows,), rows.from_files)


def union(node: ast.UnionRelation, name: str, reach: Reach) -> Made:
    """``union(t, u)``."""
    found = [(table, rows) for table in node.tables if (rows := reach.rows(table)) is not None]
    records = [rows.record for _, rows in found if rows.record is not None]
    if len(records) < len(node.tables) or not found:
        return NOTHING
    (first, first_rows), *others = found
    sound = True
    for table, rows in others:
        assert rows.record is not None
        reach.file.uses.tie(records[0], rows.record)
        why = difference(records[0], rows.record)
        if why is not None:
            sound = False
            reach.file.report(codes.union_differs(table, first, why, (rows.span, first_rows.span)))
    record = common(records, name, keep_keys=len(found) == 1) if sound else None
    operation = UnionAll(tuple(rows.name for _, rows in found))
    return Made(operation if sound else None, record, tuple(rows for _, rows in found))


def alias(node: ast.AliasRelation, reach: Reach) -> Made:
    """``x = t``: the same rows under another name."""
    rows = reach.rows(node.table)
    if rows is None:
        return NOTHING
    return Made(UnionAll((rows.name,)), rows.record, (rows,), rows.from_files)


def call(node: ast.CallRelation, reach: Reach) -> Made:
    """``f(arguments)``: one sub-problem, whose arguments may be whole tables."""
    symbol = reach.file.names.find(node.task, "task")
    signature = reach.world.signatures.get(symbol.name) if symbol else None
    scope = replace(reach.file.scope, names=TablesInReach(reach))
    if signature is None:
        for argument in node.arguments:
            check(argument.value, scope)
        return NOTHING
    arguments = check_arguments(node.arguments, signature, node.task.span, scope, reach.file)
    record = row_record(signature.result)
    if arguments is None:
        return Made(record=record)
    named = {text: rows for _, core in arguments for text in variables(core) if (rows := reach.peek(text)) is not None}
    wholes = {text: rows.name for text, rows in named.items() if rows.name != text}
    arguments = tuple((name, rename_core(core, wholes)) for name, core in arguments)
    return Made(CallOnce(signature.name, arguments), record, tuple(named.values()))


class TablesInReach(Mapping[str, Binding]):
    """The names of an expression that may use whole tables: parameters of the program, and tables."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def __getitem__(self, text: str) -> Binding:
        binding = self._reach.file.scope.names.get(text)
        if binding is not None:
            return binding
        binding = self._reach.binding(text)
        if binding is None:
            raise KeyError(text)
        return binding

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys((*self._reach.file.scope.names, *self._reach.known_tables()))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def row_scope(record: RecordType, span: Span, extent: Span, reach: Reach) -> Scope:
    """The scope of expressions in ``extent`` over the fields of a row, which hide parameters of the program.

    ``span`` is the place of the rows' table.
    """
    uses = reach.file.uses
    scope = reach.file.scope.child(
        **{field.name: Binding(field.type, span, uses.of_field(field, record)) for field in record.fields}
    )
    uses.reach(extent, scope.names)
    return scope


def field_names(record: RecordType) -> frozenset[str]:
    """The names of a record's fields."""
    return frozenset(field.name for field in record.fields)


def named_fields(names: Sequence[ast.Name], rows: Rows, reach: Reach) -> Iterator[tuple[ast.Name, Field]]:
    """The fields that ``names`` name; those that are not there, or named twice, are reported and left out."""
    record = rows.record
    assert record is not None
    places: dict[str, Span] = {}
    for name in names:
        field = record.field(name.text)
        if field is None:
            known = (each.name for each in record.fields)
            reach.file.report(codes.flow_field(name, str(record), known, rows.span))
        elif name.text in places:
            reach.file.report(codes.field_twice(name, places[name.text]))
        else:
            places[name.text] = name.span
            reach.file.uses.field(name.span, record, name.text, field.type)
            yield name, field


def groupable(type: Type) -> bool:
    """Whether rows can be grouped and joined by values of a type."""
    inner = type.inner if isinstance(type, Optional) else type
    return is_keyable(inner) or inner in (UNKNOWN, NULL)


def variables(core: Core) -> Iterator[str]:
    """The names that an expression uses."""
    match core:
        case Var(name):
            yield name
        case GetField(base):
            yield from variables(base)
        case GetItem(base, index):
            yield from variables(base)
            yield from variables(index)
        case Apply(arguments=parts) | MakeList(items=parts):
            for part in parts:
                yield from variables(part)
        case MakeRecord(fields=entries) | MakeMap(entries=entries):
            for _, part in entries:
                yield from variables(part)


def _same(left: Type, right: Type) -> bool:
    """Whether equal values of the two types can be found: one type, null and which texts are allowed apart."""
    left = left.inner if isinstance(left, Optional) else left
    right = right.inner if isinstance(right, Optional) else right
    texts = (STR, *(type for type in (left, right) if isinstance(type, Choice)))
    return left == right or UNKNOWN in (left, right) or (left in texts and right in texts)
