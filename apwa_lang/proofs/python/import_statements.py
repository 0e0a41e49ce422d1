"""``import`` statements: which names they bind to what.

In: a frame and the statement. Out: bindings in the frame; the top levels of the user's modules are looked at.
"""

from __future__ import annotations

import ast

from apwa_lang.proofs.python.attributes import read
from apwa_lang.proofs.python.frames import Frame
from apwa_lang.proofs.python.imports import absolute, import_module, submodule
from apwa_lang.proofs.python.modules import Module
from apwa_lang.proofs.python.values import Lib, Unknown, Value


def import_names(frame: Frame, node: ast.Import) -> None:
    """``import a.b``, ``import a.b as c``."""
    engine = frame.engine
    for alias in node.names:
        found = import_module(engine, alias.name)
        top = alias.name.partition(".")[0]
        known = any(not isinstance(obj, Unknown) for obj in found)
        frame.bind(alias.asname or top, found if alias.asname or not known else import_module(engine, top))


def import_from(frame: Frame, node: ast.ImportFrom) -> None:
    """``from a import b``, ``from a import *``."""
    engine = frame.engine
    name = absolute(engine.here.module, node.level, node.module)
    if name is None:
        engine.unknown("imports from above the project's folder")
        return
    if name == "__future__":
        return
    source = import_module(engine, name)
    for alias in node.names:
        if alias.name == "*":
            _import_all(frame, source)
            continue
        found = read(engine, source, alias.name)
        for obj in source:
            if isinstance(obj, Module) and not found and obj.package:
                found = submodule(engine, obj, alias.name)
        frame.engine.expect(alias, found, f"{name}.{alias.name}")
        frame.bind(alias.asname or alias.name, found)


def _import_all(frame: Frame, source: Value) -> None:
    engine = frame.engine
    for obj in source:
        if isinstance(obj, Module):
            for name, value in list(obj.vars.items()):
                if not name.startswith("_"):
                    frame.bind(name, value)
        elif isinstance(obj, Lib):
            prefix = f"{obj.name}."
            for full in [*engine.tables.entries]:
                if full.startswith(prefix) and "." not in full[len(prefix) :]:
                    frame.bind(full[len(prefix) :], read(engine, frozenset([obj]), full[len(prefix) :]))
