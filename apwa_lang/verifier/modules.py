"""The files of a program and the names in them.

In: the path of a program. Out: its files, the program first, each parsed once, with what each name in it means. Two
routes to a file give it the name of the first of the shortest.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source, Span
from apwa_lang.verifier.problem import CannotVerifyError

N = TypeVar("N", bound=ast.Node)

Declared = ast.Param | ast.Record | ast.Table | ast.Model | ast.Tool | ast.Task | ast.Split | ast.Flow


@dataclass(eq=False)
class Module:
    """One file. ``prefix`` stands before its names elsewhere, ``shown`` is its path from the program's folder."""

    file: Path
    shown: str
    prefix: str
    digest: str
    declared: dict[str, Declared] = field(default_factory=dict)
    imports: dict[str, Module] = field(default_factory=dict)

    def find(self, name: str, kind: type[N]) -> tuple[Module, N] | None:
        """The declaration of a kind that a name means here, with its file; None where it means no such thing."""
        first, dot, last = name.partition(".")
        owner = self.imports.get(first) if dot else self
        node = owner.declared.get(last if dot else first) if owner is not None else None
        return (owner, node) if owner is not None and isinstance(node, kind) else None

    def whole(self, name: str, kind: type[ast.Node]) -> str | None:
        """The name in the whole program of a declaration of a kind, or None."""
        found = self.find(name, kind)
        return None if found is None else found[0].prefix + name.rpartition(".")[2]

    def each(self, kind: type[N]) -> Iterator[tuple[str, N]]:
        """The file's declarations of a kind, under their names in the whole program."""
        return ((self.prefix + name, node) for name, node in self.declared.items() if isinstance(node, kind))

    def place(self, span: Span) -> str:
        """Where a span stands: file, line and column."""
        return f"{self.shown}:{span.line}:{span.column}"


def load(program: Path) -> list[Module]:
    """The files of a program, nearest first. Raises :class:`CannotVerifyError`."""
    root = program.resolve()
    first = _read(root, root.parent, "")
    modules = {root: first}
    trees = deque([first])
    while trees:
        module = trees.popleft()
        for node in _parsed(module):
            if isinstance(node, ast.Test):
                continue
            if not isinstance(node, ast.Import):
                if node.name.text in module.declared or node.name.text in module.imports:
                    raise CannotVerifyError(f"`{node.name.text}` is declared twice in {module.shown}")
                module.declared[node.name.text] = node
                continue
            alias = node.alias.text
            if alias in module.imports or alias in module.declared or "\0" in node.path.value:
                raise CannotVerifyError(f"the import `{alias}` of {module.shown} is not read")
            target = Path(os.path.normpath(module.file.parent / node.path.value)).resolve()
            if target not in modules:
                modules[target] = _read(target, root.parent, f"{module.prefix}{alias}.")
                trees.append(modules[target])
            module.imports[alias] = modules[target]
    return list(modules.values())


def _read(file: Path, folder: Path, prefix: str) -> Module:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise CannotVerifyError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from None
    return Module(file, os.path.relpath(file, folder), prefix, sha256(data).hexdigest())


def _parsed(module: Module) -> tuple[ast.Declaration, ...]:
    data = module.file.read_bytes()
    if sha256(data).hexdigest() != module.digest:
        raise CannotVerifyError(f"{module.shown} changes while it is read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CannotVerifyError(f"{module.shown} is not UTF-8 text") from None
    tree, problems = parse(Source(text, module.shown, module.file))
    if problems:
        raise CannotVerifyError(f"{module.shown}, line {problems[0].primary.span.line}, has a syntax error")
    return tree.declarations
