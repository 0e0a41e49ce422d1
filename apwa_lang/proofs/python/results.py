"""The expressions of the tables of effects, evaluated for one call.

In: an expression, arguments and the receiver. Out: the values that it denotes.
"""

from __future__ import annotations

from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.library import Entry, Expr
from apwa_lang.proofs.python.protocols import iterate, mapped
from apwa_lang.proofs.python.values import NOTHING, Args, Imm, Obj, Site, Value, imm, join


def evaluate(
    engine: Engine, entry: Entry, exprs: tuple[Expr, ...], args: Args, receiver: Obj | None, called: Value
) -> Value:
    """What any of ``exprs`` denotes in a call of ``entry``; ``called`` is what the functions given to it gave back."""
    return join(*[_atom(engine, entry, expr, args, receiver, called) for expr in exprs])


def _atom(engine: Engine, entry: Entry, expr: Expr, args: Args, receiver: Obj | None, called: Value) -> Value:
    own = frozenset() if receiver is None else frozenset([receiver])
    if expr.place is not None:
        found = args.get(expr.place, expr.name or None) or NOTHING
    elif expr.name == "self":
        found = own
    elif expr.name == "*":
        found = join(args.star, *args.pos)
    elif expr.name == "**":
        found = join(args.kwstar, *args.kw.values())
    elif expr.name == "deep":
        found = frozenset(engine.reachable(args.every()))
    elif expr.name == "call":
        found = called
    elif expr.name.startswith("="):
        found = args.kw.get(expr.name[1:], args.kwstar)
    elif engine.tables.has(expr.name, "immutable"):
        found = imm(expr.name)
    elif expr.access:
        return frozenset([engine.site(engine.node, expr.name, entry.name)])
    else:
        inner = [evaluate(engine, entry, group, args, receiver, called) for group in expr.inner]
        found = _fresh(engine, entry, expr.name, inner, args.every() | own)
    for place in range(0, len(expr.access), 2):
        found = iterate(engine, found) if expr.access[place] == "[" else mapped(found)
    return found


def _fresh(engine: Engine, entry: Entry, type: str, inner: list[Value], given: Value) -> Value:
    site = engine.site(engine.node, type, entry.name)
    if not inner:
        keep = engine.tables.has(type, "record")
        held = frozenset(obj for obj in given if keep or not isinstance(obj, Imm))
        engine.grow(site.fields, "[]", held - frozenset([site]))
    elif type == "tuple" and len(inner) > 1:
        for place, value in enumerate(inner):
            engine.grow(site.fields, str(place), value)
            engine.grow(site.fields, "[]", value)
    else:
        if len(inner) > 1:
            engine.grow(site.fields, "[k]", inner[0])
        engine.grow(site.fields, "[]", inner[-1])
    return frozenset([site])


def sites(value: Value) -> list[Site]:
    """The objects of ``value`` that hold others."""
    return [obj for obj in value if isinstance(obj, Site)]
