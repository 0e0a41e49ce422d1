"""``reduce``: merging rows by a task, and aggregates of a field.

In: the relation as written and what the flow has made so far. Out: the operation and the record of its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from apwa_lang.diagnostics.codes import relations as codes
from apwa_lang.semantics.attributes import is_keyable
from apwa_lang.semantics.forms import Form
from apwa_lang.semantics.program import Reduce
from apwa_lang.semantics.reach import Reach
from apwa_lang.semantics.relations import NOTHING, ORDERED, Made, groupable, named_fields
from apwa_lang.semantics.settings import literal
from apwa_lang.semantics.shapes import keyed, row_record, without_keys
from apwa_lang.semantics.splits import Rows
from apwa_lang.semantics.tasks import Signature
from apwa_lang.semantics.types import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    STR,
    UNKNOWN,
    Choice,
    Field,
    ListOf,
    Optional,
    RecordType,
    Type,
    assignable,
)
from apwa_lang.syntax import nodes as ast

FORMS: Mapping[str, Form] = {
    "tree": Form("tree(8)", "The task merges `n` rows, then what it made of them, level by level.", ("n",), ("n",)),
    "fold": Form("fold", "The task merges two rows, then what it made with the next row, one after the other."),
    "sum": Form("sum", "The sum of the field."),
    "min": Form("min", "The least value of the field."),
    "max": Form("max", "The greatest value of the field."),
    "concat": Form("concat", "The texts or lists of the field, one after the other."),
    "count": Form("count", "The number of rows."),
}
"""The strategies of `reduce`."""
BY_TASK = ("tree", "fold")
BY_FIELD = ("sum", "min", "max", "concat", "count")
USUAL_ARITY = 8

_COUNT = Field("count", INT)


def reduce(node: ast.ReduceRelation, name: str, reach: Reach) -> Made:
    """``reduce f over t by tree(8) group fields``."""
    rows = reach.rows(node.table)
    strategy = node.strategy.name.text if node.strategy is not None else "tree"
    report = reach.file.report
    if node.strategy is not None and strategy not in (*BY_TASK, *BY_FIELD):
        report(codes.unknown_strategy(node.strategy.name, (*BY_TASK, *BY_FIELD)))
        return NOTHING
    arity = _arity(node.strategy, reach)
    if node.function is None and strategy != "count":
        what = "a task" if strategy in BY_TASK else "a field"
        report(codes.strategy_missing(node.span, what, strategy if node.strategy else None))
        return NOTHING
    if rows is None or rows.record is None:
        symbol = reach.file.names.lookup(node.function.text) if node.function is not None else None
        if node.function is not None and symbol is not None and strategy in BY_TASK:
            reach.file.names.refer(node.function, symbol)
        return NOTHING
    group = _group(node, rows, reach)
    if strategy in BY_FIELD:
        return _aggregate(node, name, strategy, rows, group, reach)
    return _merge(node, name, strategy, rows, group, arity, reach)


def _arity(strategy: ast.Rule | None, reach: Reach) -> int:
    """The ``n`` of ``tree(n)``; arguments that a strategy does not take are reported."""
    if strategy is None or not strategy.arguments:
        return USUAL_ARITY
    name = strategy.name.text
    argument, *more = strategy.arguments
    value = literal(argument.value)
    unnamed = argument.name is None or argument.name.text == "n"
    if (
        name == "tree"
        and not more
        and unnamed
        and isinstance(value, int)
        and not isinstance(value, bool)
        and value >= 2
    ):
        return value
    if not isinstance(argument.value, ast.ErrorExpr):
        reach.file.report(codes.strategy_arguments(strategy.span, name, FORMS[name].syntax))
    return USUAL_ARITY


def _group(node: ast.ReduceRelation, rows: Rows, reach: Reach) -> tuple[Field, ...] | None:
    """The fields to group by; None where one cannot be."""
    found = []
    for name, field in named_fields(node.group, rows, reach):
        if groupable(field.type):
            found.append(replace(field, key=False, unique=False, default=None))
        else:
            reach.file.report(codes.field_unfit(name, str(field.type), "`group`", rows.span))
    return tuple(found) if len(found) == len(node.group) else None


def _grouped(
    name: str, group: tuple[Field, ...], fields: tuple[Field, ...], what: str, node: ast.ReduceRelation, reach: Reach
) -> RecordType | None:
    """The record of one row for each group; None, reported, when a name would stand for two fields."""
    taken = {field.name for field in fields}
    clash = next((each for each in node.group if each.text in taken), None)
    if clash is not None:
        reach.file.report(codes.group_clash(clash, what))
        return None
    keys = tuple(field.name for field in group) if all(is_keyable(field.type) for field in group) else ()
    return RecordType(f"<{name}>", keyed((*group, *without_keys(fields)), keys))


def _aggregate(
    node: ast.ReduceRelation, name: str, how: str, rows: Rows, group: tuple[Field, ...] | None, reach: Reach
) -> Made:
    field = None
    if node.function is not None:
        field = next((field for _, field in named_fields((node.function,), rows, reach)), None)
        if field is None:
            return NOTHING
    result: Type = INT
    if how != "count" and field is not None and node.function is not None:
        aggregated = _aggregated(how, field.type)
        if aggregated is None:
            assert node.strategy is not None and rows.record is not None
            strategy = node.strategy.name
            ways = [way for way in BY_FIELD if way == "count" or _aggregated(way, field.type) is not None]
            fields = [each.name for each in rows.record.fields if _aggregated(how, each.type) not in (None, UNKNOWN)]
            reach.file.report(codes.field_unfit_for(node.function, str(field.type), strategy, ways, fields, rows.span))
            return NOTHING
        empty = how in ("min", "max") and not node.group and aggregated != UNKNOWN
        result = Optional(aggregated) if empty else aggregated
    made = replace(_COUNT, type=result)
    if field is not None and how != "count":
        made = Field(field.name, result, declared=field.declared)
    if group is None:
        return NOTHING
    record = _grouped(name, group, (made,), f"the `{how}`", node, reach)
    if record is None:
        return NOTHING
    names = tuple(each.name for each in group)
    return Made(Reduce(rows.name, how, None, field.name if field else None, None, names), record, (rows,))


def _aggregated(how: str, type: Type) -> Type | None:
    """The type of an aggregate of values of ``type``; None where there is none."""
    if type == UNKNOWN:
        return UNKNOWN
    if how == "sum":
        return type if type in (INT, FLOAT, DURATION) else None
    if how == "concat":
        return STR if type == STR or isinstance(type, Choice) else type if isinstance(type, ListOf) else None
    return type if (type in ORDERED and type != BOOL) or isinstance(type, Choice) else None


def _merge(
    node: ast.ReduceRelation,
    name: str,
    how: str,
    rows: Rows,
    group: tuple[Field, ...] | None,
    arity: int,
    reach: Reach,
) -> Made:
    assert node.function is not None and rows.record is not None
    symbol = reach.file.names.lookup(node.function.text)
    if (
        node.strategy is None
        and rows.record.field(node.function.text) is not None
        and (symbol is None or symbol.kind != "task")
    ):
        reach.file.report(codes.strategy_missing(node.span, "a way", None))
        return NOTHING
    symbol = reach.file.names.find(node.function, "task")
    signature = reach.world.signatures.get(symbol.name) if symbol else None
    if signature is None:
        return NOTHING
    result = row_record(signature.result)
    if not _can_merge(node.function, how, signature, rows, reach) or group is None or result is None:
        return Made(record=None if node.group else result)
    record: RecordType | None = result
    if group:
        record = _grouped(name, group, result.fields, f"a field of `{signature.result}`", node, reach)
        if record is None:
            return NOTHING
    names = tuple(each.name for each in group)
    operation = Reduce(rows.name, how, signature.name, None, arity if how == "tree" else None, names)
    return Made(operation, record, (rows,))


def _can_merge(function: ast.Name, how: str, signature: Signature, rows: Rows, reach: Reach) -> bool:
    """Whether a task merges these rows, and its results again; reports why not."""
    assert rows.record is not None
    report, record = reach.file.report, str(rows.record)
    wanted = [type for _, type in signature.parameters]
    parts = _parts(wanted, how)
    if wanted == [UNKNOWN]:
        return False
    if not parts:
        report(codes.reducer_parameters(function, how, record, signature.span, _mergers(rows, how, reach)))
        return False
    for part in parts:
        if not assignable(rows.record, part):
            others = _mergers(rows, how, reach)
            report(codes.reducer_rows(function, record, str(part), signature.span, rows.span, others))
            return False
    for part in parts:
        reach.file.uses.tie(rows.record, part)
    reach.file.uses.tie(signature.result, parts[0])
    if not assignable(signature.result, parts[0]):
        report(codes.reducer_result(function, str(signature.result), str(parts[0]), signature.span))
        return False
    return True


def _mergers(rows: Rows, how: str, reach: Reach) -> list[str]:
    """The tasks that merge these rows."""
    found = []
    for text in reach.file.names.known("task"):
        symbol = reach.file.names.lookup(text)
        signature = reach.world.signatures.get(symbol.name) if symbol is not None else None
        if signature is None or rows.record is None:
            continue
        parts = _parts([type for _, type in signature.parameters], how)
        if parts and all(assignable(rows.record, part) and assignable(signature.result, part) for part in parts):
            found.append(text)
    return found


def _parts(wanted: list[Type], how: str) -> list[Type]:
    """What a task with these parameters merges; nothing where it does not merge."""
    if len(wanted) == 1 and isinstance(wanted[0], ListOf):
        return [wanted[0].item]
    return wanted if len(wanted) == 2 and how == "fold" else []
