"""A compiled plan in another folder than the one that it was compiled in.

In: a plan and a folder. Out: the plan with every path below its own folder moved to that one.
"""

from __future__ import annotations

from dataclasses import replace

from apwa_compiler.plan import (
    Builtin,
    FilesSource,
    Map,
    Plan,
    Prompt,
    Python,
    ReadSource,
    Save,
    Scan,
    Source,
    Split,
    Step,
    Task,
    Tool,
)


def rebased(plan: Plan, base: str) -> Plan:
    """``plan`` below ``base``; paths elsewhere and URLs stay as they are."""
    own = plan.base.rstrip("/")

    def moved(path: str) -> str:
        return base + path[len(own) :] if path == own or path.startswith(own + "/") else path

    def source(old: Source) -> Source:
        match old:
            case ReadSource(path=path):
                return replace(old, path=moved(path))
            case FilesSource(base=base):
                return replace(old, base=moved(base))
            case _:
                return old

    def step(old: Step) -> Step:
        match old.operation:
            case Save(path=path) as save:
                return replace(old, operation=replace(save, path=moved(path)))
            case Map(split=Split(function=Python() as function) as split) as mapped:
                function = replace(function, base=moved(function.base))
                return replace(old, operation=replace(mapped, split=replace(split, function=function)))
            case Scan(read):
                return replace(old, operation=Scan(source(read)))
            case _:
                return old

    def tool(old: Tool) -> Tool:
        match old.body:
            case Builtin():
                return old
            case Task() as agent:
                return replace(old, body=task(agent))
            case body:
                return replace(old, body=replace(body, base=moved(body.base)))

    def task(old: Task) -> Task:
        match old.body:
            case Prompt(tools=tools) as prompt:
                moved_tools = replace(old, body=replace(prompt, tools=tuple(map(tool, tools))))
                return moved_tools.with_tables(lambda table: replace(table, source=source(table.source)))
            case _:
                return old.with_functions(lambda body: replace(body, base=moved(body.base)))

    models = tuple(replace(model, base=moved(model.base)) for model in plan.models)
    return replace(
        plan, base=base, models=models, steps=tuple(map(step, plan.steps)), tasks=tuple(map(task, plan.tasks))
    )
