"""Imports: of the user's modules, whose top level is looked at, and of library modules.

In: dotted names. Out: modules as values.
"""

from __future__ import annotations

from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.findings import Kind
from apwa_lang.proofs.python.modules import Module
from apwa_lang.proofs.python.values import NOTHING, UNKNOWN, UNKNOWN_SHARED, Value

_FOLDER = "folder "
"""In front of the name of a package without ``__init__.py``, which is no module of the user's."""


def import_module(engine: Engine, name: str) -> Value:
    """The module ``name`` after its import and that of the packages that it is in."""
    top = name.partition(".")[0]
    modules = engine.modules
    owned = modules.owns(top)
    known = engine.tables.is_module(top)
    if owned and known and modules.surveyed is None:
        return engine.unknown(f"imports `{top}`, which has the name of a library module")
    if top == modules.surveyed or (not known and (owned or modules.owns_folder(top))):
        return _user(engine, name)
    if not known:
        engine.record(Kind.UNKNOWN, f"`{top}` is not known to be free of effects when imported")
        return UNKNOWN_SHARED if engine.importing else UNKNOWN
    return engine.lib(name)


def _user(engine: Engine, name: str) -> Value:
    parts = name.split(".")
    found: Value = NOTHING
    parent: Module | None = None
    for place in range(1, len(parts) + 1):
        dotted = ".".join(parts[:place])
        found = _one(engine, dotted)
        module = next((obj for obj in found if isinstance(obj, Module)), None)
        if parent is not None and module is not None:
            engine.grow(parent.vars, parts[place - 1], found)
        parent = module
    return found


def _one(engine: Engine, name: str) -> Value:
    try:
        module = engine.modules.load(name)
    except SyntaxError as error:
        return engine.unknown(f"imports `{name}`, which has a syntax error in line {error.lineno}")
    except (OSError, ValueError) as error:
        return engine.unknown(f"imports `{name}`, which cannot be read ({error})")
    if module is None:
        if engine.modules.is_folder(name):
            return engine.lib(_FOLDER + name)
        return engine.unknown(f"imports `{name}`, which is not below the project's folder")
    engine.load(module)
    return frozenset([module])


def in_folder(engine: Engine, library: str, name: str) -> Value | None:
    """The module ``name`` of a package without ``__init__.py``; None if ``library`` is no such package."""
    if not library.startswith(_FOLDER):
        return None
    return _one(engine, f"{library.removeprefix(_FOLDER)}.{name}")


def submodule(engine: Engine, package: Module, name: str) -> Value:
    """The module ``name`` of ``package`` if there is one."""
    try:
        exists = engine.modules.load(f"{package.name}.{name}") is not None
    except (SyntaxError, OSError, ValueError):
        exists = True
    return _one(engine, f"{package.name}.{name}") if exists else NOTHING


def absolute(module: Module, level: int, name: str | None) -> str | None:
    """The full name of what ``from ...name import`` means in ``module``; None if it leads above the top."""
    if level == 0:
        return name
    parts = module.name.split(".")
    keep = len(parts) - level + (1 if module.package else 0)
    if keep < 1:
        return None
    return ".".join([*parts[:keep], *([name] if name else [])])
