"""The user's own modules on their way to workers, which need not see the folder of the program.

In: a plan, whose bodies name the modules that were proved, with their digests. Out: a bundle, made once a run, and the
plan with its bodies in the folder where a worker has unpacked it. What is shipped of a body is each module beside the
program that it reaches, and of a package everything in it, data too.
"""

from __future__ import annotations

import ast
import hashlib
import io
import shutil
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from apwa_compiler.plan import Map, Plan, Python, Torch
from apwa_runtime.errors import RunError
from apwa_runtime.versions import Versions, demanded

_MOST_BYTES = 64 * 2**20
_LEFT_OUT = {"__pycache__", ".git", ".apwa"}


@dataclass(frozen=True, slots=True)
class Bundle:
    """``archive`` is a zip with a folder for each of ``bases``, named by its number; ``versions`` must agree."""

    archive: bytes
    bases: tuple[str, ...]
    versions: Versions


def check_sources(plan: Plan) -> None:
    """Raises RunError where a module is no longer the one that was proved."""
    for file, digest in _proved(plan).items():
        _read(file, digest)


def bundle(plan: Plan) -> Bundle:
    """Everything that bodies import from beside the program. Raises RunError where that is too much, or has changed."""
    proved = _proved(plan)
    bases: dict[str, dict[str, Path]] = {}
    imported: set[str] = set()
    for body in _bodies(plan):
        files = bases.setdefault(body.base, {})
        own = {path.split("/")[0].removesuffix(".py") for path, _ in body.sources} | {_top(body.target)}
        for name in sorted(own):
            files.update(_files(Path(body.base), name))
        imported.add(_top(body.target))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, files in enumerate(bases.values()):
            for name, file in files.items():
                data = _read(file, proved.get(file))
                archive.writestr(f"{number}/{name}", data)
                if file.suffix == ".py":
                    imported.update(_imports(data))
    own_names = {name.split("/")[0].removesuffix(".py") for files in bases.values() for name in files}
    return Bundle(buffer.getvalue(), tuple(bases), demanded(imported - own_names - sys.stdlib_module_names))


def unpack(shipped: Bundle, plan: Plan, folder: Path) -> Plan:
    """``plan`` with its bodies imported from below ``folder``, which is made anew and closed to other users."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    with zipfile.ZipFile(io.BytesIO(shipped.archive)) as archive:
        archive.extractall(folder)
    places = {base: str(folder / str(number)) for number, base in enumerate(shipped.bases)}
    moved = (task.with_functions(lambda body: replace(body, base=places[body.base])) for task in plan.tasks)
    models = (replace(model, base=places[model.base]) if model.factory else model for model in plan.models)
    return replace(plan, tasks=tuple(moved), models=tuple(models))


def _bodies(plan: Plan) -> Iterator[Python | Torch]:
    """The user's code that a plan runs."""
    for task in plan.tasks:
        yield from task.functions()
    for model in plan.models:
        if model.factory:
            yield Python(model.factory, model.base, sources=model.sources)


def _proved(plan: Plan) -> dict[Path, str]:
    splits = (step.operation.split.function for step in plan.steps if isinstance(step.operation, Map))
    bodies = (*_bodies(plan), *filter(None, splits))
    return {Path(body.base) / path: digest for body in bodies for path, digest in body.sources}


def _read(file: Path, digest: str | None) -> bytes:
    """The bytes of a file; those with that digest where one is given. Raises RunError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise RunError(
            f"{file}, which a body imports, cannot be read: {(error.strerror or str(error)).lower()}"
        ) from None
    if digest is not None and hashlib.sha256(data).hexdigest() != digest:
        raise RunError(f"{file} has changed since it was proved; compile the program again", exit_code=1)
    return data


def _top(target: str) -> str:
    return target.partition(":")[0].partition(".")[0]


def _files(base: Path, name: str) -> dict[str, Path]:
    """The files of a top-level module or package below ``base``, by their path from there."""
    if not (base / name / "__init__.py").is_file() and (base / f"{name}.py").is_file():
        return {f"{name}.py": base / f"{name}.py"}
    files = {
        file.relative_to(base).as_posix(): file
        for file in sorted((base / name).rglob("*"))
        if file.is_file() and file.suffix != ".pyc" and not _LEFT_OUT & set(file.relative_to(base).parts)
    }
    if sum(file.stat().st_size for file in files.values()) > _MOST_BYTES:
        raise RunError(
            f"the package {base / name} holds more than {_MOST_BYTES >> 20} MiB, too much to send to workers; "
            "keep data out of it"
        )
    return files


def _imports(source: bytes) -> Iterator[str]:
    """The top-level names that a module imports absolutely, anywhere in it."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
