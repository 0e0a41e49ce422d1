"""Decorators of libraries, and what makes functions and classes from others.

In: the arguments and receiver of a call. Out: the function or class that it gives.
"""

from __future__ import annotations

from apwa_lang.proofs.python.classes import named_tuple
from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.findings import Kind
from apwa_lang.proofs.python.special_files import Handler
from apwa_lang.proofs.python.values import (
    NOTHING,
    Args,
    Bound,
    Func,
    Obj,
    Partial,
    UserClass,
    Value,
    Wrapper,
    imm,
)


def _wrap(kind: str) -> Handler:
    def handler(engine: Engine, args: Args, receiver: Obj | None) -> Value:
        function = args.get(0, "fget") or NOTHING
        return engine.once(
            (kind, function, engine.importing),
            lambda: Wrapper(kind, function, engine.importing, args.get(1) or NOTHING),
        )

    return handler


def _accessor(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    """``@x.setter``."""
    assert isinstance(receiver, Wrapper)
    function = args.get(0) or NOTHING
    return engine.once(
        ("setter", receiver, function), lambda: Wrapper("property", receiver.function, receiver.shared, function)
    )


def _cache(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    """``@lru_cache``, ``@lru_cache(maxsize=8)``, ``lru_cache(8)``."""
    if any(isinstance(obj, Func | Bound | Partial | Wrapper | UserClass) for obj in args.get(0) or ()):
        return _wrap("cache")(engine, Args([args.pos[0]]), receiver)
    return engine.lib("functools.cache")


def _same(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    value = args.get(0) or NOTHING
    for obj in value:
        if isinstance(obj, UserClass | Func):
            engine.mutate(obj, "decorates")
    return value


def _giving(name: str) -> Handler:
    """A call that only configures the decorator ``name``."""

    def handler(engine: Engine, args: Args, receiver: Obj | None) -> Value:
        return engine.lib(name)

    return handler


def _partial(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    function = args.get(0) or NOTHING
    rest = Args(args.pos[1:], args.kw, args.star, args.kwstar)
    key = (function, tuple(rest.pos), tuple(rest.kw.items()), rest.star, rest.kwstar)
    return engine.once(("partial", *key), lambda: Partial(function, rest))


def _compared(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    """``cmp_to_key(f)``: a key function whose results are compared by ``f``."""
    function = args.get(0) or NOTHING
    return engine.once(("compared", function), lambda: Partial(engine.lib("functools.cmp_to_key()"), Args([function])))


def _compare(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    value = args.get(1) or NOTHING
    engine.call(engine, args.get(0) or NOTHING, Args([value, value]))
    return imm("int")


def _called(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    """``operator.call(f, x)`` and ``stack.callback(f, x)``."""
    return engine.call(engine, args.get(0) or NOTHING, Args(args.pos[1:], args.kw, args.star, args.kwstar))


def _dataclass(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    for obj in args.get(0) or ():
        if isinstance(obj, UserClass):
            engine.mutate(obj, "decorates")
        if isinstance(obj, UserClass) and not obj.generated:
            obj.generated = True
            engine.version += 1
    return args.get(0, "cls") or engine.lib("dataclasses.dataclass")


def _field(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    site = engine.site(engine.node, "dataclasses.field")
    engine.grow(site.fields, "default", args.kw.get("default", NOTHING))
    engine.grow(site.fields, "factory", args.kw.get("default_factory", args.kw.get("factory", NOTHING)))
    return frozenset([site])


def _named_tuple(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    return named_tuple(engine, engine.here.module, args)


def _singledispatch(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    (site,) = _wrap("dispatch")(engine, args, receiver)
    return frozenset([site])


def _register(engine: Engine, args: Args, receiver: Obj | None) -> Value:
    """``@f.register`` and ``@f.register(int)``: one more function that a call of ``f`` may reach."""
    assert isinstance(receiver, Wrapper)
    functions = frozenset(obj for obj in args.every() if isinstance(obj, Func | Bound | Partial))
    if not functions:
        return engine.bound(engine.function("functools.singledispatch.register"), receiver)
    if receiver.shared and not engine.importing:
        engine.record(Kind.STATE, "registers a function for the whole process")
    if not receiver.function >= functions:
        receiver.function |= functions
        engine.version += 1
    return functions


_IDENTITY = (
    "functools.total_ordering abc.abstractmethod typing.overload typing.final typing.override typing.runtime_checkable "
    "typing.no_type_check enum.unique enum.verify types.coroutine warnings.deprecated "
    "functools.update_wrapper numpy.vectorize"
)

DECORATORS: dict[str, Handler] = {
    **dict.fromkeys(_IDENTITY.split(), _same),
    "builtins.property": _wrap("property"),
    "property.setter": _accessor,
    "property.deleter": _accessor,
    "property.getter": _accessor,
    "abc.abstractproperty": _wrap("property"),
    "builtins.staticmethod": _wrap("staticmethod"),
    "builtins.classmethod": _wrap("classmethod"),
    "functools.cached_property": _wrap("cached_property"),
    "functools.lru_cache": _cache,
    "functools.cache": _wrap("cache"),
    "functools.wraps": _giving("functools.update_wrapper"),
    "functools.partial": _partial,
    "functools.cmp_to_key": _compared,
    "functools.cmp_to_key()": _compare,
    "operator.call": _called,
    "contextlib.ExitStack.callback": _called,
    "functools.singledispatch": _singledispatch,
    "functools.singledispatch.register": _register,
    "contextlib.contextmanager": _wrap("contextmanager"),
    "dataclasses.dataclass": _dataclass,
    "dataclasses.field": _field,
    "attr.s": _dataclass,
    "attr.attrs": _dataclass,
    "attr.define": _dataclass,
    "attr.frozen": _dataclass,
    "attrs.define": _dataclass,
    "attrs.frozen": _dataclass,
    "attrs.mutable": _dataclass,
    "attr.ib": _field,
    "attrs.field": _field,
    "pydantic.dataclasses.dataclass": _dataclass,
    "pydantic.Field": _field,
    "pydantic.field_validator": _giving("pydantic.validator()"),
    "pydantic.model_validator": _giving("pydantic.validator()"),
    "pydantic.field_serializer": _giving("pydantic.validator()"),
    "pydantic.validator()": _wrap("validator"),
    "pydantic.computed_field": _same,
    "typing.NewType": lambda engine, args, receiver: engine.lib("typing.final"),
    "collections.namedtuple": _named_tuple,
    "typing.NamedTuple": _named_tuple,
}
