"""A compiled plan in another folder than the one that it was compiled in.

In: a plan and a folder. Out: the plan with every path below its own folder moved to that one.
"""

from __future__ import annotations

from dataclasses import replace

from apwa_compiler.plan import FilesSource, Map, Plan, Python, ReadSource, Save, Scan, Split, Step, Task


def rebased(plan: Plan, base: str) -> Plan:
    """``plan`` below ``base``; paths elsewhere and URLs stay as they are."""
    own = plan.base.rstrip("/")

    def moved(path: str) -> str:
        return base + path[len(own) :] if path == own or path.startswith(own + "/") else path

    def step(old: Step) -> Step:
        match old.operation:
            case Save(path=path) as save:
                return replace(old, operation=replace(save, path=moved(path)))
            case Map(split=Split(function=Python() as function) as split) as mapped:
                function = replace(function, base=moved(function.base))
                return replace(old, operation=replace(mapped, split=replace(split, function=function)))
            case Scan(ReadSource(path=path) as source):
                return replace(old, operation=Scan(replace(source, path=moved(path))))
            case Scan(FilesSource() as source):
                return replace(old, operation=Scan(replace(source, base=moved(source.base))))
            case _:
                return old

    def task(old: Task) -> Task:
        return old.with_functions(lambda body: replace(body, base=moved(body.base)))

    models = tuple(replace(model, base=moved(model.base)) for model in plan.models)
    return replace(
        plan, base=base, models=models, steps=tuple(map(step, plan.steps)), tasks=tuple(map(task, plan.tasks))
    )
