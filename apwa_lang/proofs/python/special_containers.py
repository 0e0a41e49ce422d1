"""Library functions that make, fill, copy and step through containers.

In: the arguments and receiver of a call. Out: the value that it gives; its effects are recorded.
"""

from __future__ import annotations

from apwa_lang.proofs.python.contexts import Engine, reachable
from apwa_lang.proofs.python.protocols import expose, items, iterate, special
from apwa_lang.proofs.python.special_files import Handler
from apwa_lang.proofs.python.values import (
    NOTHING,
    Args,
    Imm,
    Obj,
    Site,
    Value,
    imm,
    join,
)


def _iter(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    if len(args.pos) == 2:
        return engine.fresh(engine.node, "iterator", engine.call(engine, args.pos[0], Args()))
    expose(engine, args.every())
    return engine.fresh(engine.node, "iterator", iterate(engine, args.get(0) or NOTHING))


def _next(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    found = args.get(1) or NOTHING
    for obj in args.get(0) or ():
        if isinstance(obj, Site) and obj.cls is not None and (hook := obj.cls.find("__next__")):
            found |= engine.call(engine, hook, Args([frozenset([obj])]))
        else:
            engine.mutate(obj, "takes the next item of")
            found |= iterate(engine, frozenset([obj]))
    return found


def _map(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    expose(engine, args.every())
    given = Args([iterate(engine, value) for value in args.pos[1:]], star=iterate(engine, args.star))
    return engine.fresh(engine.node, "iterator", engine.call(engine, args.get(0) or NOTHING, given))


def _starmap(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    elements = iterate(engine, iterate(engine, args.get(1) or NOTHING))
    return engine.fresh(engine.node, "iterator", engine.call(engine, args.get(0) or NOTHING, Args(star=elements)))


def _default_item(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    """``d[key]`` of a ``defaultdict`` puts what is missing into it."""
    assert isinstance(receiver, Site)
    engine.mutate(receiver, "may add an item to")
    factory = frozenset(obj for obj in receiver.fields.get("factory", NOTHING) if not isinstance(obj, Imm))
    engine.grow(receiver.fields, "[]", engine.call(engine, factory, Args()))
    engine.grow(receiver.fields, "[k]", args.every())
    return receiver.fields.get("[]", NOTHING)


def _default_dict(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    site = receiver if isinstance(receiver, Site) else engine.site(engine.node, "collections.defaultdict")
    engine.grow(site.fields, "factory", args.get(0) or NOTHING)
    rest = Args(args.pos[1:], args.kw, args.star, args.kwstar)
    for made in engine.call(engine, engine.lib("builtins.dict"), rest):
        if isinstance(made, Site):
            for name, held in made.fields.items():
                engine.grow(site.fields, name, held)
    return frozenset([site])


def _dict(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    """``dict(mapping)``, ``dict(pairs)``, ``dict(a=1)``, and ``update`` with the same arguments."""
    expose(engine, args.every())
    update = isinstance(receiver, Site)
    site = receiver if isinstance(receiver, Site) else engine.site(engine.node, "dict")
    if update:
        engine.mutate(site, "changes (by `update`)")
    for value in [*args.pos, args.star]:
        for obj in value:
            one: Value = frozenset([obj])
            engine.grow(site.fields, "[]", items(engine, one))
            if isinstance(obj, Site) and (obj.type == "native" or engine.tables.has(obj.type, "mapping")):
                for name in ("[]", "[k]"):
                    engine.grow(site.fields, name, obj.fields.get(name, NOTHING))
                if obj.type == "native":
                    engine.grow(site.fields, "[]", one)
                    engine.grow(site.fields, "[k]", one)
            else:
                pairs = iterate(engine, one)
                engine.grow(site.fields, "[]", iterate(engine, pairs) | pairs)
                engine.grow(site.fields, "[k]", iterate(engine, pairs))
    engine.grow(site.fields, "[]", join(args.kwstar, *args.kw.values()))
    if args.kw or args.kwstar:
        engine.grow(site.fields, "[k]", imm("str"))
    return imm("None") if update else frozenset([site])


def _copied(deep: bool) -> Handler:
    """``copy``, ``deepcopy`` and ``replace``: new objects with the same fields, and those that are given by name."""

    def handler(engine: Engine, args: Args, receiver: Obj | None) -> Value:
        value = args.get(0) or NOTHING if receiver is None else frozenset([receiver])
        special(engine, value, "__deepcopy__" if deep else "__copy__", engine.native(engine.node))
        node = engine.node
        copies = {obj: _blank(engine, obj, node) for obj in (reachable(value) if deep else value)}
        for obj, made in copies.items():
            if isinstance(obj, Site) and isinstance(made, Site):
                for name, held in [*obj.fields.items()]:
                    engine.grow(made.fields, name, frozenset(copies.get(o, o) for o in held) if deep else held)
                if obj.type == "native" and not deep:
                    engine.grow(made.fields, "[]", frozenset([obj]))
                for name, held in args.kw.items():
                    engine.grow(made.fields, name if obj.cls else "[]", held)
        return frozenset(copies[obj] for obj in value)

    return handler


def _blank(engine: Engine, obj: Obj, node: object) -> Obj:
    """A new object like ``obj``, still empty; what never changes stands for itself."""
    if not isinstance(obj, Site):
        return obj
    return engine.site(node, obj.type, ("copy", obj) if len(obj.fields) else obj.type, cls=obj.cls)


def _array(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    """``numpy.array``: with ``copy=`` it may give its argument itself."""
    made = engine.fresh(engine.node, "numpy.ndarray", frozenset(o for o in args.every() if not isinstance(o, Imm)))
    return made | (args.get(0) or NOTHING) if "copy" in args.kw or args.kwstar or len(args.pos) > 2 else made


CONTAINERS: dict[str, Handler] = {
    "collections.defaultdict": _default_dict,
    "collections.defaultdict.__getitem__": _default_item,
    "copy.copy": _copied(False),
    "copy.deepcopy": _copied(True),
    "copy.replace": _copied(False),
    "dataclasses.replace": _copied(False),
    "attr.evolve": _copied(False),
    "attrs.evolve": _copied(False),
    "typing.NamedTuple._replace": _copied(False),
    "pydantic.BaseModel.model_copy": _copied(False),
    "builtins.dict": _dict,
    "dict.update": _dict,
    "numpy.array": _array,
    "builtins.iter": _iter,
    "builtins.map": _map,
    "itertools.starmap": _starmap,
    "builtins.next": _next,
}
