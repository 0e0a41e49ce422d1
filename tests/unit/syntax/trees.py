"""What the tests of the parser share."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.syntax.nodes import Module, Node
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source, Span

ROOT = Path(__file__).parents[3]
WHOLE = Path(__file__).with_name("whole.apwa")


def programs() -> list[Path]:
    """The whole program of the language page, and every example."""
    return [WHOLE, *sorted(ROOT.glob("examples/*/[!.]*.apwa"))]


def read(text: str) -> Module:
    """Parse text that is right."""
    module, problems = parse(Source(text))
    assert problems == (), [problem.message for problem in problems]
    return module


def problems(text: str) -> list[str]:
    """Each problem as ``code line:column message``."""
    return [describe(problem) for problem in parse(Source(text))[1]]


def describe(problem: Diagnostic) -> str:
    span = problem.primary.span
    return f"{problem.code} {span.line}:{span.column} {problem.message}"


def nodes(value: Any) -> Iterator[Node]:
    """Every node below a value, in no particular order and without recursion."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(item)
        elif isinstance(item, Node | Module):
            if isinstance(item, Node):
                yield item
            pending.extend(getattr(item, field.name) for field in dataclasses.fields(item))


def check_sound(text: str) -> Module:
    """Parse anything: the tree and the diagnostics must lie inside the text."""
    source = Source(text)
    module, found = parse(source)

    def inside(span: Span) -> None:
        assert span.source is source
        assert 0 <= span.start <= span.end <= len(text)

    for node in nodes(module):
        inside(node.span)
    for problem in found:
        inside(problem.primary.span)
        for label in problem.secondary:
            inside(label.span)
        for edit in problem.fix.edits if problem.fix else ():
            inside(edit.span)
    return module


def names(module: Module) -> list[str]:
    """The names of the declarations."""
    return [
        getattr(item.name, "text", None) or item.name.value for item in module.declarations if hasattr(item, "name")
    ]
