"""Arguments meet parameters.

In: a function of the user's and the arguments of a call. Out: what each parameter may be.
"""

from __future__ import annotations

from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.protocols import items
from apwa_lang.proofs.python.values import NOTHING, Args, Func, Site, Value, join


def bind(engine: Engine, func: Func, args: Args) -> dict[str, Value]:
    """What each parameter of ``func`` may be; defaults only where an argument may be missing."""
    arguments = func.node.args
    bound: dict[str, Value] = {}
    keywords = dict(args.kw)
    names = [*(argument.arg for argument in arguments.posonlyargs), *(argument.arg for argument in arguments.args)]
    for place, name in enumerate(names):
        if place < len(args.pos):
            bound[name] = args.pos[place]
        elif name in keywords:
            bound[name] = keywords.pop(name) | args.star
        else:
            bound[name] = join(args.star, args.kwstar, func.defaults.get(name, NOTHING))
    for argument in arguments.kwonlyargs:
        name = argument.arg
        bound[name] = keywords.pop(name) if name in keywords else args.kwstar | func.defaults.get(name, NOTHING)
    if arguments.vararg is not None:
        extra = Args(args.pos[len(names) :], star=args.star)
        bound[arguments.vararg.arg] = engine.packed(func.node, "tuple", extra)
    if arguments.kwarg is not None:
        bound[arguments.kwarg.arg] = engine.packed(func.node, "dict", Args(kw=keywords, kwstar=args.kwstar))
    return bound


def spread(engine: Engine, value: Value, elements: Value, args: Args) -> None:
    """``*value`` in a call: places are kept where the tuple is known."""
    if len(value) == 1 and not args.star:
        (obj,) = value
        if isinstance(obj, Site) and obj.type == "tuple" and not obj.cls and "*" not in obj.fields:
            places = sorted((name for name in obj.fields if name.isdigit()), key=int)
            if places or "[]" not in obj.fields or not obj.fields["[]"]:
                args.pos.extend(obj.fields[name] for name in places)
                return
    args.star |= elements


def spread_keywords(engine: Engine, value: Value, args: Args) -> None:
    """``**value`` in a call: names are kept where the mapping is known."""
    for obj in value:
        if isinstance(obj, Site):
            named = {name[2:]: held for name, held in obj.fields.items() if name.startswith("k:")}
            every = obj.fields.get("[]", NOTHING)
            changed = "changed" in obj.fields
            for name, held in named.items():
                args.kw[name] = join(args.kw.get(name, NOTHING), held, every if changed else NOTHING)
            args.kwstar |= obj.fields.get("*", NOTHING) if named and len(value) == 1 and not changed else every
            args.kwstar |= items(engine, frozenset([obj]))
            if obj.type == "native":
                args.kwstar |= frozenset([obj])
        else:
            args.kwstar |= frozenset([obj])
