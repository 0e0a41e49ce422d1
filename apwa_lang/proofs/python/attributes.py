"""Attributes: what ``x.name`` may be, and what assigning it does.

In: the objects that ``x`` may be. Out: values. Properties and descriptors of the user's are called.
"""

from __future__ import annotations

from apwa_lang.proofs.python import builtin_values as builtin
from apwa_lang.proofs.python import paths
from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.findings import Kind
from apwa_lang.proofs.python.imports import in_folder, submodule
from apwa_lang.proofs.python.library import Entry
from apwa_lang.proofs.python.modules import Module
from apwa_lang.proofs.python.results import evaluate
from apwa_lang.proofs.python.values import (
    NOTHING,
    UNKNOWN,
    Args,
    Bound,
    Func,
    Imm,
    Lib,
    Obj,
    Partial,
    Site,
    Super,
    Unknown,
    UserClass,
    Value,
    Wrapper,
    imm,
    join,
)

_FUNCTION_TEXTS = frozenset(["__name__", "__qualname__", "__doc__", "__module__"])
_OBJECT_METHOD_NAMES = (
    "__init__ __new__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __hash__ __str__ __repr__ __format__ "
    "__setattr__ __getattribute__ __delattr__ __init_subclass__ __reduce__ __reduce_ex__ __sizeof__ "
    "__dir__"
)
_OBJECT_METHODS = frozenset(_OBJECT_METHOD_NAMES.split())


def read(engine: Engine, value: Value, name: str) -> Value:
    """What ``value.name`` may be."""
    return join(*[_read(engine, obj, name) for obj in value])


def _read(engine: Engine, obj: Obj, name: str) -> Value:
    match obj:
        case Unknown():
            return frozenset([obj])
        case Site(cls=UserClass() as cls):
            return _of_instance(engine, obj, cls, name)
        case Site(type=type) | Imm(type=type):
            return _of_library(engine, obj, type, name)
        case UserClass():
            return _of_class(engine, obj, name)
        case Module():
            return _of_module(engine, obj, name)
        case Lib():
            return _of_name(engine, obj, name)
        case Super(cls=cls, receiver=receiver):
            return _of_super(engine, cls, receiver, name)
        case Bound(function=function, receiver=receiver):
            if name == "__self__":
                return frozenset([receiver])
            return frozenset([function]) if name == "__func__" else _of_function(engine, obj, name)
        case Func(fields=fields) if name in fields:
            return fields[name]
        case Wrapper(kind="cache") if name in ("cache_clear", "cache_info", "__wrapped__"):
            if name == "__wrapped__":
                return obj.function
            return engine.bound(engine.function(f"functools._lru_cache_wrapper.{name}"), obj)
        case Wrapper(kind="property") if name in ("setter", "getter", "deleter"):
            return engine.bound(engine.function(f"property.{name}"), obj)
        case Wrapper(kind="dispatch") if name == "register":
            return engine.bound(engine.function("functools.singledispatch.register"), obj)
        case Partial(function=function, args=args):
            return {"func": function, "args": args.every(), "keywords": args.every()}.get(name, NOTHING)
        case _:
            return _of_function(engine, obj, name)


def _of_function(engine: Engine, obj: Obj, name: str) -> Value:
    if name in _FUNCTION_TEXTS:
        return imm("str")
    if isinstance(obj, Wrapper):
        return join(read(engine, obj.function, name), obj.function if name in ("__wrapped__", "fget") else NOTHING)
    if name == "__wrapped__":
        return frozenset([obj])
    if name == "__dict__":
        return engine.unknown("uses `__dict__` of a function")
    return NOTHING


def _of_instance(engine: Engine, obj: Site, cls: UserClass, name: str) -> Value:
    if cls.unknown:
        return UNKNOWN
    hook = cls.find("__getattribute__")
    if hook:
        return _call_each(engine, hook, obj, imm("str", name))
    if name == "__class__":
        return frozenset([cls])
    if name == "__dict__":
        return engine.unknown(f"uses `__dict__` of a `{cls.name}`")
    found = obj.fields.get(name, NOTHING)
    in_class = frozenset(o for o in cls.find(name) if not (isinstance(o, Site) and o.type == "dataclasses.field"))
    if found and any(name in above.names for above in cls.mro() if above.generated):
        return found
    if in_class:
        return found | bind(engine, in_class, obj, cls)
    for base in cls.library():
        found |= _of_library(engine, obj, base, name)
    if not found and name in _OBJECT_METHODS:
        return engine.bound(engine.function(f"object.{name}"), obj)
    if not found and (hook := cls.find("__getattr__")):
        return _call_each(engine, hook, obj, imm("str", name))
    return found


def _call_each(engine: Engine, functions: Value, receiver: Obj, *values: Value) -> Value:
    return engine.call(engine, functions, Args([frozenset([receiver]), *values]))


def bind(engine: Engine, value: Value, receiver: Obj, cls: UserClass) -> Value:
    """What a class attribute is when it is read through an instance."""
    found = NOTHING
    for obj in value:
        match obj:
            case Func():
                found |= engine.bound(obj, receiver)
            case Wrapper(kind="staticmethod"):
                found |= obj.function
            case Wrapper(kind="classmethod"):
                found |= _as_method(engine, obj.function, cls)
            case Wrapper(kind="property"):
                found |= _call_each(engine, obj.function, receiver)
            case Wrapper(kind="cached_property"):
                engine.mutate(receiver, "keeps a cached property in")
                found |= _call_each(engine, obj.function, receiver)
            case Wrapper():
                found |= _partial(engine, obj, receiver)
            case Site(cls=UserClass() as descriptor) if getter := descriptor.find("__get__"):
                found |= _call_each(engine, getter, obj, frozenset([receiver]), frozenset([cls]))
            case Lib(name) if (entry := engine.tables.entry(name)) and not entry.is_value and "." not in name:
                found |= engine.bound(obj, receiver)
            case _:
                found |= frozenset([obj])
    return found


def _partial(engine: Engine, wrapper: Wrapper, receiver: Obj) -> Value:
    args = Args([frozenset([receiver])])
    return engine.once(("method", wrapper, receiver), lambda: Partial(frozenset([wrapper]), args))


def _as_method(engine: Engine, functions: Value, cls: UserClass) -> Value:
    return join(*(engine.bound(f, cls) if isinstance(f, Func) else frozenset([f]) for f in functions))


def _of_class(engine: Engine, cls: UserClass, name: str) -> Value:
    if cls.unknown:
        return UNKNOWN
    found = NOTHING
    for obj in cls.find(name):
        match obj:
            case Wrapper(kind="staticmethod"):
                found |= obj.function
            case Wrapper(kind="classmethod"):
                found |= _as_method(engine, obj.function, cls)
            case Site(cls=UserClass() as descriptor) if getter := descriptor.find("__get__"):
                found |= _call_each(engine, getter, obj, imm("None"), frozenset([cls]))
            case _:
                found |= frozenset([obj])
    if found:
        return found
    if name in _FUNCTION_TEXTS:
        return imm("str")
    if name in ("__mro__", "__bases__"):
        return engine.fresh(cls, "tuple", frozenset([cls, *cls.mro()]), "mro")
    if name in ("__dict__", "__subclasses__"):
        return engine.unknown(f"uses `{name}` of the class `{cls.name}`")
    for base in cls.library():
        entry = engine.tables.member(base, name)
        if entry is not None:
            function = engine.function(entry.name)
            found |= engine.bound(function, cls) if entry.static else frozenset([function])
    if not found and name in _OBJECT_METHODS:
        return engine.lib(f"object.{name}")
    return found


def _of_super(engine: Engine, cls: UserClass, receiver: Obj, name: str) -> Value:
    actual = receiver.cls if isinstance(receiver, Site) and receiver.cls else receiver
    if not isinstance(actual, UserClass):
        return NOTHING
    found = actual.find(name, after=cls)
    if found:
        return bind(engine, found, receiver, actual)
    for base in actual.library():
        if entry := engine.tables.member(base, name):
            found |= engine.bound(engine.function(entry.name), receiver)
    if found:
        return found
    if name in _OBJECT_METHODS:
        return engine.bound(engine.function(f"object.{name}"), receiver)
    if any(not engine.tables.lacks(base, name) for base in actual.library()):
        return engine.unknown(f"uses `{name}` of a library class, which is not in the tables of effects")
    return NOTHING


def _of_library(engine: Engine, obj: Obj, type: str, name: str) -> Value:
    fields = obj.fields if isinstance(obj, Site) else {}
    if type == "native":
        found = join(*(_member(engine, obj, entry) for entry in engine.tables.natives(name)))
        return join(found, frozenset([obj]), fields.get(name, NOTHING), fields.get("[]", NOTHING))
    found = fields.get(name, NOTHING)
    entry = engine.tables.member(type, name)
    if entry is not None:
        return found | _member(engine, obj, entry)
    if name == "__class__":
        return engine.lib(builtin.class_of(type))
    if name == "__doc__":
        return imm("str")
    if engine.tables.has(type, "record"):
        return found | fields.get("[]", NOTHING)
    if found or engine.tables.lacks(type, name):
        return found
    if isinstance(obj, Site) and obj.cls is not None and name in _OBJECT_METHODS:
        return NOTHING
    return engine.unknown(f"uses `{builtin.shown(type)}.{name}`, which is not in the tables of effects")


def _member(engine: Engine, obj: Obj, entry: Entry) -> Value:
    if not entry.is_value:
        return engine.bound(engine.function(entry.name), obj)
    if entry.name == "pathlib.Path.parent":
        return paths.parent(frozenset([obj]), paths.PATH)
    for effect in entry.effects:
        engine.record(effect.kind, effect.reason or f"reads `{builtin.shown(entry.name)}`")
    return evaluate(engine, entry, entry.result or (), Args(), obj, NOTHING)


def _of_module(engine: Engine, module: Module, name: str) -> Value:
    if name in module.vars:
        return variable(engine, module, name)
    if module.package and (found := submodule(engine, module, name)):
        return found
    if hook := module.vars.get("__getattr__"):
        return engine.call(engine, hook, Args([imm("str", name)]))
    return imm("str") if name in _FUNCTION_TEXTS or name == "__file__" else NOTHING


def variable(engine: Engine, module: Module, name: str) -> Value:
    """A variable of a user's module. One that only other functions change is read as it happens to be."""
    value = module.vars[name]
    written = (module, name) in engine.written or engine.mutated & value
    data = any(not isinstance(obj, Lib | Module) for obj in value)
    if name in module.parsed.changed and data and not written:
        engine.record(Kind.READ_GLOBAL, f"reads the module variable `{name}`, which changes after the import")
    return value


def _of_name(engine: Engine, lib: Lib, name: str) -> Value:
    if (found := in_folder(engine, lib.name, name)) is not None:
        return found
    owner = lib.name.removeprefix("builtins.")
    full = f"{owner}.{name}"
    entry = engine.tables.entry(full)
    if entry is not None:
        if entry.is_value:
            return builtin.variable(engine, entry)
        return engine.bound(engine.function(entry.name), lib) if entry.static else engine.lib(entry.name)
    if name in _FUNCTION_TEXTS:
        return imm("str")
    if lib.name.startswith("builtins.") and owner not in engine.tables.types:
        return NOTHING
    if engine.tables.lacks(owner, name):
        return engine.lib(f"object.{name}") if name in _OBJECT_METHODS else NOTHING
    return engine.lib(full)


def write(engine: Engine, value: Value, name: str, new: Value) -> None:
    """``value.name = new``."""
    for obj in value:
        match obj:
            case Site(cls=UserClass() as cls):
                _write_instance(engine, obj, cls, name, new)
            case Site() | UserClass() | Func():
                engine.mutate(obj, f"assigns `{name}` of")
                engine.grow(obj.fields, "[]" if isinstance(obj, Site) and obj.type == "native" else name, new)
            case Module():
                if engine.importing and obj in (context.module for context in engine.current):
                    engine.grow(obj.vars, name, new)
                    continue
                engine.written.add((obj, name))
                engine.record(Kind.WRITE_GLOBAL, f"assigns `{name}` of the module `{obj.name}`")
                engine.grow(obj.vars, name, new)
            case Lib():
                engine.record(Kind.STATE, f"replaces `{obj.name}.{name}` of a library for the whole process")
            case Bound() | Wrapper() | Partial():
                engine.unknown(f"assigns `{name}` of a function object")
            case Unknown():
                engine.unknown(f"assigns `{name}` of something unknown")


def _write_instance(engine: Engine, obj: Site, cls: UserClass, name: str, new: Value) -> None:
    if hook := cls.find("__setattr__"):
        _call_each(engine, hook, obj, imm("str", name), new)
    in_class = cls.find(name)
    plain = True
    for attribute in in_class:
        match attribute:
            case Wrapper(kind="property", setter=setter):
                _call_each(engine, setter, obj, new)
                plain = False
            case Site(cls=UserClass() as descriptor) if setter := descriptor.find("__set__"):
                _call_each(engine, setter, attribute, frozenset([obj]), new)
                plain = False
    if plain and not hook:
        engine.mutate(obj, f"assigns `{name}` of")
        engine.grow(obj.fields, name, new)
    if name in ("__dict__", "__class__"):
        engine.unknown(f"replaces `{name}` of a `{cls.name}`")
