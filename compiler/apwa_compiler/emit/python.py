"""A plan as a stand-alone Python program.

In: a plan. Out: the text of a program that builds the same plan and runs it, to be read, changed and kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from importlib.resources import files
from pathlib import PurePath
from types import ModuleType

from jinja2 import Environment, StrictUndefined

from apwa_compiler import plan as ir
from apwa_compiler.emit.expressions import Names, parts, source
from apwa_compiler.plan import Plan
from apwa_lang.semantics import core, types


def python(plan: Plan, file: str = "program.py") -> str:
    """The program's text; ``file`` is the name that its docstring calls it by."""
    names = Names()
    names.collect(plan)
    texts = {
        "records": list(names.definitions()),
        "models": source(plan.models, names, len("MODELS = ")),
        "tasks": source(plan.tasks, names, len("TASKS = ")),
        "steps": source(plan.steps, names, len("STEPS = ")),
        "plan_text": _plan(plan, names),
    }
    classes = set(_classes(plan))
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
    environment.filters["tojson_text"] = _comment
    template = environment.from_string(files(__package__).joinpath("program.py.j2").read_text(encoding="utf-8"))
    return template.render(
        plan=plan,
        program=_comment_text(PurePath(plan.program).name),
        file=file,
        imports=sorted(cls.__name__ for cls in classes if cls.__module__ == ir.__name__),
        modules=[module.__name__.rpartition(".")[2] for module in (core, types) if _any_of(module, classes)],
        **texts,
    )


def _classes(value: object) -> Iterator[type]:
    """The dataclasses of everything in ``value``."""
    if is_dataclass(value):
        yield type(value)
    for part in parts(value):
        yield from _classes(part)


def _any_of(module: ModuleType, classes: Iterable[type]) -> bool:
    return any(cls.__module__ == module.__name__ for cls in classes)


def _plan(plan: Plan, names: Names) -> str:
    """The plan itself, which names the parts defined above it."""
    named = {"models": "MODELS", "tasks": "TASKS", "steps": "STEPS"}
    lines = []
    for field in fields(plan):
        value = getattr(plan, field.name)
        text = named[field.name] if field.name in named and value else source(value, names, len(field.name) + 6, 4)
        lines.append(f"    {field.name}={text},\n")
    return "Plan(\n" + "".join(lines) + ")"


def _comment(value: object) -> str:
    return _comment_text(json.dumps(value, ensure_ascii=False))


def _comment_text(text: str) -> str:
    """Text that cannot end the docstring it stands in."""
    return text.replace("\\", "/").replace('"""', "'''")
