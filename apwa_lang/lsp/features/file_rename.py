"""Imports that follow files which are given other names or places.

In: the old and new paths of files and folders, and the programs of a workspace. Out: edits of the paths of imports.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from apwa_lang.diagnostics.model import Edit
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source


def follow(moves: Mapping[Path, Path], sources: Iterable[Source]) -> Iterator[Edit]:
    """The edits of all ``sources``, which stand where they stood before."""
    for source in sources:
        file = source.file
        if file is None or "import" not in source.text:
            continue
        module, _ = parse(source)
        for declaration in module.declarations:
            if isinstance(declaration, ast.Import) and declaration.path.value:
                path = declaration.path
                here, target = _plain(file), _plain(file.parent / path.value)
                moved_here, moved_target = _moved(here, moves), _moved(target, moves)
                if (here, target) != (moved_here, moved_target):
                    written = Path(os.path.relpath(moved_target, moved_here.parent)).as_posix()
                    if written != path.value and len(path.value) == path.span.end - path.span.start - 2:
                        yield Edit(path.place(0, len(path.value)), written)


def _moved(path: Path, moves: Mapping[Path, Path]) -> Path:
    """Where a file is in the end: it may have been moved itself, or a folder that it is in."""
    for old in (path, *path.parents):
        if old in moves:
            return moves[old] / path.relative_to(old)
    return path


def _plain(path: Path) -> Path:
    return Path(os.path.normpath(path))
