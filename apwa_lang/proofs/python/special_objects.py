"""Library functions about objects: ``getattr``, ``super``, ``type``, ``object.__new__``, imports by name.

In: the arguments and receiver of a call. Out: the value that it gives; its effects are recorded.
"""

from __future__ import annotations

from apwa_lang.proofs.python.attributes import read, write
from apwa_lang.proofs.python.contexts import Context, Engine
from apwa_lang.proofs.python.imports import import_module
from apwa_lang.proofs.python.special_files import Handler
from apwa_lang.proofs.python.values import (
    NOTHING,
    Args,
    Imm,
    Obj,
    Partial,
    Site,
    Super,
    UserClass,
    Value,
    imm,
    join,
)


def _texts(value: Value | None) -> list[str] | None:
    """The constants that ``value`` may be; None if it may be something else."""
    texts = [obj.text for obj in value or () if isinstance(obj, Imm) and obj.text is not None]
    return sorted(texts) if value and len(texts) == len(value) else None


def _is_plain(value: Value) -> bool:
    return all(isinstance(obj, Imm) or (isinstance(obj, Site) and obj.type == "native") for obj in value)


def _getattr(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    owner, default = args.get(0) or NOTHING, args.get(2) or NOTHING
    names = _texts(args.get(1))
    if names is not None:
        return join(default, *(read(engine, owner, name) for name in names))
    if _is_plain(owner):
        return owner | default
    return engine.unknown("uses `getattr` with a name that is not constant")


def _hasattr(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    names = _texts(args.get(1))
    if names is None and not _is_plain(args.get(0) or NOTHING):
        return engine.unknown("uses `hasattr` with a name that is not constant")
    for obj in args.get(0) or ():
        for name in names or ():
            if isinstance(obj, Site) and obj.cls is not None:
                read(engine, frozenset([obj]), name)
    return imm("bool")


def _setattr(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    names = _texts(args.get(1))
    if names is None:
        return engine.unknown("uses `setattr` with a name that is not constant")
    for name in names:
        write(engine, args.get(0) or NOTHING, name, args.get(2) or NOTHING)
    return imm("None")


def _object_setattr(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    owner = args.get(0) or NOTHING
    if receiver is not None:
        args, owner = args.first(owner), frozenset([receiver])
    names = _texts(args.get(1))
    for obj in owner:
        engine.mutate(obj, "assigns an attribute of")
        if isinstance(obj, Site | UserClass):
            for name in names or [*obj.fields]:
                engine.grow(obj.fields, name, args.get(2) or NOTHING)
    if names is None:
        return engine.unknown("uses `__setattr__` with a name that is not constant")
    return imm("None")


def _object_getattribute(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    names = _texts(args.get(0 if receiver is not None else 1))
    owner = frozenset([receiver]) if receiver is not None else args.get(0) or NOTHING
    if names is None:
        return engine.unknown("uses `__getattribute__` with a name that is not constant")
    return join(*(obj.fields.get(name, NOTHING) for obj in owner if isinstance(obj, Site) for name in names))


def _object_new(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    classes = [obj for obj in [receiver, *(args.get(0) or ())] if isinstance(obj, UserClass)]
    made: Value = NOTHING
    for cls in classes:
        site = engine.site(engine.node, "instance", cls, cls=cls)
        engine.grow(site.fields, "[]", join(*args.pos[1:], args.star))
        made |= frozenset([site])
    return made or engine.fresh(engine.node, "object")


def _super(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    found: Value = NOTHING
    if args.pos:
        owners = [obj for obj in args.pos[0] if isinstance(obj, UserClass)]
        receivers = args.get(1) or NOTHING
    else:
        context: Context | None = engine.here
        while context is not None and context.owner is None:
            context = context.parents[0] if context.parents else None
        if context is None or context.owner is None or context.first is None:
            return engine.unknown("uses `super()` outside a method")
        owners, receivers = [context.owner], context.args.get(context.first, NOTHING)
    for owner in owners:
        for obj in receivers:
            found |= _super_of(engine, owner, obj)
    return found


def _super_of(engine: Engine, owner: UserClass, receiver: Obj) -> Value:
    return engine.once(("super", owner, receiver), lambda: Super(owner, receiver))


def _type(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    if len(args.pos) != 1 or args.star:
        return engine.unknown("makes a class by calling `type`")
    found: Value = NOTHING
    for obj in args.pos[0]:
        if isinstance(obj, Site | Imm) and not (isinstance(obj, Site) and obj.type in ("native", "opaque")):
            found |= read(engine, frozenset([obj]), "__class__")
    return found or engine.lib("type of an argument")


def _import(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    names = _texts(args.get(0, "name"))
    if names is None or any(name.startswith(".") for name in names):
        return engine.unknown("imports a module whose name is not constant")
    return join(*(import_module(engine, name) for name in names))


def _logger(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    return frozenset([engine.site(None, "logging.Logger", label="`logging.getLogger()`", shared=True)])


def _entered(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    """``stack.enter_context(x)``."""
    value = args.get(0) or NOTHING
    if isinstance(receiver, Site):
        engine.mutate(receiver, "changes")
    nothing = imm("None") | engine.fresh(engine.node, "Exception")
    engine.call(engine, read(engine, value, "__exit__"), Args([imm("None"), nothing, imm("None")]))
    return engine.call(engine, read(engine, value, "__enter__"), Args())


def _getter(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    """``operator.attrgetter("a.b")`` and ``methodcaller("m", x)``: functions that read attributes."""
    names = _texts(join(*args.pos) if args.pos else None)
    if names is None:
        return engine.unknown("uses `operator.attrgetter` with a name that is not constant")
    given = Args([imm("str", name) for name in names])
    return engine.once(("getter", *names), lambda: Partial(engine.lib("operator.attrgetter()"), given))


def _get(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    *names, owner = args.pos
    found: Value = NOTHING
    for name in names:
        value = owner
        for part in (_texts(name) or [""])[0].split("."):
            value = read(engine, value, part)
        found |= value
    if len(names) > 1:
        return engine.fresh(engine.node, "tuple", found)
    return found


def _methodcaller(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    names = _texts(args.get(0))
    if names is None:
        return engine.unknown("uses `operator.methodcaller` with a name that is not constant")
    rest = Args([args.pos[0], *args.pos[1:]], args.kw, args.star, args.kwstar)
    key = (tuple(rest.pos), tuple(rest.kw.items()), rest.star)
    return engine.once(("caller", *key), lambda: Partial(engine.lib("operator.methodcaller()"), rest))


def _call_method(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    name, *given = args.pos
    owner = given.pop() if given else args.star
    method = join(*(read(engine, owner, text) for text in _texts(name) or ()))
    return engine.call(engine, method, Args(given, args.kw, args.star, args.kwstar))


OBJECTS: dict[str, Handler] = {
    "builtins.getattr": _getattr,
    "builtins.hasattr": _hasattr,
    "builtins.setattr": _setattr,
    "object.__setattr__": _object_setattr,
    "object.__getattribute__": _object_getattribute,
    "object.__new__": _object_new,
    "builtins.super": _super,
    "builtins.type": _type,
    "logging.getLogger": _logger,
    "contextlib.ExitStack.enter_context": _entered,
    "operator.attrgetter": _getter,
    "operator.attrgetter()": _get,
    "operator.methodcaller": _methodcaller,
    "operator.methodcaller()": _call_method,
    "importlib.import_module": _import,
    "builtins.__import__": _import,
}
