"""A call of a library function, done as its entry in the tables says.

In: the entry, arguments and receiver. Out: the value that the call gives; its effects are recorded.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from apwa_lang.proofs.python.builtin_values import shown
from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.findings import Kind
from apwa_lang.proofs.python.library import Effect, Entry
from apwa_lang.proofs.python.paths import places
from apwa_lang.proofs.python.protocols import expose
from apwa_lang.proofs.python.results import evaluate, sites
from apwa_lang.proofs.python.values import (
    NOTHING,
    Args,
    Bound,
    Func,
    Imm,
    Obj,
    Partial,
    Site,
    UserClass,
    Value,
    Wrapper,
    imm,
    join,
)

_REASONS = {
    Kind.STATE: "changes the state of the process through",
    Kind.FS_READ: "reads a file through",
    Kind.FS_WRITE: "writes a file through",
    Kind.NET: "uses the network through",
    Kind.PROC: "runs another process through",
    Kind.ENV: "reads the environment through",
    Kind.CWD: "changes the working directory through",
    Kind.RANDOM: "draws a random value from",
    Kind.TIME: "asks for the time through",
    Kind.THREAD: "uses threads through",
    Kind.UNKNOWN: "calls",
}
_HARMLESS = frozenset(["isinstance", "issubclass", "callable", "id", "hash", "type", "print", "repr", "str"])
_CALLABLE = (Func, Bound, Partial, Wrapper)


def apply(engine: Engine, entry: Entry, args: Args, receiver: Obj | None = None) -> Value:
    """What the call gives."""
    engine.step()
    expose(engine, args.every())
    if entry.name in ("str.format", "str.format_map", "string.Formatter.format"):
        _read_properties(engine, args.every())
    if receiver is not None:
        expose(engine, frozenset([receiver]) if not isinstance(receiver, UserClass) else NOTHING)
    for effect in entry.effects:
        _record(engine, entry, effect, args, receiver)
    for expr in entry.mutates:
        for obj in evaluate(engine, entry, (expr,), args, receiver, NOTHING):
            if not isinstance(obj, Site) or not engine.tables.has(obj.type, "frozen"):
                engine.mutate(obj, _verb(entry.name))
            if isinstance(obj, Site) and obj.cls is not None:
                expose(engine, frozenset([obj]), changing=obj is not receiver)
    called = _callbacks(engine, entry, args, receiver)
    _store(engine, entry, args, receiver, called)
    hooked = _hooks(engine, entry, args, receiver)
    if entry.result is None:
        return engine.fresh(engine.node, "opaque", args.every() | called | hooked, entry.name)
    found = evaluate(engine, entry, entry.result, args, receiver, called)
    if hooked:
        found |= hooked | engine.fresh(engine.node, "iterator", hooked, entry.name)
    return found


def _read_properties(engine: Engine, value: Value) -> None:
    """``"{0.name}".format(x)`` reads any attribute."""
    for obj in engine.reachable(value):
        if isinstance(obj, Site) and obj.cls is not None:
            for held in [held for cls in obj.cls.mro() for held in cls.fields.values()]:
                for found in held:
                    if isinstance(found, Wrapper) and found.kind in ("property", "cached_property"):
                        engine.call(engine, found.function, Args([frozenset([obj])]))


def _verb(name: str) -> str:
    method = name.rpartition(".")[2]
    return {"append": "appends to", "add": "adds to", "__setitem__": "assigns an item of"}.get(
        method, f"changes (by `{method}`)"
    )


def _record(engine: Engine, entry: Entry, effect: Effect, args: Args, receiver: Obj | None) -> None:
    reason = effect.reason or f"{_REASONS[effect.kind]} `{shown(entry.name)}`"
    if effect.target is None:
        engine.record(effect.kind, reason)
        return
    target = evaluate(engine, entry, (effect.target,), args, receiver, NOTHING)
    if effect.kind in (Kind.FS_READ, Kind.FS_WRITE):
        touch(engine, effect.kind, reason, target or (NOTHING if args.every() else imm("str", ".")))
    else:
        texts = sorted({obj.text for obj in target if isinstance(obj, Imm) and obj.text is not None})
        engine.record(effect.kind, reason, texts[0] if len(texts) == 1 and len(target) == 1 else None)


def touch(engine: Engine, kind: Kind, reason: str, paths: Value) -> None:
    """Record that files at ``paths`` are read or written. Open files and buffers in their place are no paths."""
    real = frozenset(obj for obj in paths if not isinstance(obj, Site) or obj.type in ("native", "opaque") or obj.cls)
    if paths and not real:
        return
    for place in places(real):
        engine.record(kind, reason, place.detail, place.private)


def _callbacks(engine: Engine, entry: Entry, args: Args, receiver: Obj | None) -> Value:
    called = NOTHING
    functions = NOTHING
    for target, parameters in entry.calls:
        function = evaluate(engine, entry, (target,), args, receiver, NOTHING)
        functions |= function
        for _ in range(2 if any(expr.name == "call" for group in parameters for expr in group) else 1):
            values = [evaluate(engine, entry, group, args, receiver, called) for group in parameters]
            while values and not values[-1]:
                values.pop()
            callee = frozenset(obj for obj in function if not isinstance(obj, Imm))
            if callee:
                called |= engine.call(engine, callee, Args(values))
    if not entry.stores:
        given = NOTHING
        kept = functions | evaluate(engine, entry, entry.result or (), args, receiver, NOTHING)
        for value in [*args.pos, *args.kw.values(), args.star, args.kwstar]:
            loose = frozenset(obj for obj in value if isinstance(obj, _CALLABLE)) - kept
            if loose and not _harmless(entry.name):
                given = given or _anything(engine, args)
                called |= engine.call(engine, loose, Args(star=given))
    return called


def _harmless(name: str) -> bool:
    return name.rpartition(".")[2] in _HARMLESS


def _anything(engine: Engine, args: Args) -> Value:
    value = frozenset(obj for obj in args.every() if not isinstance(obj, _CALLABLE))
    return join(value, *(held for site in sites(value) for held in site.fields.values()), engine.native(engine.node))


def _store(engine: Engine, entry: Entry, args: Args, receiver: Obj | None, called: Value) -> None:
    if isinstance(receiver, Site) and (entry.stores or entry.keys):
        for exprs, name in ((entry.stores, "[]"), (entry.keys, "[k]")):
            value = evaluate(engine, entry, exprs, args, receiver, called)
            if value:
                engine.grow(receiver.fields, name, value)
        return
    given = frozenset(obj for obj in args.every() if not isinstance(obj, Imm))
    if given and entry.mutates and not entry.name.endswith("__exit__"):
        held = join(given, *(value for site in sites(given) for value in site.fields.values()))
        for site in sites(evaluate(engine, entry, entry.mutates, args, receiver, called)):
            engine.grow(site.fields, "[]", held - frozenset([site]))


def _hooks(engine: Engine, entry: Entry, args: Args, receiver: Obj | None) -> Value:
    """A method of a library class may call whatever the user's class overrides of it. Gives what these give."""
    if not isinstance(receiver, Site) or receiver.cls is None:
        return NOTHING
    cls = receiver.cls
    found = NOTHING
    for base in cls.library():
        type = engine.tables.types.get(base)
        if type is None or "complete" in type.flags:
            continue
        names = {name for above in cls.mro() for name in above.fields}
        for name in sorted(names):
            overrides = name in type.members and name != "__init__"
            if overrides or any(fnmatchcase(name, pattern) for pattern in type.hooks):
                functions = frozenset(obj for obj in cls.find(name) if isinstance(obj, Func))
                if functions:
                    given = frozenset(engine.reachable(args.every())) | engine.native(cls)
                    found |= engine.call(engine, functions, Args([frozenset([receiver])], star=given))
    return frozenset(obj for obj in found if not isinstance(obj, Imm))
