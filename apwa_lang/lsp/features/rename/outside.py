"""What bears a name where no edit of a program reaches.

In: a program and the declarations that are renamed. Out: a line for each file of data, query and Python function that
knows one of them by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.semantics.program import Fixture, Program, PythonBody, ReadSource, SqlSource, Task, Tool, TorchBody
from apwa_lang.semantics.types import RecordType, Type, Union, parts
from apwa_lang.semantics.uses import Declaration

Renamed = frozenset[Declaration]


def outside(program: Program, renamed: Renamed) -> Iterator[str]:
    """What else must be changed by hand."""
    for table in program.tables.values():
        match table.source:
            case ReadSource(path=path):
                for name in _named(table.record, renamed):
                    yield f"`{name}` is what the data in `{path}` calls it"
            case SqlSource(query=query, tables=read):
                words = {word.lower() for word in re.findall(r"\w+", query)}
                records = [table.record, *(program.tables[name].record for name in read if name in program.tables)]
                for name in (name for record in records for name in _named(record, renamed)):
                    if name.lower() in words:
                        yield f"`{name}` is what the query of `{table.name}` calls it"
            case _:
                pass
    owners: list[Task | Tool] = [*program.tasks.values(), *program.tools.values()]
    for owner in owners:
        yield from _of_python(owner, renamed)
    for split in program.splits.values():
        if split.function is not None:
            for name in _named(program.tables[split.table].record, renamed) if split.table in program.tables else ():
                yield f"`{name}` is what `{split.function.target}` calls it"
    for test in program.tests:
        for statement in test.statements:
            if isinstance(statement, Fixture):
                for name in _named(statement.type, renamed):
                    yield f"`{name}` is what the data in `{statement.path}` calls it"


def _of_python(owner: Task | Tool, renamed: Renamed) -> Iterator[str]:
    """What the Python function of a task or tool knows by name: parameters, and fields of what it gets and gives."""
    target = owner.target if isinstance(owner, Tool) else None
    by_name = True
    if isinstance(owner, Task) and isinstance(owner.body, PythonBody | TorchBody):
        target = owner.body.target
        by_name = isinstance(owner.body, PythonBody) and owner.batch is None
    if target is None:
        return
    for declaration in renamed:
        if by_name and declaration.kind == "argument" and declaration.owner == owner.name:
            yield f"`{declaration.name}` is what `{target}` calls it"
    for type in (*(type for _, type in owner.parameters), owner.result):
        for name in _named(type, renamed):
            yield f"`{name}` is what `{target}` may call it"


def _named(type: Type, renamed: Renamed) -> Iterator[str]:
    """The renamed fields in a type, and the renamed records that rows of a union name as their kind."""
    pending: list[Type] = [type]
    seen: set[int] = set()
    while pending:
        part = pending.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, RecordType):
            yield from (field.name for field in part.fields if field.declared in renamed)
        if isinstance(part, Union):
            yield from (member.name for member in part.members if member.declared in renamed)
        pending.extend(parts(part))
