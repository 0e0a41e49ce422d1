"""Names that are no expression: of tables, splits, tasks and fields in the statements of a flow.

In: a place where the parser wants such a name. Out: items, of what the words before the name say it is of; what fits
the rest of the statement comes first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from apwa_lang.lsp.context.around import Around
from apwa_lang.lsp.context.place import Place, tokens_behind
from apwa_lang.lsp.context.scopes import mapped, reach_at, record_of, splits_at, table_behind
from apwa_lang.lsp.features.completion import names
from apwa_lang.lsp.features.completion.item import LIKELY, USUAL, Item, of_field
from apwa_lang.semantics.maps import keepable
from apwa_lang.semantics.program import Split
from apwa_lang.semantics.reach import Reach
from apwa_lang.semantics.tasks import Signature
from apwa_lang.semantics.types import Field, RecordType, assignable
from apwa_lang.syntax import nodes as ast


def reference(place: Place, around: Around) -> Iterator[Item]:
    """The names that may stand at the place and are not listed before it."""
    listed = place.parts[-2].value if place.before() == "," and place.before(2) == "_names" else ()
    given = {name.text for name in listed if isinstance(name, ast.Name)}
    return (item for item in _reference(place, around) if item.label not in given)


def _reference(place: Place, around: Around) -> Iterator[Item]:
    """A name that is no expression: what it is of, the words before it say."""
    word, prefix = _governing(place), place.qualifier
    if prefix is not None:
        kinds = {"map": "task", "reduce": "task", "over": "split", "mock": "model", "when": "model"}.get(word, "table")
        yield from names.members(prefix.text, around, kinds, "table")
        return
    reach = reach_at(place, around)
    match word:
        case "map":
            yield from _fitting_tasks(place, around, reach)
            yield from names.prefixes(around, "task")
        case "reduce":
            yield from names.declared(around, "task")
            written = table_behind(place, "over")
            for name in [written] if written is not None else _local_tables(reach, place):
                yield from names.fields(record_of(name, reach))
        case "over" if any(part.symbol == "reduce" for part in place.parts[-4:]):
            yield from names.tables(reach, around)
        case "over":
            yield from _fitting_splits(place, around, reach)
        case "keep":
            yield from _kept(place, around, reach)
        case "group" | "sort by":
            yield from names.fields(record_of(_table_before(place), reach))
        case "on":
            yield from _common(place, reach)
        case "mock":
            yield from names.declared(around, "model")
        case "after":
            yield from names.tables(reach, around)
        case _:
            yield from names.tables(reach, around)


def _governing(place: Place) -> str:
    """The word that says what a name is of: the one before it, or before the list that it is in."""
    back = 3 if place.before() == "," and place.before(2) in ("_names", "_tables") else 1
    word = place.before(back)
    if back == 3 and place.before(2) == "_tables":
        return "union"
    if word == "by" and place.before(back + 1) == "sort":
        return "sort by"
    return word


def _table_before(place: Place) -> ast.Name | None:
    """The table of the statement: that before `sort`, or behind `over`."""
    parts = place.parts
    for index in range(len(parts) - 1, 0, -1):
        if parts[index].symbol in ("sort", "over"):
            value = parts[index - 1 if parts[index].symbol == "sort" else index + 1].value
            return value if isinstance(value, ast.Name) else None
    return None


def _kept(place: Place, around: Around, reach: Reach) -> Iterator[Item]:
    parts = place.parts
    at = max((index for index, part in enumerate(parts) if part.symbol == "over"), default=-1)
    name = getattr(parts[at + 1].value, "text", "") if 0 <= at < len(parts) - 1 else ""
    split = splits_at(reach).get(name)
    result = _result(place, at, around)
    for found in [split] if split is not None else mapped(place, reach):
        for key, kept in keepable(found).items():
            if kept is not None and (result is None or result.field(key) is None):
                yield of_field(Field(key, kept[1].type, description=kept[1].description))


def _result(place: Place, over: int, around: Around) -> RecordType | None:
    """The record of the task that is mapped; ``over`` is the part behind it, or behind its arguments."""
    called = next((part.value for part in reversed(place.parts[:over]) if part.symbol == "dotted"), None)
    signature = around.signature(called.text) if isinstance(called, ast.Name) else None
    return signature.result if signature is not None and isinstance(signature.result, RecordType) else None


def _fits(signature: Signature | None, split: Split) -> bool:
    """Whether a task can be given the sub-problems of a split as they are."""
    types = [type for _, type in signature.parameters] if signature is not None else []
    return len(types) == 1 and assignable(split.subproblem, types[0])


def _fitting_tasks(place: Place, around: Around, reach: Reach) -> Iterator[Item]:
    """Tasks; where the split is written and nothing is called by its fields, those first that take it as it is."""
    behind = tokens_behind(place)
    found = mapped(place, reach) if behind[:1] == ["over"] else []
    for item in names.declared(around, "task"):
        fits = not found or any(_fits(around.signature(item.label), split) for split in found)
        yield item if fits else replace(item, rank=USUAL)


def _fitting_splits(place: Place, around: Around, reach: Reach) -> Iterator[Item]:
    """Splits; where no arguments are named, those first whose sub-problems the task takes as they are."""
    task = place.parts[-2].value if place.before(3) == "map" and len(place.parts) > 2 else None
    signature = around.signature(task.text) if isinstance(task, ast.Name) else None
    known = splits_at(reach)
    for item in names.splits(reach):
        fits = item.label in known and _fits(signature, known[item.label])
        yield replace(item, rank=LIKELY if fits else USUAL) if signature is not None else item


def _common(place: Place, reach: Reach) -> Iterator[Item]:
    """The fields that both sides of a `join` have."""
    at = max((index for index, part in enumerate(place.parts) if part.symbol == "join"), default=0)
    sides = [place.parts[index].value for index in (at - 1, at + 1) if 0 < index < len(place.parts)]
    records = [record_of(side, reach) for side in sides if isinstance(side, ast.Name)]
    if len(records) == 2 and records[0] is not None and records[1] is not None:
        yield from (of_field(field) for field in records[0].fields if records[1].field(field.name) is not None)


def _local_tables(reach: Reach, place: Place) -> list[ast.Name]:
    """The results of the flow, the latest first."""
    return [ast.Name(place.word, text) for text in reversed(reach.locals)]
