"""Library objects as values: variables of library modules, and how library types are called.

In: entries of the tables. Out: values and names.
"""

from __future__ import annotations

from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.library import Entry
from apwa_lang.proofs.python.values import NOTHING, Value, imm, join

_CLASSES = {"None": "types.NoneType", "native": "object"}


def class_of(type: str) -> str:
    """The full name of the class of a library type."""
    return _CLASSES.get(type) or (type if "." in type else f"builtins.{type}")


def shown(name: str) -> str:
    """A full name as it is written in a program."""
    return name.removeprefix("builtins.").replace("native.", "argument.")


def variable(engine: Engine, entry: Entry) -> Value:
    """A variable of a library module; one that can change is the same object for every reader."""
    for effect in entry.effects:
        engine.record(effect.kind, effect.reason or f"reads `{shown(entry.name)}`")
    found = NOTHING
    for expr in entry.result or ():
        if engine.tables.has(expr.name, "immutable"):
            found |= imm(expr.name)
        else:
            site = engine.site(None, expr.name, entry.name, label=f"`{shown(entry.name)}`", shared=True)
            found |= frozenset([site])
            if expr.inner:
                elements = join(*(imm(inner.name) for inner in expr.inner[-1]))
                engine.grow(site.fields, "[]", elements)
                engine.grow(site.fields, "[k]", imm("str"))
    return found or engine.lib(entry.name)
