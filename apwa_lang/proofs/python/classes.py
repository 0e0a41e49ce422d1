"""Classes of the user's: how one is made, and what calling it gives.

In: bases and attributes, or arguments. Out: classes and instances.
"""

from __future__ import annotations

import ast

from apwa_lang.proofs.python.apply import apply
from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.findings import Kind
from apwa_lang.proofs.python.modules import Module
from apwa_lang.proofs.python.protocols import iterate
from apwa_lang.proofs.python.values import (
    NOTHING,
    UNKNOWN,
    Args,
    Func,
    Imm,
    Lib,
    Obj,
    Site,
    Unknown,
    UserClass,
    Value,
    Wrapper,
    imm,
    join,
)

_GENERATED = ("pydantic.BaseModel", "typing.NamedTuple", "typing.TypedDict", "msgspec.Struct")
_METACLASSES = frozenset(["abc.ABCMeta", "enum.EnumMeta", "enum.EnumType", "builtins.type"])
_AFTER_INIT = ("__post_init__", "__attrs_post_init__", "model_post_init")
_TRANSPARENT = frozenset(["typing.Generic", "typing.Protocol", "abc.ABC", "builtins.object", "object"])


def define(
    engine: Engine, cls: UserClass, bases: Value, keywords: dict[str, Value], attributes: dict[str, Value]
) -> None:
    """Give ``cls`` its bases and attributes, and do what the bases do when a class derives from them."""
    for base in bases:
        match base:
            case UserClass():
                if cls not in base.mro() and base not in cls.bases:
                    cls.bases.append(base)
                    engine.version += 1
            case Lib(name):
                _library_base(engine, cls, name)
            case Unknown():
                cls.unknown = True
            case _ if not cls.unknown:
                engine.unknown(f"makes the class `{cls.name}` from a base that is not a class")
                cls.unknown = True
    for metaclass in keywords.get("metaclass", NOTHING):
        if not (isinstance(metaclass, Lib) and metaclass.name in _METACLASSES):
            engine.unknown(f"gives the class `{cls.name}` a metaclass")
            cls.unknown = True
    if any(engine.tables.has(base, "enum") for base in cls.library()):
        attributes = {name: _member(engine, cls, name, value) for name, value in attributes.items()}
    for name, value in attributes.items():
        engine.grow(cls.fields, name, value)
    hook = cls.find("__init_subclass__", after=cls)
    if hook:
        functions = join(*(f.function if isinstance(f, Wrapper) else frozenset([f]) for f in hook))
        rest = {name: value for name, value in keywords.items() if name != "metaclass"}
        engine.call(engine, functions, Args([frozenset([cls])], rest))
    for value in list(cls.fields.values()):
        for obj in value:
            if isinstance(obj, Site) and obj.cls is not None and (naming := obj.cls.find("__set_name__")):
                engine.call(engine, naming, Args([frozenset([obj]), frozenset([cls]), imm("str")]))
    if any(base in _GENERATED for base in cls.library()):
        cls.generated = True


def _library_base(engine: Engine, cls: UserClass, name: str) -> None:
    short = name.removeprefix("builtins.")
    if name in _TRANSPARENT or short in cls.library_bases or short.startswith("typing.Generic"):
        return
    if short not in engine.tables.types:
        engine.unknown(f"derives `{cls.name}` from `{short}`, which is not in the tables of effects")
        cls.unknown = True
        return
    cls.library_bases.append(short)
    engine.version += 1


def _member(engine: Engine, cls: UserClass, name: str, value: Value) -> Value:
    """An attribute of an enumeration: a member of it if it is plain data."""
    plain = frozenset(obj for obj in value if not isinstance(obj, Func | Wrapper | Lib | UserClass))
    if not plain or name.startswith("_"):
        return value
    member = engine.site(cls, "instance", name, cls=cls)
    for attribute, held in (("value", plain), ("_value_", plain), ("name", imm("str")), ("_name_", imm("str"))):
        engine.grow(member.fields, attribute, held)
    found: Value = frozenset([member])
    engine.grow(cls.fields, "[]", found)
    if init := cls.find("__init__"):
        engine.call(engine, init, Args([found], star=join(plain, iterate(engine, plain))))
    return found


def instantiate(engine: Engine, cls: UserClass, args: Args) -> Value:
    """What ``cls(...)`` gives."""
    if cls.unknown:
        return engine.unknown(f"makes a `{cls.name}`, of whose bases nothing is known") if cls.shared else UNKNOWN
    library = cls.library()
    if any(engine.tables.has(base, "enum") for base in library):
        if missing := cls.find("_missing_"):
            functions = join(*(f.function if isinstance(f, Wrapper) else frozenset([f]) for f in missing))
            engine.call(engine, functions, args.first(frozenset([cls])))
        return cls.fields.get("[]", NOTHING)
    if "typing.TypedDict" in library:
        return engine.fresh(engine.node, "dict", args.every(), cls)
    if cls.find("__del__"):
        engine.record(Kind.UNKNOWN, f"makes a `{cls.name}`, whose `__del__` runs at no known time")
    made: Value = frozenset([engine.site(engine.node, "instance", cls, cls=cls)])
    if new := cls.find("__new__"):
        functions = join(*(f.function if isinstance(f, Wrapper) else frozenset([f]) for f in new))
        made = engine.call(engine, functions, args.first(frozenset([cls])))
    for instance in made:
        if isinstance(instance, Site) and instance.cls is not None and cls in instance.cls.mro():
            _initialise(engine, instance, cls, args)
    return made


def _initialise(engine: Engine, instance: Site, cls: UserClass, args: Args) -> None:
    own: Value = frozenset([instance])
    if init := cls.find("__init__"):
        engine.call(engine, init, args.first(own))
        return
    if any(above.generated for above in cls.mro()):
        _fill(engine, instance, cls, args)
        for name in _AFTER_INIT:
            if hook := cls.find(name):
                engine.call(engine, hook, Args([own], star=args.every()))
        for value in [value for above in cls.mro() for value in above.fields.values()]:
            for obj in value:
                if isinstance(obj, Wrapper) and obj.kind == "validator":
                    given = args.every() | engine.native(cls)
                    engine.call(engine, obj.function, Args([own | frozenset([cls])], star=given))
    for base in cls.library():
        if base not in _GENERATED:
            construct(engine, instance, base, args)


def construct(engine: Engine, instance: Site, base: str, args: Args) -> None:
    """What the constructor of a library base does to ``instance``."""
    entry = engine.tables.entry(base if "." in base else f"builtins.{base}")
    if entry is None:
        if args.every():
            engine.grow(instance.fields, "[]", args.every())
        return
    for made in apply(engine, entry, args, instance):
        if isinstance(made, Site) and made is not instance:
            for name, held in list(made.fields.items()):
                engine.grow(instance.fields, name, held - frozenset([instance, made]))


def _fill(engine: Engine, instance: Site, cls: UserClass, args: Args) -> None:
    names = list(dict.fromkeys(name for above in reversed(cls.mro()) for name in above.names))
    for place, name in enumerate(names):
        given = args.get(place, name)
        value = given if given is not None else NOTHING
        if given is None or args.star or args.kwstar:
            value |= _default(engine, cls, cls.find(name))
        engine.grow(instance.fields, name, value)
    extra = [value for name, value in args.kw.items() if name not in names]
    held = join(*extra, *args.pos[len(names) :])
    engine.grow(instance.fields, "[]", args.every() if "typing.NamedTuple" in cls.library() else held)


def _default(engine: Engine, cls: UserClass, value: Value) -> Value:
    found = NOTHING
    for obj in value:
        if isinstance(obj, Site) and obj.type == "dataclasses.field":
            found |= obj.fields.get("default", NOTHING)
            if factory := obj.fields.get("factory"):
                found |= engine.call(engine, frozenset(f for f in factory if not isinstance(f, Imm)), Args())
        elif isinstance(obj, Site) and obj.cls is None and "pydantic.BaseModel" in cls.library():
            found |= engine.native(cls)
        else:
            found |= frozenset([obj])
    return found


def field_names(node: ast.ClassDef) -> list[str]:
    """The annotated names of a class body, in order: the fields of a data class."""
    return [
        statement.target.id
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and "ClassVar" not in ast.unparse(statement.annotation)
    ]


def named_tuple(engine: Engine, module: Module, args: Args) -> Value:
    """What ``collections.namedtuple`` gives: a class with the fields that are named by constants."""
    texts = [obj.text for obj in (args.get(1, "field_names") or NOTHING) if isinstance(obj, Imm) and obj.text]
    held = iterate(engine, frozenset(obj for obj in args.get(1, "field_names") or NOTHING if isinstance(obj, Site)))
    texts += sorted(obj.text for obj in held if isinstance(obj, Imm) and obj.text)
    node = engine.node if isinstance(engine.node, ast.AST) else module.parsed.tree
    name = next((obj.text for obj in args.get(0) or NOTHING if isinstance(obj, Imm) and obj.text), "namedtuple")

    def make() -> Obj:
        return UserClass(name, module, node, engine.importing, library_bases=["typing.NamedTuple"], generated=True)

    made = engine.once(("namedtuple", node, engine.importing), make)
    for cls in made:
        if isinstance(cls, UserClass):
            cls.names = [part for text in texts for part in text.replace(",", " ").split()]
            if held:
                cls.names = _in_order(node, cls.names)
    return made


def _in_order(node: ast.AST, names: list[str]) -> list[str]:
    constants = [
        part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    return [name for name in dict.fromkeys(constants) if name in names]
