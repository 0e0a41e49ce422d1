"""The declarations that a file can name, with their types.

In: a view. Out: :class:`Around`: the names of the file's current text, and types from the newest analysis, so that a
declaration that is being written takes nothing away from the others.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.lsp.view import View
from apwa_lang.semantics.context import File, bind_parameters, open_files
from apwa_lang.semantics.modules import Unit
from apwa_lang.semantics.names import Names, Symbol, resolve_names
from apwa_lang.semantics.parameters import resolve_parameters
from apwa_lang.semantics.program import FilesSource, SqlSource, Table
from apwa_lang.semantics.reach import World
from apwa_lang.semantics.scope import Scope
from apwa_lang.semantics.tasks import Signature, resolve_signature
from apwa_lang.semantics.types import UNKNOWN, Type
from apwa_lang.semantics.uses import Recorder
from apwa_lang.syntax import nodes as ast


class Around:
    """What a view's file can name."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.program = view.checked.program
        units = _units(view)
        resolved = resolve_names(units, _silent, Recorder())
        self._files = {id(file.unit): file for file in open_files(units, resolved, self.program.records, _silent)}
        for file in self._files.values():
            bind_parameters(file, {name: param.type for name, param in self.program.params.items()})
        self.file: File = self._files[id(units[0])]
        self.names: Names = self.file.names

    def of_kind(self, *kinds: str) -> Iterator[tuple[str, Symbol]]:
        """Every declaration of these kinds, with its name as the file would write it."""
        return ((text, symbol) for text, symbol in self.names.visible() if symbol.kind in kinds)

    @cached_property
    def world(self) -> World:
        """The program's declarations as flows and tests see them."""
        tables = dict(self.program.tables)
        signatures: dict[str, Signature] = {}
        for file in self._files.values():
            for symbol in file.names.own.values():
                if isinstance(symbol.node, ast.Task):
                    signatures[symbol.name] = resolve_signature(symbol, file)[0]
                elif isinstance(symbol.node, ast.Table) and symbol.name not in tables:
                    record = file.annotations.record(symbol.node.record)
                    if record is not None:
                        tables[symbol.name] = Table(symbol.name, record, SqlSource("", (), symbol.span), symbol.span)
        types = {name: param.type for name, param in self.program.params.items()}
        return World(tables, signatures, dict(self.program.splits), types)

    def signature(self, name: str) -> Signature | None:
        """The signature of the task that the file calls by that name."""
        symbol = self.names.lookup(name)
        return self.world.signatures.get(symbol.name) if symbol is not None else None

    def scope_of(self, parameters: tuple[ast.Parameter, ...]) -> Scope:
        """What an expression can name in a task or tool with these parameters."""
        return resolve_parameters("", parameters, self.file, table_allowed=True)[1]

    def type(self, node: object) -> Type:
        """The type that a piece of the tree writes."""
        written = isinstance(node, ast.NamedType | ast.LiteralType | ast.OptionalType | ast.UnionType)
        return self.file.annotations.resolve(node, table_allowed=True) if written else UNKNOWN  # type: ignore[arg-type]

    def is_of_files(self, name: str) -> bool:
        """Whether a table's rows are files."""
        table = self.world.tables.get(name)
        return table is not None and isinstance(table.source, FilesSource)


def _silent(_: Diagnostic) -> None:
    """What is wrong is told elsewhere."""


def _units(view: View) -> list[Unit]:
    """The files of the program as the analysis has read them, with the imports of the current text."""
    modules = {_identity(module.source.file): module for module in view.checked.modules[1:]}
    root = Unit(view.module, "", ())
    made = {_identity(view.source.file): root}
    queue = deque([root])
    while queue:
        unit = queue.popleft()
        for node in unit.module.declarations:
            if not isinstance(node, ast.Import) or node.alias.text in unit.imports:
                continue
            identity = _identity(Path(os.path.normpath(unit.base / node.path.value.replace("\0", ""))))
            if identity not in made and identity in modules:
                made[identity] = Unit(modules[identity], f"{unit.prefix}{node.alias.text}.", ())
                queue.append(made[identity])
            unit.imports[node.alias.text] = made.get(identity)
    return list(made.values())


def _identity(file: Path | None) -> str:
    return os.path.realpath(file) if file is not None else ""
