"""Calls: of functions and classes of the user's, of library functions, of everything else that can be called.

In: what is called and its arguments. Out: what the call may give.
"""

from __future__ import annotations

import ast

from apwa_lang.proofs.python.apply import apply
from apwa_lang.proofs.python.attributes import read
from apwa_lang.proofs.python.binding import bind
from apwa_lang.proofs.python.builtin_values import shown
from apwa_lang.proofs.python.classes import instantiate
from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.findings import Kind
from apwa_lang.proofs.python.protocols import expose
from apwa_lang.proofs.python.special import SPECIAL
from apwa_lang.proofs.python.values import (
    NOTHING,
    UNKNOWN,
    Args,
    Bound,
    Func,
    Lib,
    Obj,
    Partial,
    Site,
    Unknown,
    UserClass,
    Value,
    Wrapper,
    join,
)


def call(engine: Engine, value: Value, args: Args) -> Value:
    """What calling ``value`` may give."""
    engine.step()
    node = engine.node
    found = NOTHING
    for obj in value:
        engine.node = node
        found |= _call(engine, obj, args)
    engine.node = node
    if value and all(isinstance(obj, Site) and obj.type == "native" for obj in value):
        return engine.unknown("calls a method that plain data does not have")
    return found


def _call(engine: Engine, obj: Obj, args: Args) -> Value:
    match obj:
        case Func():
            return _function(engine, obj, args)
        case Bound(function=Func() as function, receiver=receiver):
            return _function(engine, function, args.first(frozenset([receiver])))
        case Bound(function=Lib(name), receiver=receiver):
            return _library(engine, name, args, receiver)
        case UserClass():
            return instantiate(engine, obj, args)
        case Lib(name):
            return _library(engine, name, args, None)
        case Partial(function=function, args=given):
            merged = Args(
                given.pos + args.pos, {**given.kw, **args.kw}, given.star | args.star, given.kwstar | args.kwstar
            )
            if given.star:
                merged = Args(given.pos, merged.kw, join(merged.star, *args.pos), merged.kwstar)
            return call(engine, function, merged)
        case Wrapper():
            return _wrapper(engine, obj, args)
        case Site():
            return _object(engine, obj, args)
        case Unknown(shared=shared):
            if shared:
                engine.unknown("calls something of which nothing is known")
            expose(engine, args.every())
            return UNKNOWN
        case _:
            return NOTHING


def _function(engine: Engine, func: Func, args: Args) -> Value:
    if isinstance(func.node, ast.AsyncFunctionDef):
        return engine.unknown(f"calls the coroutine `{func.name}`, which is not followed")
    context = engine.context(func, bind(engine, func, args))
    engine.enter(func, context)
    return context.results.get("return", NOTHING)


def _library(engine: Engine, name: str, args: Args, receiver: Obj | None) -> Value:
    special = SPECIAL.get(name)
    if special is not None:
        return special(engine, args, receiver)
    entry = engine.tables.entry(name)
    if entry is not None and entry.is_value:
        return engine.unknown(f"calls `{shown(name)}`, which is no function in the tables of effects")
    if entry is not None:
        if receiver is None and name not in engine.tables.entries and not entry.static:
            return _unbound(engine, name, args)
        return apply(engine, entry, args, receiver)
    return engine.unknown(f"calls `{shown(name)}`, which is not in the tables of effects")


def _unbound(engine: Engine, name: str, args: Args) -> Value:
    """``str.lower(x)``: the first argument is the receiver."""
    entry = engine.tables.entry(name)
    assert entry is not None
    receivers = args.pos[0] if args.pos else args.star
    rest = Args(args.pos[1:], args.kw, args.star, args.kwstar)
    return join(*(apply(engine, entry, rest, receiver) for receiver in receivers))


def _wrapper(engine: Engine, obj: Wrapper, args: Args) -> Value:
    if obj.kind == "cache" and obj.shared and not engine.importing:
        names = sorted(function.name for function in obj.function if isinstance(function, Func))
        named = f"of `{names[0]}`" if names else "of a function"
        engine.record(Kind.STATE, f"keeps results in the cache {named}")
    result = call(engine, obj.function, args)
    if obj.kind == "contextmanager":
        return engine.fresh(obj, "contextlib._GeneratorContextManager", _yielded(result))
    return result


def _yielded(generators: Value) -> Value:
    return join(*(obj.fields.get("[]", NOTHING) for obj in generators if isinstance(obj, Site)))


def _object(engine: Engine, obj: Site, args: Args) -> Value:
    own: Value = frozenset([obj])
    if obj.cls is not None:
        if obj.cls.unknown:
            return UNKNOWN
        if hook := obj.cls.find("__call__"):
            return call(engine, hook, args.first(own))
        if "torch.nn.Module" in obj.cls.library():
            return call(engine, read(engine, own, "forward"), args)
    elif obj.type == "native":
        return NOTHING
    elif obj.type == "opaque":
        return engine.unknown("calls a value of which nothing is known")
    types = obj.cls.library() if obj.cls else [obj.type]
    entries = [entry for type in types if (entry := engine.tables.member(type, "__call__"))]
    if entries:
        return join(*(apply(engine, entry, args, obj) for entry in entries))
    if obj.cls is None and not engine.tables.lacks(obj.type, "__call__"):
        return engine.unknown(f"calls a `{shown(obj.type)}`, of which the tables of effects say nothing")
    return NOTHING
