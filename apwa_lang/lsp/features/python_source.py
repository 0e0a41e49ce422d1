"""Where a Python object is defined, found without importing anything.

In: a target, ``package.module:Class.method``, and the folder that its program lies in. Out: its file, and the place of
its definition there.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

from apwa_lang.syntax.source import Source, Span

_MOST_HOPS = 8
"""How many modules a name may be imported through."""


@dataclass(frozen=True)
class Definition:
    """``span`` is the place of the name, of length 0 at the start of a file where the name is not found.

    ``node`` is its function or class, None for any other value.
    """

    span: Span
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None = None


def find(target: str, folder: Path) -> Definition | None:
    """Where the target is defined; None where there is no such module."""
    module, _, names = target.partition(":")
    file = _file(module, folder)
    if file is None:
        return None
    return _defined(module, file, names.split("."), folder, _MOST_HOPS) or Definition(Span(_source("", file), 0, 0))


def _file(module: str, folder: Path) -> Path | None:
    path: Sequence[str] | None = [str(folder), *sys.path]
    origin = None
    for part in module.split("."):
        try:
            spec = PathFinder.find_spec(part, path)
        except (ImportError, ValueError):
            return None
        if spec is None:
            return None
        origin, path = spec.origin, spec.submodule_search_locations or ()
    return Path(origin) if origin is not None and origin.endswith(".py") else None


def _defined(module: str, file: Path, names: list[str], folder: Path, hops: int) -> Definition | None:
    try:
        text = file.read_bytes().decode("utf-8-sig")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body: Sequence[ast.stmt] = ast.parse(text).body
    except (OSError, ValueError, SyntaxError, RecursionError):
        return None
    source = _source(text, file)
    found: Definition | None = None
    for name in names:
        for statement in _statements(body):
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if statement.name == name:
                    found, body = Definition(_named(source, statement, name), statement), statement.body
                    break
                case ast.Assign(targets=targets) if any(
                    isinstance(one, ast.Name) and one.id == name for one in targets
                ):
                    found, body = Definition(_named(source, statement, name)), ()
                    break
                case ast.ImportFrom(module=str(other), names=aliases, level=level) if hops and found is None:
                    for alias in aliases:
                        if (alias.asname or alias.name) == name:
                            return _imported(module, file, other, level, [alias.name, *names[1:]], folder, hops)
        else:
            return None
    return found


def _imported(
    module: str, file: Path, other: str, level: int, names: list[str], folder: Path, hops: int
) -> Definition | None:
    """The definition behind ``from other import name``."""
    parts = module.split(".")
    package = parts if file.name == "__init__.py" else parts[:-1]
    whole = ".".join([*package[: len(package) - level + 1], other]) if level else other
    found = _file(whole, folder)
    return None if found is None else _defined(whole, found, names, folder, hops - 1)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block, and of those that may run within it."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try | ast.With):
            yield from _statements(statement.body)
            if isinstance(statement, ast.If | ast.Try):
                yield from _statements(statement.orelse)


def _named(source: Source, node: ast.stmt, name: str) -> Span:
    """The place of ``name`` at the start of a statement."""
    line = source.line_starts[node.lineno - 1]
    found = re.compile(rf"\b{re.escape(name)}\b").search(source.text, line)
    return Span(source, *found.span()) if found is not None else Span(source, line, line)


def _source(text: str, file: Path) -> Source:
    return Source(text, str(file), file)
