"""The Python sources behind a certificate.

In: what a certificate says of them, and the bodies of a program. Out: functions that are called pure or trusted though
their own module was not read, and trust in a source that is not the one listed.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from apwa_lang.verifier.bodies import Body, body_of
from apwa_lang.verifier.declarations import Program
from apwa_lang.verifier.document import Document
from apwa_lang.verifier.shared import trust_of


def unanalysed(document: Document, folder: Path, pure: Iterable[Body]) -> Iterator[str]:
    """A problem for each of the ``pure`` functions whose own module is not among the sources."""
    for body in dict.fromkeys(pure):
        if not _is_listed(document, folder, body):
            yield f"`{body.text}` is said to be pure, but its source is not among those that were analysed"
        for module in _unread(document, folder, body):
            yield f"`{body.text}` is said to be pure, but `{module}`, which is imported, was not analysed"


def misplaced_trust(document: Document, program: Program, folder: Path) -> Iterator[str]:
    """A problem for each task whose trusted source is not the one listed, or that has no such source."""
    expected = {}
    for name, task in program.tasks.items():
        body = body_of(task) if trust_of(task) else None
        if body is not None and body.language == "python" and _is_listed(document, folder, body):
            expected[name] = _digest(document, folder, body)
    for name in sorted(document.trusted.keys() | expected.keys()):
        if document.trusted.get(name) != expected.get(name):
            yield f"the trusted source of `{name}` is not that of its function"


def _function(body: Body, folder: Path) -> str:
    """A function as certificates name it."""
    return os.path.relpath(body.folder / body.text, folder)


def _is_listed(document: Document, folder: Path, body: Body) -> bool:
    function = _function(body, folder)
    place = body.folder.joinpath(*body.text.partition(":")[0].split("."))
    modules = [os.path.relpath(one, folder) for one in (place / "__init__.py", place.with_name(f"{place.name}.py"))]
    return any(source.path in modules and function in source.functions for source in document.sources)


def _unread(document: Document, folder: Path, body: Body) -> list[str]:
    """Modules below the folder of a body that its sources import and that are not among them."""
    function = _function(body, folder)
    listed = {source.path for source in document.sources if function in source.functions}
    unread: set[str] = set()
    for path in listed:
        try:
            tree = ast.parse((folder / path).read_bytes())
        except (OSError, SyntaxError, ValueError):
            unread.add(path)
            continue
        package = (folder / path).parent
        for name, start in _imported(tree, package, body.folder):
            for file in (start / f"{name}.py", start / name / "__init__.py"):
                found = os.path.relpath(file, folder)
                if file.is_file() and found not in listed:
                    unread.add(found)
    return sorted(unread)


def _imported(tree: ast.Module, package: Path, base: Path) -> Iterator[tuple[str, Path]]:
    """What a module imports, as a path without its suffix below a folder."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name.replace(".", "/"), base) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                start = base if level == 0 else package.joinpath(*[".."] * (level - 1))
                inside = (module or "").replace(".", "/")
                if inside:
                    yield inside, start
                yield from ((f"{inside}/{alias.name}".lstrip("/"), start) for alias in names)


def _digest(document: Document, folder: Path, body: Body) -> str:
    """The hash of a function's name and of all that was read for it."""
    function = _function(body, folder)
    read = sorted(
        (Path(os.path.relpath(folder / source.path, body.folder)).as_posix(), source.sha256)
        for source in document.sources
        if function in source.functions
    )
    return sha256("\n".join([body.text, *(f"{path} {digest}" for path, digest in read)]).encode()).hexdigest()
