"""What Python calls by itself: iteration, and the special methods of the user's classes.

In: values. Out: their elements. Library code that is given an object of the user's may call any special method of it.
"""

from __future__ import annotations

from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.values import (
    NOTHING,
    Args,
    Func,
    Imm,
    Obj,
    Site,
    Unknown,
    UserClass,
    Value,
    imm,
    join,
)

_CHANGING_METHODS = (
    "__setitem__ __delitem__ __setattr__ __delattr__ __set__ __delete__ __enter__ __exit__ __call__ "
    "__init__ __new__ __init_subclass__ __class_getitem__ __set_name__ __del__ __aenter__ __aexit__ "
    "__await__ __post_init__ __getattr__ __getattribute__ __get__ __iadd__ __isub__ __imul__ __ior__ "
    "__iand__ __ixor__ __itruediv__ __ifloordiv__ __imod__ __ipow__"
)
_CHANGING = frozenset(_CHANGING_METHODS.split())
_CREATING = frozenset(["__init__", "__new__", "__init_subclass__", "__class_getitem__", "__set_name__", "__del__"])

NEVER = imm("never")
"""What an empty container holds."""


def iterate(engine: Engine, value: Value) -> Value:
    """What a loop over ``value`` gives: elements, or the keys of a mapping."""
    return join(*[_iterate(engine, obj) for obj in value])


def _iterate(engine: Engine, obj: Obj) -> Value:
    match obj:
        case Unknown():
            return frozenset([obj])
        case Imm(type="str"):
            return imm("str")
        case Imm(type="bytes"):
            return imm("int")
        case Imm(type=type) if entry := engine.tables.member(type, "__iter__"):
            return _from_entry(engine, obj, entry.name)
        case Site(cls=UserClass() as cls) if hook := cls.find("__iter__"):
            iterator = engine.call(engine, hook, Args([frozenset([obj])]))
            return join(*(_next(engine, found) for found in iterator))
        case Site(cls=UserClass() as cls) if hook := cls.find("__getitem__"):
            return engine.call(engine, hook, Args([frozenset([obj]), imm("int")])) | obj.fields.get("[]", NOTHING)
        case Site():
            return next_of(engine, obj)
        case UserClass() as cls if any(engine.tables.has(base, "enum") for base in cls.library()):
            return cls.fields.get("[]", NOTHING)
        case _:
            return NOTHING


def _next(engine: Engine, obj: Obj) -> Value:
    if isinstance(obj, Site) and obj.cls and (hook := obj.cls.find("__next__")):
        return engine.call(engine, hook, Args([frozenset([obj])]))
    return _iterate(engine, obj) if not (isinstance(obj, Site) and obj.cls) else NOTHING


def next_of(engine: Engine, obj: Site) -> Value:
    """What one step of an iteration over a library object gives."""
    types = obj.cls.library() if obj.cls else [obj.type]
    found = NOTHING
    for type in types:
        tables = engine.tables
        if type == "native":
            return join(frozenset([obj]), obj.fields.get("[]", NOTHING), imm("str"))
        if tables.has(type, "consumed"):
            engine.mutate(obj, "takes the next item of")
        entry = tables.member(type, "__iter__")
        if entry is not None:
            found |= _from_entry(engine, obj, entry.name)
        else:
            found |= obj.fields.get("[k]" if tables.has(type, "mapping") else "[]", NOTHING)
            if not found and tables.has(type, "complete"):
                return NEVER
    return found


def _from_entry(engine: Engine, obj: Obj, name: str) -> Value:
    iterators = engine.call(engine, engine.bound(engine.function(name), obj), Args())
    return join(*(made.fields.get("[]", NOTHING) for made in iterators if isinstance(made, Site)))


def mapped(value: Value) -> Value:
    """What lookups in ``value`` give: the values of mappings, the elements of sequences."""
    found = NOTHING
    for obj in value:
        if isinstance(obj, Site):
            found |= obj.fields.get("[]", NEVER)
            if obj.type == "native":
                found |= frozenset([obj])
        elif isinstance(obj, Unknown):
            found |= frozenset([obj])
        elif isinstance(obj, Imm) and obj.type == "str":
            found |= imm("str")
    return found


def items(engine: Engine, value: Value) -> Value:
    """What ``**value`` takes from mappings of the user's: their ``keys`` and ``__getitem__`` are called."""
    found = NOTHING
    for obj in value:
        if isinstance(obj, Site) and obj.cls is not None and (keys := obj.cls.find("keys")):
            own: Value = frozenset([obj])
            for name in iterate(engine, engine.call(engine, keys, Args([own]))) or imm("str"):
                found |= special(engine, own, "__getitem__", frozenset([name]))
    return found


def special(engine: Engine, value: Value, name: str, *args: Value) -> Value:
    """Call the special method ``name`` of the user's objects in ``value``."""
    found = NOTHING
    for obj in value:
        if isinstance(obj, Site) and obj.cls is not None:
            hook = obj.cls.find(name)
            if hook:
                found |= engine.call(engine, hook, Args([frozenset([obj]), *args]))
    return found


def expose(engine: Engine, value: Value, changing: bool = False) -> None:
    """Library code gets ``value``: it may call special methods of the user's objects in it, and use iterators up.

    Of what it is ``changing``, a file say, it may call any method.
    """
    for obj in value:
        if isinstance(obj, Site) and obj.cls is None and engine.tables.has(obj.type, "consumed"):
            engine.mutate(obj, "takes the next item of")
    instances = frozenset(obj for obj in engine.reachable(value) if isinstance(obj, Site) and obj.cls is not None)
    for obj in instances:
        if isinstance(obj, Site) and obj.cls is not None:
            cls = obj.cls
            names = {name for above in cls.mro() for name in above.fields if changing or name.startswith("__")}
            for name in sorted(names - (_CREATING if changing else _CHANGING)):
                functions = frozenset(f for f in cls.find(name) if isinstance(f, Func))
                if functions:
                    engine.call(engine, functions, Args([frozenset([obj])], star=value | instances))
            if changing:
                engine.mutate(obj, "changes")
