"""Sub-problems carry what their calls read, not whole rows.

In: a plan. Out: the plan in which the records inside a sub-problem (``row`` of a text rule, ``left`` and ``right`` of
``cross``, the items of ``rows``) keep only the fields that arguments, ``keep`` and identity name. A text of a million
characters then travels once, in pieces, not once with every piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from apwa_compiler.plan import Map, Plan, Step
from apwa_lang.semantics.core import Apply, Const, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.types import ListOf, RecordType, Type

Path = tuple[str, ...]


def narrow(plan: Plan) -> Plan:
    """Narrow the sub-problem of every map."""
    return replace(plan, steps=tuple(map(_step, plan.steps)))


def _step(step: Step) -> Step:
    operation = step.operation
    if not isinstance(operation, Map) or operation.split.rule in ("row", "file"):
        return step
    used = {path for _, core in (*operation.arguments, *operation.keep) for path in _paths(core)}
    if ("@",) in used:
        return step
    used |= {tuple(name.split(".")) for name in operation.split.identity}
    read = {path[0] for path in used}
    fields = tuple(
        replace(field, type=_narrowed(field.type, {path[1:] for path in used if path[0] == field.name}))
        for field in operation.split.subproblem.fields
        if field.name in read
    )
    if not fields:
        return step
    subproblem = replace(operation.split.subproblem, fields=fields)
    return replace(step, operation=replace(operation, split=replace(operation.split, subproblem=subproblem)))


def _narrowed(type: Type, used: set[Path]) -> Type:
    """``type`` without the fields that no path of ``used`` goes through; the empty path asks for all of it."""
    match type:
        case _ if () in used:
            return type
        case ListOf(RecordType() as record):
            return ListOf(_narrowed(record, used))
        case RecordType(fields=fields):
            return replace(type, fields=tuple(field for field in fields if any(path[0] == field.name for path in used)))
        case _:
            return type


def _paths(core: Core) -> Iterator[Path]:
    """Every chain of names that an expression reads from the sub-problem."""
    match core:
        case Var(name):
            yield (name,)
        case GetField(base, field):
            chain = _chain(base)
            if chain is None:
                yield from _paths(base)
            else:
                yield (*chain, field)
        case GetItem(base, index):
            yield from _paths(base)
            yield from _paths(index)
        case Apply(arguments=parts) | MakeList(items=parts):
            for part in parts:
                yield from _paths(part)
        case MakeRecord(fields=entries) | MakeMap(entries=entries):
            for _, part in entries:
                yield from _paths(part)
        case Const():
            return


def _chain(core: Core) -> Path | None:
    match core:
        case Var(name):
            return (name,)
        case GetField(base, field) if (chain := _chain(base)) is not None:
            return (*chain, field)
        case _:
            return None
