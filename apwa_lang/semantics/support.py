"""What this release checks and proves but does not run.

In: a typed program. Out: a warning for each use of such a construct. One table says which they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.semantics.program import (
    Effect,
    Flow,
    Program,
    Reduce,
    SqlSource,
    Task,
)
from apwa_lang.semantics.relations import variables

TASKS: tuple[tuple[str, Callable[[Task], bool]], ...] = (
    ("`reduces`", lambda task: any(effect.kind == "reduce" for effect in task.effects)),
    ("a tree of files (`**`)", lambda task: any(_is_tree(effect) for effect in task.effects)),
)


def not_lowered(program: Program) -> tuple[Diagnostic, ...]:
    """A warning for each declaration or statement that this release does not run."""
    from apwa_lang.diagnostics.codes import lowering

    found: list[Diagnostic] = []
    for task in program.tasks.values():
        found.extend(lowering.not_lowered(task.span, what) for what, used in TASKS if used(task))
    for tool in program.tools.values():
        if any(effect.kind == "write" for effect in tool.effects):
            found.append(lowering.not_lowered(tool.span, "a tool that writes files"))
        read = tool.builtin.tables if tool.builtin is not None else ()
        if any(isinstance(program.tables[name].source, SqlSource) for name in read if name in program.tables):
            found.append(lowering.not_lowered(tool.span, "a tool over a `sql` table"))
    for flow in program.flows.values():
        found.extend(_merges(flow, program))
    return tuple(found)


def _merges(flow: Flow, program: Program) -> Iterator[Diagnostic]:
    from apwa_lang.diagnostics.codes import lowering

    for step in flow.steps:
        match step.operation:
            case Reduce(task=str(name), strategy=strategy) if name in program.tasks:
                task = program.tasks[name]
                arguments = {argument for argument, _ in task.parameters}
                if strategy == "fold" and any(arguments & set(variables(core)) for _, core in task.resources):
                    what = "a fold by a task whose resources differ by sub-problem"
                    yield lowering.not_lowered(step.span, what)
                if any(effect.shown for effect in task.effects):
                    yield lowering.not_lowered(step.span, "a `reduce` by a task whose prompt shows files")


def _is_tree(effect: Effect) -> bool:
    return effect.kind in ("read", "write") and effect.tree
