"""``map``: one call of a task for each sub-problem of a split.

In: the relation as written and what the flow has made so far. Out: the operation and the record of its rows: the task's
result, then the fields that are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from apwa_lang.diagnostics.codes import maps as codes
from apwa_lang.diagnostics.model import Edit
from apwa_lang.semantics.attributes import is_keyable
from apwa_lang.semantics.calls import check_arguments
from apwa_lang.semantics.core import Core, GetField, Var
from apwa_lang.semantics.program import Map, Split
from apwa_lang.semantics.reach import Reach
from apwa_lang.semantics.relations import Made, field_names, row_scope
from apwa_lang.semantics.shapes import renamed_keys, row_record, without_keys
from apwa_lang.semantics.splits import Rows
from apwa_lang.semantics.tasks import Signature
from apwa_lang.semantics.types import Field, RecordType, assignable
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

# A field of the sub-problem with the expression that reads it; None for a name that two fields share.
Keepable = dict[str, tuple[Core, Field] | None]

SUBPROBLEM = Var("@")


def map_over(node: ast.MapRelation, name: str, reach: Reach) -> Made:
    """``map f(arguments) over split keep fields``."""
    symbol = reach.file.names.find(node.task, "task")
    signature = reach.world.signatures.get(symbol.name) if symbol else None
    split = reach.split(node.split)
    if signature is None or split is None:
        return Made(record=None)
    arguments = _arguments(node, signature, split, reach)
    kept = _kept(node, split, reach)
    record = _record(node, name, signature, split, kept, reach)
    if arguments is None or len(kept) < len(node.keep):
        return Made(record=record)
    keep = tuple((each, core) for each, (core, _) in kept.items())
    return Made(
        Map(signature.name, split.name, arguments, keep),
        record,
        _inputs(split, reach),
        unkept=_unkept(node, split, kept),
    )


def _unkept(node: ast.MapRelation, split: Split, kept: Iterable[str]) -> dict[str, Edit]:
    source, end = node.span.source, node.keep[-1].span.end if node.keep else node.span.end
    before = ", " if node.keep else " keep "
    names = (name for name, found in keepable(split).items() if found is not None and name not in kept)
    return {name: Edit(Span(source, end, end), before + name) for name in names}


def _inputs(split: Split, reach: Reach) -> tuple[Rows, ...]:
    tables = [split.table, *(str(value) for name, value in split.arguments if name == "other")]
    return tuple(Rows(table, None, split.span) for table in tables)


def _arguments(
    node: ast.MapRelation, signature: Signature, split: Split, reach: Reach
) -> tuple[tuple[str, Core], ...] | None:
    if node.arguments is not None:
        inside = Span(node.span.source, node.task.span.end, node.split.span.start)
        scope = row_scope(split.subproblem, split.span, inside, reach)
        hidden = field_names(split.subproblem)
        return check_arguments(node.arguments, signature, node.task.span, scope, reach.file, hidden)
    report, names = reach.file.report, [name for name, _ in signature.parameters]
    fields = [field.name for field in split.subproblem.fields]
    if len(signature.parameters) != 1:
        report(codes.several_parameters(node.task.span, node.task.text, names, fields, signature.span))
        return None
    name, wanted = signature.parameters[0]
    if assignable(split.subproblem, wanted):
        reach.file.uses.tie(split.subproblem, wanted)
        return ((name, SUBPROBLEM),)
    parameter, found = ast.Name(signature.places[name], name), str(split.subproblem)
    report(codes.subproblem_type(node.task.span, parameter, str(wanted), found, fields, split.span))
    return None


def keepable(split: Split) -> Keepable:
    """What ``keep`` may name for the sub-problems of a split."""
    record = split.subproblem
    own: Keepable = {field.name: (Var(field.name), field) for field in record.fields}
    match split.rule:
        case "row" | "file":
            return own
        case "group":
            return {name: own[name] for name in split.identity}
        case "tokens" | "lines" | "pages":
            return {**_inside(record, "row"), "index": own["index"]}
        case "items":
            return {**_inside(record, "row"), "index": own["index"], "item": own["item"]}
        case "cross":
            left, right = _inside(record, "left"), _inside(record, "right")
            return {**left, **right, **dict.fromkeys(left.keys() & right.keys())}
        case _:
            return {"index": own["index"]}


def _inside(record: RecordType, side: str) -> Keepable:
    field = record.field(side)
    inner = field.type if field is not None else None
    if not isinstance(inner, RecordType):
        return {}
    return {each.name: (GetField(Var(side), each.name), each) for each in inner.fields}


def _kept(node: ast.MapRelation, split: Split, reach: Reach) -> dict[str, tuple[Core, Field]]:
    known = keepable(split)
    kept: dict[str, tuple[Core, Field]] = {}
    places: dict[str, Span] = {}
    for name in node.keep:
        if name.text not in known:
            reach.file.report(codes.keep_unknown(name, known, split.span))
        elif name.text in places:
            reach.file.report(codes.keep_repeated(name, places[name.text]))
        elif (found := known[name.text]) is None:
            reach.file.report(codes.keep_ambiguous(name, split.span))
        else:
            places[name.text] = name.span
            kept[name.text] = found
            field, uses = found[1], reach.file.uses
            uses.record(name.span, uses.of_field(field, split.subproblem), type=field.type)
    return kept


def _record(
    node: ast.MapRelation,
    name: str,
    signature: Signature,
    split: Split,
    kept: dict[str, tuple[Core, Field]],
    reach: Reach,
) -> RecordType | None:
    result = row_record(signature.result)
    if result is None or not kept:
        return result
    for each in node.keep:
        if each.text in kept and result.field(each.text) is not None:
            reach.file.report(codes.keep_clash(each, node.task.text, signature.span))
            return None
    identity = renamed_keys(split.identity, {each: core for each, (core, _) in kept.items()})
    keys = identity if all(is_keyable(kept[each][1].type) for each in identity) else ()
    by_row = split.rule in ("row", "file")
    added = (
        replace(field, name=each, key=each in keys, unique=field.unique and by_row, default=None)
        for each, (_, field) in kept.items()
    )
    fields = without_keys(result.fields) if keys else result.fields
    return RecordType(f"<{name}>", (*fields, *added))
