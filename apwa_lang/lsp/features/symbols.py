"""What a file and a workspace declare.

In: a tree, or the files of a workspace and what a person typed. Out: symbols, those of a file with what they hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from apwa_lang.lsp.view import View
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source, Span

_MOST_FOUND = 500
"""A search that finds more has not been narrowed enough to be read."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """``kind`` is the word that declares it, or ``field``, ``setting``, ``step``; ``selection`` is its name."""

    name: str
    kind: str
    detail: str
    span: Span
    selection: Span
    children: tuple[Symbol, ...] = ()


def document_symbols(view: View) -> tuple[Symbol, ...]:
    """The symbols of an open file, nested, in order of place."""
    return _declared(view.module)


def workspace_symbols(sources: Iterable[Source], query: str) -> tuple[Symbol, ...]:
    """The declarations of files whose name holds the letters of ``query`` in their order, the nearest first."""
    found = (symbol for source in sources for symbol in _of_file(source))
    matching = [symbol for symbol in found if _matches(symbol.name, query)]
    return tuple(sorted(matching, key=lambda symbol: _distance(symbol.name, query))[:_MOST_FOUND])


@dataclass(slots=True)
class _Kept:
    """The symbols of a file as it was searched last."""

    text: str | None = None
    symbols: tuple[Symbol, ...] = ()


@lru_cache(maxsize=5_000)
def _kept(path: str, file: Path | None) -> _Kept:
    return _Kept()


def _of_file(source: Source) -> tuple[Symbol, ...]:
    """The symbols of a file, kept while its text stays: a search asks again with each letter."""
    kept = _kept(source.path, source.file)
    if kept.text != source.text:
        kept.text, kept.symbols = source.text, _declared(parse(source)[0])
    return kept.symbols


def _declared(module: ast.Module) -> tuple[Symbol, ...]:
    return tuple(map(_declaration, module.declarations))


def _declaration(node: ast.Declaration) -> Symbol:
    match node:
        case ast.Import(path=path, alias=alias):
            return _symbol(node, alias, "import", path.span.text)
        case ast.Param(type=type):
            return _symbol(node, node.name, "param", _one_line(type.span))
        case ast.Record(fields=fields):
            inside = tuple(_symbol(each, each.name, "field", _one_line(each.type.span)) for each in fields)
            return _symbol(node, node.name, "record", "", inside)
        case ast.Table(record=record):
            return _symbol(node, node.name, "table", _one_line(record.span))
        case ast.Model(settings=settings):
            return _symbol(node, node.name, "model", "", _settings(settings))
        case ast.Tool(parameters=parameters, result=result, settings=settings):
            return _symbol(node, node.name, "tool", _signature(parameters, result), _settings(settings))
        case ast.Task(parameters=parameters, result=result, settings=settings):
            return _symbol(node, node.name, "task", _signature(parameters, result), _settings(settings))
        case ast.Split(table=table, rule=rule):
            return _symbol(node, node.name, "split", f"{table.text} by {_one_line(rule.span)}")
        case ast.Flow(statements=statements):
            return _symbol(node, node.name, "flow", "", tuple(_steps(statements)))
        case ast.Test(name=name):
            return Symbol(name.value or '""', "test", "", node.span, name.span)


def _steps(statements: Sequence[ast.Statement]) -> Iterator[Symbol]:
    """What the statements of a flow name, those of its branches and rounds among them."""
    for statement in statements:
        match statement:
            case ast.Assign(name=name, relation=relation):
                yield _symbol(statement, name, "step", _one_line(relation.span))
            case ast.Split(name=name, table=table, rule=rule):
                yield _symbol(statement, name, "split", f"{table.text} by {_one_line(rule.span)}")
            case ast.If(then=then, otherwise=otherwise):
                yield from _steps((*then, *otherwise))
            case ast.Repeat(body=body):
                yield from _steps(body)
            case _:
                pass


def _settings(settings: Sequence[ast.Setting]) -> tuple[Symbol, ...]:
    return tuple(_symbol(each, each.name, "setting", _one_line(each.value.span)) for each in settings)


def _symbol(node: ast.Node, name: ast.Name, kind: str, detail: str = "", children: tuple[Symbol, ...] = ()) -> Symbol:
    return Symbol(name.text, kind, detail, node.span, name.span, children)


def _signature(parameters: Sequence[ast.Parameter], result: ast.TypeNode | None) -> str:
    if result is None:
        return ""
    return f"({', '.join(_one_line(each.span) for each in parameters)}) -> {_one_line(result.span)}"


def _one_line(span: Span) -> str:
    """The text of a span on one line, cut where it is long."""
    text = " ".join(span.text[:200].split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _matches(name: str, query: str) -> bool:
    letters = iter(name.casefold())
    return all(letter in letters for letter in query.casefold() if not letter.isspace())


def _distance(name: str, query: str) -> tuple[bool, bool, int, str]:
    """How far a name that matches is from what was typed."""
    small, wanted = name.casefold(), query.casefold().strip()
    return not small.startswith(wanted), wanted not in small, len(name), name
