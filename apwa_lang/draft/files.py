"""Which files a draft shows to a model.

In: a program that a model wrote, and the tables that its caller offered. Out: the tasks whose prompts may show a file
that is in none of them. A prompt shows what a path leads to, so where the path comes from is followed back to a table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from apwa_lang.semantics.annotations import FILE_RECORD
from apwa_lang.semantics.core import GetField, Var
from apwa_lang.semantics.program import (
    CallOnce,
    FilesSource,
    Flow,
    Limit,
    Map,
    Program,
    PromptBody,
    Reduce,
    Shown,
    Sort,
    Step,
    Task,
    UnionAll,
    Where,
)

_WHOLE = Var("@")


def strays(program: Program, tables: Collection[str]) -> Iterator[Task]:
    """The tasks that may show other files than those of the ``files`` tables among ``tables``."""
    for task in program.tasks.values():
        if not isinstance(task.body, PromptBody):
            continue
        templates = (task.body.template, *([task.body.system] if task.body.system else []))
        shown = [one for template in templates for one in template.shows]
        if shown and not (all(_is_path(one, task) for one in shown) and _is_given_rows(task, program, tables)):
            yield task


def _is_path(shown: Shown, task: Task) -> bool:
    """Whether what is shown is the path of a parameter that is a row of a ``files`` table."""
    match shown.hole.value:
        case GetField(Var(name), "path"):
            return dict(task.parameters).get(name) == FILE_RECORD
    return False


def _is_given_rows(task: Task, program: Program, tables: Collection[str]) -> bool:
    """Whether the task is handed whole rows of given tables, and nothing else, wherever it is used."""
    for flow in program.flows.values():
        splits = {**program.splits, **{split.name: split for split in flow.splits}}
        for step in flow.steps:
            match step.operation:
                case Map(task=task.name, split=name, arguments=arguments):
                    split = splits[name]
                    whole = split.rule in ("row", "file") and all(value == _WHOLE for _, value in arguments)
                    if not whole or not _is_given(split.table, flow, program, tables):
                        return False
                case Reduce(task=task.name) | CallOnce(task=task.name):
                    return False
    return True


def _is_given(name: str, flow: Flow, program: Program, tables: Collection[str]) -> bool:
    """Whether all rows of a table are rows of given ``files`` tables."""
    steps: dict[str, Step] = {step.name: step for step in flow.steps}
    pending, seen = [name], set[str]()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in steps:
            if name not in tables or not isinstance(program.tables[name].source, FilesSource):
                return False
            continue
        match steps[name].operation:
            case Where(table=table) | Sort(table=table) | Limit(table=table):
                pending.append(table)
            case UnionAll(tables=some):
                pending += some
            case _:
                return False
    return True
