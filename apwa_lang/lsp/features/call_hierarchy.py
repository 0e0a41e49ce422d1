"""Which flows, tests and tasks call what.

In: a program and a task, tool, flow or test in it. Out: who calls it in the whole workspace, and what it calls, each
with the places of the calls. A task that gives its model a tool calls the tool.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from apwa_lang.lsp.features.names import identity, place, uses_of
from apwa_lang.lsp.workspace import Workspace
from apwa_lang.semantics.analysis import Analysis
from apwa_lang.semantics.uses import Declaration, Role, Uses
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span
from apwa_lang.syntax.walk import around

_CALLABLE = ("task", "tool", "flow")

Callable = ast.Task | ast.Tool | ast.Flow | ast.Test


@dataclass(frozen=True)
class Item:
    """A declaration that calls or is called: a ``task``, ``tool``, ``flow`` or ``test``. ``word`` is its name."""

    kind: str
    name: str
    detail: str
    extent: Span
    word: Span


@dataclass(frozen=True)
class Call:
    """Who calls, or what is called, and where that is written."""

    other: Item
    places: tuple[Span, ...]


@dataclass(frozen=True)
class Program:
    """The part of an analysis that calls are found in."""

    modules: tuple[ast.Module, ...]
    uses: Uses


def item_at(program: Program, offset: int) -> Item | None:
    """What can call or be called at a place of the program's root: by its name, or by a use of it."""
    source = program.modules[0].source
    for use in program.uses.all_at(source, offset):
        if use.declaration.kind in _CALLABLE:
            return _item_of(use.declaration, program)
    node = next((node for node in around(program.modules[0], offset)[:1] if isinstance(node, ast.Test)), None)
    return _item(node) if node is not None and node.name.span.start <= offset <= node.name.span.end else None


def incoming(program: Program, item: Item, workspace: Workspace) -> tuple[Call, ...]:
    """The calls of an item, by who makes them."""
    start = program.uses.all_at(item.word.source, item.word.start)
    called = [use.declaration for use in start if use.declaration.kind in _CALLABLE]
    if not called:
        return ()
    programs = [program, *map(of_analysis, workspace.analyses(item.name))]
    modules = {place(Span(each.source, 0, 0)): each for one in programs for each in one.modules}
    found: dict[Hashable, tuple[Item, list[Span]]] = {}
    for use in uses_of(called, (one.uses for one in programs)):
        caller = _around(modules[place(Span(use.span.source, 0, 0))], use.span)
        if use.role is not Role.DEFINITION and caller is not None:
            found.setdefault(place(caller.word), (caller, []))[1].append(use.span)
    return tuple(Call(caller, tuple(places)) for caller, places in found.values())


def outgoing(program: Program, item: Item) -> tuple[Call, ...]:
    """The calls that an item makes, by what is called."""
    found: dict[Hashable, tuple[Item, list[Span]]] = {}
    for use in program.uses.of_file(item.extent.source):
        inside = item.extent.start <= use.span.start and use.span.end <= item.extent.end
        if not inside or use.declaration.kind not in _CALLABLE or use.role is Role.DEFINITION:
            continue
        other = _item_of(use.declaration, program)
        if other is not None:
            found.setdefault(identity(use.declaration), (other, []))[1].append(use.span)
    return tuple(Call(other, tuple(places)) for other, places in found.values())


def of_analysis(analysis: Analysis) -> Program:
    """The program of an analysis."""
    return Program(analysis.modules, analysis.uses)


def _item_of(declaration: Declaration, program: Program) -> Item | None:
    span = declaration.span
    module = next((each for each in program.modules if span is not None and each.source is span.source), None)
    return None if module is None or span is None else _around(module, span)


def _around(module: ast.Module, span: Span) -> Item | None:
    return next(_items(around(module, span.start)[:1]), None)


def _items(nodes: Iterable[ast.Node]) -> Iterator[Item]:
    yield from (_item(node) for node in nodes if isinstance(node, Callable))


def _item(node: Callable) -> Item:
    if isinstance(node, ast.Test):
        return Item("test", node.name.value, "test", node.span, node.name.span)
    kind = type(node).__name__.lower()
    detail = kind
    if isinstance(node, ast.Task | ast.Tool) and node.result is not None:
        parameters = ", ".join(f"{each.name.text}: {each.type.span.text}" for each in node.parameters)
        detail = f"({parameters}) -> {node.result.span.text}"
    return Item(kind, node.name.text, detail, node.span, node.name.span)
