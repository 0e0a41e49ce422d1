"""Tables that a flow reads from files: effects like any other.

In: a flow. Out: a step for each such table, before every step that works on its rows, and what that step reads. The
rest of the prover sees them as it sees the flow's own steps.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as FilePath

from apwa_lang.proofs.accesses import Access, Scope
from apwa_lang.proofs.bindings import Binding
from apwa_lang.proofs.paths import pattern_path
from apwa_lang.semantics.program import (
    CallOnce,
    Effect,
    FilesSource,
    Flow,
    Join,
    Last,
    Limit,
    Literal,
    Map,
    Program,
    ReadSource,
    Reduce,
    Save,
    Scan,
    Select,
    Sort,
    SqlSource,
    Step,
    Template,
    UnionAll,
    Until,
    Where,
)
from apwa_lang.semantics.relations import variables


def with_scans(program: Program, flow: Flow) -> Flow:
    """The flow with a first step for each table that it reads from files; ``depends`` names them too."""
    used = {step.name: tuple(dict.fromkeys(_tables(program, flow, step))) for step in flow.steps}
    names = dict.fromkeys(name for tables in used.values() for name in tables)
    scans = tuple(
        Step(scan_name(name), Scan(name), table.record, (), (), (), table.span)
        for name, table in program.tables.items()
        if name in names and isinstance(table.source, ReadSource | FilesSource)
    )
    made = {step.name for step in scans}
    steps = tuple(
        replace(
            step, depends=(*step.depends, *(name for table in used[step.name] if (name := scan_name(table)) in made))
        )
        for step in flow.steps
    )
    return replace(flow, steps=(*scans, *steps))


def scan_name(table: str) -> str:
    """What the step that reads a table is called. No statement of a flow can have this name."""
    return f"table {table}"


def scan(program: Program, step: Step, table: str) -> Access:
    """What the step that reads ``table`` touches."""
    source = program.tables[table].source
    assert isinstance(source, ReadSource | FilesSource)
    text = source.path if isinstance(source, ReadSource) else source.pattern
    effect = Effect("read", Template(text, frozenset(), (Literal(text, source.span),), source.span), False, source.span)
    path = pattern_path(_from_program(program, source.base, text))
    return Access(step, None, effect, path, Scope("once"), Binding(program, step.name))


def _from_program(program: Program, base: FilePath, text: str) -> str:
    """The path of a table, which is below the file that says it, as seen from the folder of the program."""
    file = program.source.file
    if file is None or "://" in text or text.startswith("/"):
        return text
    folder = os.path.relpath(base.resolve(), file.resolve().parent)
    return text if folder == "." else f"{folder}/{text}"


def _tables(program: Program, flow: Flow, step: Step) -> Iterator[str]:
    """The program's tables whose rows a step works on."""
    for name in _names(program, flow, step):
        table = program.tables.get(name)
        if table is not None and isinstance(table.source, SqlSource):
            yield from _sources(program, table.source, {name})
        elif table is not None:
            yield name


def _sources(program: Program, source: SqlSource, seen: set[str]) -> Iterator[str]:
    for name in source.tables:
        table = program.tables.get(name)
        if table is None or name in seen:
            continue
        if isinstance(table.source, SqlSource):
            yield from _sources(program, table.source, seen | {name})
        else:
            yield name


def _names(program: Program, flow: Flow, step: Step) -> Iterator[str]:
    made = {each.name for each in flow.steps}
    match step.operation:
        case Map(split=name):
            splits = {**program.splits, **{split.name: split for split in flow.splits}}
            if (split := splits.get(name)) is not None:
                others = (value for _, value in split.arguments if split.rule == "cross" and isinstance(value, str))
                yield from (table for table in (split.table, *others) if table not in made)
        case Reduce(table) | Where(table) | Select(table) | Sort(table) | Limit(table) | Save(table):
            yield from (name for name in (table,) if name not in made)
        case Join(left, right):
            yield from (name for name in (left, right) if name not in made)
        case UnionAll(tables) | Last(tables):
            yield from (name for name in tables if name not in made)
        case Until(condition):
            yield from (name for name in variables(condition) if name not in made)
        case CallOnce(arguments=given):
            yield from (name for _, core in given for name in variables(core) if name not in made)
