"""A GPU that a body cannot use (APWA580)."""

from __future__ import annotations

import ast as python
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from apwa_lang.diagnostics.model import Diagnostic, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.edits import removal, removal_of_item
from apwa_lang.lint.examples import of_sizes
from apwa_lang.lint.paid import is_server
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting
from apwa_lang.semantics.program import (
    Model,
    PromptBody,
    PythonBody,
    ReturnBody,
    Task,
)
from apwa_lang.syntax import nodes as ast

GPU_NOT_USED = register(
    "APWA580",
    "a GPU that is asked for and not used",
    severity=Severity.WARNING,
    explanation="""
A `return`, a prompt to a server, and a Python function that imports the standard library and NumPy alone, run without a
GPU whatever the worker has. Asked for all the same, it keeps the task off all other workers, and blocks the GPU for
those that need it.
""",
    fix="Remove `gpu` from `resources`.",
    bad=of_sizes("resources: { gpu: 1, memory: 1GiB }"),
    good=of_sizes("resources: { memory: 1GiB }"),
)


@rule(GPU_NOT_USED)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each `gpu` in the resources of a `return`, a prompt to servers or a function without a library for it."""
    for node, task in subject.tasks:
        place = setting(node, "resources")
        if place is None or not isinstance(place.value, ast.RecordLiteral):
            continue
        entry = next((entry for entry in place.value.entries if entry.key.text == "gpu"), None)
        if entry is None or (isinstance(entry.value, ast.IntLiteral) and entry.value.value == 0):
            continue
        match task.body:
            case ReturnBody():
                why = "a `return` is worked out on the CPU"
            case PromptBody(models=names) if all(is_server(one) for one in _models(names, subject)) and names:
                why = "the model runs on its server"
            case PythonBody() if _knows_no_gpu(task, subject):
                why = "nothing that it imports knows one"
            case _:
                continue
        edit = removal(place.span) if len(place.value.entries) == 1 else removal_of_item(entry.span)
        yield GPU_NOT_USED.at(
            entry.span,
            f"`{task.name}` asks for a GPU, and {why}",
            "not used",
            help="remove it",
            fix=Fix("remove `gpu`", (edit,)),
        )


def _models(names: Iterable[str], subject: Subject) -> list[Model]:
    return [subject.program.models[name] for name in names if name in subject.program.models]


def _knows_no_gpu(task: Task, subject: Subject) -> bool:
    """Whether all that the functions of a task import is known, and is no library that could use a GPU."""
    for body, found in subject.bodies.functions_of(task):
        if found.missing is not None or any(effect.kind in ("PROC", "UNKNOWN") for effect in found.effects):
            return False
        own = {Path(path).parts[0].removesuffix(".py") for path, _ in found.sources}
        for path, _ in found.sources:
            if not _imports(body.base / path) <= own | _WITHOUT_GPU:
                return False
    return True


_WITHOUT_GPU = sys.stdlib_module_names | {"numpy", "pydantic"}


def _imports(file: Path) -> set[str]:
    """The top-level modules that a file imports."""
    try:
        tree = python.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {"?"}
    found: set[str] = set()
    for node in python.walk(tree):
        if isinstance(node, python.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, python.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found
