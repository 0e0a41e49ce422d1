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
    PromptBody,
    Reduce,
    Task,
)
from apwa_lang.semantics.relations import variables
from apwa_lang.semantics.types import AUDIO, IMAGE, Type, parts

TASKS: tuple[tuple[str, Callable[[Task], bool]], ...] = (
    ("`reduces`", lambda task: any(effect.kind == "reduce" for effect in task.effects)),
    ("a tree of files (`**`)", lambda task: any(_is_tree(effect) for effect in task.effects)),
    ("an image or audio in a prompt", lambda task: isinstance(task.body, PromptBody) and _shows_media(task)),
)


def not_lowered(program: Program) -> tuple[Diagnostic, ...]:
    """A warning for each declaration or statement that this release does not run."""
    from apwa_lang.diagnostics.codes import lowering

    found: list[Diagnostic] = []
    for task in program.tasks.values():
        found.extend(lowering.not_lowered(task.span, what) for what, used in TASKS if used(task))
    for tool in program.tools.values():
        if tool.mcp is not None:
            found.append(lowering.not_lowered(tool.span, "a tool of an MCP server"))
        elif any(effect.kind == "write" for effect in tool.effects):
            found.append(lowering.not_lowered(tool.span, "a tool that writes files"))
    for flow in program.flows.values():
        found.extend(_folds(flow, program))
    return tuple(found)


def _folds(flow: Flow, program: Program) -> Iterator[Diagnostic]:
    from apwa_lang.diagnostics.codes import lowering

    for step in flow.steps:
        match step.operation:
            case Reduce(task=str(name), strategy="fold") if name in program.tasks:
                task = program.tasks[name]
                arguments = {argument for argument, _ in task.parameters}
                if any(arguments & set(variables(core)) for _, core in task.resources):
                    what = "a fold by a task whose resources differ by sub-problem"
                    yield lowering.not_lowered(step.span, what)


def _is_tree(effect: Effect) -> bool:
    return effect.kind in ("read", "write") and effect.tree


def _shows_media(task: Task) -> bool:
    return any(_holds_media(type) for _, type in task.parameters)


def _holds_media(type: Type) -> bool:
    return type in (IMAGE, AUDIO) or any(_holds_media(part) for part in parts(type))
