"""Operators, items and ``with``: what they give, which special methods of the user's they call, what they change.

In: values. Out: values.
"""

from __future__ import annotations

from apwa_lang.proofs.python import paths
from apwa_lang.proofs.python.apply import apply
from apwa_lang.proofs.python.attributes import read
from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.protocols import expose, items, iterate, mapped, special
from apwa_lang.proofs.python.special import SPECIAL
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
    imm,
    join,
)

NAMES = {
    "Add": "add",
    "Sub": "sub",
    "Mult": "mul",
    "MatMult": "matmul",
    "Div": "truediv",
    "FloorDiv": "floordiv",
    "Mod": "mod",
    "Pow": "pow",
    "LShift": "lshift",
    "RShift": "rshift",
    "BitOr": "or",
    "BitXor": "xor",
    "BitAnd": "and",
}
_NUMBERS = ("int", "float", "bool", "complex")


def binary(engine: Engine, left: Value, right: Value, operator: str) -> Value:
    """``left operator right``."""
    found = special(engine, left, f"__{operator}__", right) | special(engine, right, f"__r{operator}__", left)
    if operator == "mod" and any(isinstance(obj, Imm) and obj.type == "str" for obj in left):
        expose(engine, right)
    if operator == "add" and left and right and all(_is_text(obj) for obj in left | right):
        return paths.appended(left, right)
    for obj in left:
        found |= _binary(engine, obj, right, operator)
    return found


def _is_text(obj: Obj) -> bool:
    return isinstance(obj, Imm) and obj.type == "str"


def _binary(engine: Engine, obj: Obj, right: Value, operator: str) -> Value:
    own: Value = frozenset([obj])
    match obj:
        case Unknown():
            return UNKNOWN
        case Lib() | UserClass():
            return own
        case Imm(type=type):
            if found := _entry(engine, obj, type, f"__{operator}__", Args([right])):
                return found
            return _immutable(engine, obj, right, operator)
        case Site(cls=None, type="native"):
            return engine.native(engine.node, frozenset(o for o in own | right if not isinstance(o, Imm)))
        case Site(cls=UserClass() as cls):
            held = join(obj.fields.get("[]", NOTHING), iterate(engine, right)) if cls.library() else NOTHING
            return engine.fresh(engine.node, cls.library()[0], held, operator) if cls.library() else NOTHING
        case Site(type=type):
            if found := _entry(engine, obj, type, f"__{operator}__", Args([right])):
                return found
            return _container(engine, obj, right, operator)
        case _:
            return NOTHING


def _entry(engine: Engine, obj: Obj, type: str, name: str, args: Args) -> Value:
    entry = engine.tables.member(type, name)
    if entry is None:
        return NOTHING
    if entry.name in SPECIAL:
        return SPECIAL[entry.name](engine, args, obj)
    return apply(engine, entry, args, obj)


def _immutable(engine: Engine, left: Imm, right: Value, operator: str) -> Value:
    found = NOTHING
    for obj in right:
        match obj:
            case Unknown():
                found |= UNKNOWN
            case Imm(type=type) if left.type in _NUMBERS and type in _NUMBERS:
                floats = operator in ("truediv", "pow") or "float" in (left.type, type)
                found |= imm("float") if floats else imm("int")
            case Imm(type=type):
                found |= imm(left.type) if left.type in ("str", "bytes") else imm(left.type) | imm(type)
                if reverse := _entry(engine, obj, type, f"__r{operator}__", Args([frozenset([left])])):
                    found |= reverse
            case Site(cls=None, type="native"):
                plain = frozenset([obj]) if operator in ("mul", "add") else NOTHING
                found |= imm(left.type) | engine.native(engine.node, plain)
            case Site(cls=None, type=type) if left.type in ("str", "bytes") and operator == "mod":
                found |= imm(left.type)
            case Site(cls=None):
                found |= _container(engine, obj, frozenset([left]), operator)
            case Lib():
                found |= frozenset([obj])
    return found


def _container(engine: Engine, obj: Site, right: Value, operator: str) -> Value:
    """A new container of the same type with the elements of both."""
    held = [obj.fields.get("[]", NOTHING)]
    keys = obj.fields.get("[k]", NOTHING)
    for other in right:
        if isinstance(other, Site):
            held.append(other.fields.get("[]", NOTHING))
            keys |= other.fields.get("[k]", NOTHING)
            if other.type == "native":
                held.append(frozenset([other]))
    made = engine.fresh(engine.node, obj.type, join(*held), operator)
    for site in made:
        if isinstance(site, Site) and keys:
            engine.grow(site.fields, "[k]", keys)
    return made


def augmented(engine: Engine, left: Value, right: Value, operator: str) -> Value:
    """``left operator= right``: mutable objects change in place."""
    found = NOTHING
    for obj in left:
        own: Value = frozenset([obj])
        if isinstance(obj, Unknown) and obj.shared:
            engine.unknown("changes something of which nothing is known")
        elif isinstance(obj, Lib):
            engine.mutate(obj, "changes in place")
        if isinstance(obj, Site) and obj.cls is not None and obj.cls.find(f"__i{operator}__"):
            found |= special(engine, own, f"__i{operator}__", right)
        elif isinstance(obj, Site) and not (obj.cls and not obj.cls.library()) and not _frozen(engine, obj):
            for type in obj.cls.library() if obj.cls else [obj.type]:
                _entry(engine, obj, type, f"__i{operator}__", Args([right]))
            engine.mutate(obj, "changes in place")
            expose(engine, right)
            elements = iterate(engine, right)
            engine.grow(obj.fields, "[]", elements | mapped(right) | items(engine, right))
            if any(engine.tables.has(type, "mapping") for type in (obj.cls.library() if obj.cls else [obj.type])):
                engine.grow(obj.fields, "[k]", elements)
                engine.grow(obj.fields, "[]", iterate(engine, elements))
            found |= own
            if obj.type == "native":
                found |= binary(engine, own, right, operator)
        else:
            found |= binary(engine, own, right, operator)
    return found


def _frozen(engine: Engine, obj: Site) -> bool:
    types = obj.cls.library() if obj.cls else [obj.type]
    return all(engine.tables.has(type, "frozen") for type in types)


def item(engine: Engine, value: Value, index: Value, place: int | None, is_slice: bool) -> Value:
    """``value[index]``; ``place`` is the index if it is a constant number."""
    return join(*[_item(engine, obj, index, place, is_slice) for obj in value])


def _item(engine: Engine, obj: Obj, index: Value, place: int | None, is_slice: bool) -> Value:
    own: Value = frozenset([obj])
    match obj:
        case Unknown() | Lib():
            return own
        case UserClass() as cls:
            if any(engine.tables.has(base, "enum") for base in cls.library()):
                return cls.fields.get("[]", NOTHING)
            if hook := cls.find("__class_getitem__"):
                return engine.call(engine, frozenset(f for f in hook if isinstance(f, Func)), Args([own, index])) | own
            return own
        case Site(cls=UserClass() as cls) if hook := cls.find("__getitem__"):
            return engine.call(engine, hook, Args([own, index]))
        case Site(type="native"):
            return own | obj.fields.get("[]", NOTHING)
        case Site() | Imm():
            types = obj.cls.library() if isinstance(obj, Site) and obj.cls else [obj.type]
            return join(*(_library_item(engine, obj, type, index, place, is_slice) for type in types))
        case _:
            return NOTHING


def _library_item(engine: Engine, obj: Obj, type: str, index: Value, place: int | None, is_slice: bool) -> Value:
    expose(engine, index)
    if isinstance(obj, Site) and type == "tuple" and str(place) in obj.fields and "*" not in obj.fields:
        return obj.fields[str(place)]
    if is_slice and isinstance(obj, Site) and type in ("list", "tuple", "collections.deque"):
        return engine.fresh(engine.node, type, obj.fields.get("[]", NOTHING), "slice")
    entry = engine.tables.member(type, "__getitem__")
    if entry is not None:
        found = _entry(engine, obj, type, "__getitem__", Args([index]))
        missing = obj.cls.find("__missing__") if isinstance(obj, Site) and obj.cls else NOTHING
        if missing:
            found |= engine.call(engine, missing, Args([frozenset([obj]), index]))
        return found
    if engine.tables.lacks(type, "__getitem__"):
        return NOTHING
    return engine.unknown(f"takes an item of a `{type}`, of which the tables of effects say nothing")


def set_item(engine: Engine, value: Value, index: Value, new: Value) -> None:
    """``value[index] = new``."""
    for obj in value:
        own: Value = frozenset([obj])
        match obj:
            case Site(cls=UserClass() as cls) if hook := cls.find("__setitem__"):
                engine.call(engine, hook, Args([own, index, new]))
            case Site():
                types = obj.cls.library() if obj.cls else [obj.type]
                entries = [entry for type in types if (entry := engine.tables.member(type, "__setitem__"))]
                for entry in entries:
                    apply(engine, entry, Args([index, new]), obj)
                if not entries:
                    engine.mutate(obj, "assigns an item of")
                    expose(engine, index)
                    engine.grow(obj.fields, "[]", new)
                engine.grow(obj.fields, "[k]", index)
            case Lib():
                engine.mutate(obj, "assigns an item of")
            case Unknown(shared=True):
                engine.unknown("assigns an item of something unknown")


def delete_item(engine: Engine, value: Value, index: Value) -> None:
    """``del value[index]``."""
    special(engine, value, "__delitem__", index)
    for obj in value:
        if not (isinstance(obj, Site) and obj.cls and obj.cls.find("__delitem__")):
            types = [obj.type] if isinstance(obj, Site) and obj.cls is None else []
            if not join(*(_entry(engine, obj, type, "__delitem__", Args([index])) for type in types)):
                engine.mutate(obj, "deletes an item of")


def entered(engine: Engine, value: Value) -> Value:
    """What ``with value as x`` gives ``x``; leaving the block is done at once."""
    found = NOTHING
    for obj in value:
        own: Value = frozenset([obj])
        if isinstance(obj, Unknown):
            found |= own
            continue
        found |= engine.call(engine, read(engine, own, "__enter__"), Args())
        leave = read(engine, own, "__exit__")
        error = join(imm("None"), engine.raised.get("", NOTHING), engine.fresh(obj, "Exception"))
        engine.call(engine, leave, Args([imm("None") | engine.lib("builtins.Exception"), error, imm("None")]))
    return found
