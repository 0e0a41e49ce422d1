"""The analysis of one function: its module is found, and looked at in rounds until nothing new is learned.

In: ``module:function``, the folder that it is found below, and the parameters that are paths of declared effects.
Out: an ``Inference``.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from apwa_lang.proofs.python.attributes import read
from apwa_lang.proofs.python.calls import call
from apwa_lang.proofs.python.contexts import Context, Engine, TooLargeError
from apwa_lang.proofs.python.findings import Found, Inference, Kind
from apwa_lang.proofs.python.imports import import_module
from apwa_lang.proofs.python.library import library
from apwa_lang.proofs.python.modules import Module, Modules
from apwa_lang.proofs.python.refusals import refusals
from apwa_lang.proofs.python.statements import run_function, run_module
from apwa_lang.proofs.python.values import Args, Bound, Func, Partial, Site, UserClass, Value, Wrapper, imm

_ROUNDS = 40


def infer(target: str, base: Path, labels: frozenset[str], loaded: bool = False) -> Inference:
    """The effects of ``target``, found below ``base``. Never raises; nothing is imported or run.

    ``labels`` are the parameters through which paths in the call's own scratch folder are handed over. ``loaded``:
    ``target`` is a class, of which one instance is made and loaded before all calls.
    """
    return analyse(target, Modules(base), labels, loaded)


def analyse(target: str, modules: Modules, labels: frozenset[str], loaded: bool = False) -> Inference:
    """The effects of ``target``, found among ``modules``."""
    name, _, function = target.partition(":")
    try:
        missing = _missing(modules, name)
        if missing is not None:
            return Inference(target, missing=missing)
        engine = Engine(modules, library(), run_function, run_module, call)
        return _rounds(engine, target, name, function, labels, loaded)
    except (TooLargeError, RecursionError):
        return _given_up(target, modules, "reaches more code than the analysis looks at")
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return _given_up(target, modules, f"internal: {type(error).__name__}: {error} ({frame.name}:{frame.lineno})")


def _given_up(target: str, modules: Modules, reason: str) -> Inference:
    name, _, function = target.partition(":")
    module = modules.loaded.get(name)
    file = modules.base if module is None else module.file
    found = Found(Kind.UNKNOWN, f"{name}.{function}", file, _line(module, function), reason)
    return Inference(target, (found,), modules.sources())


def _missing(modules: Modules, name: str) -> str | None:
    """Why the module cannot be read; None if it can."""
    try:
        if name and all(part.isidentifier() for part in name.split(".")) and modules.load(name) is not None:
            return None
    except SyntaxError as error:
        if error.lineno is None:
            return f"the module `{name}` cannot be read: {error.msg}"
        return f"line {error.lineno} of the module `{name}` is not Python: {error.msg}"
    except (OSError, ValueError) as error:
        return f"the module `{name}` cannot be read: {error}"
    return f"there is no module `{name}` below {modules.base}"


def _line(module: Module | None, function: str) -> int:
    if module is None:
        return 1
    lines = [node.lineno for node in module.parsed.tree.body if getattr(node, "name", None) == function]
    return lines[-1] if lines else 1


def _rounds(engine: Engine, target: str, name: str, function: str, labels: frozenset[str], loaded: bool) -> Inference:
    module = engine.modules.loaded[name]
    scope = module.parsed.scopes[module.parsed.tree]
    engine.root = Context(f"{name}.{function}", module, scope, line=_line(module, function))
    engine.current = [engine.root]
    for _ in range(_ROUNDS):
        version = engine.version
        engine.begin_round()
        import_module(engine, name)
        engine.load(module)
        value: Value = frozenset([module])
        for part in function.split("."):
            value = read(engine, value, part)
        if not value:
            if engine.version == version:
                return Inference(target, missing=f"the module `{name}` has no function `{function}`")
            continue
        _call(engine, _instances(engine, module, value) if loaded else value, labels)
        if engine.version == version:
            engine.end_rounds()
            refused = (found for one in engine.modules.loaded.values() if one for found in _refused(one))
            return Inference(target, (*_effects(engine), *refused), engine.modules.sources())
    raise TooLargeError


def _refused(module: Module) -> Iterator[Found]:
    return refusals(module.name, module.file, module.parsed.tree)


def _call(engine: Engine, value: Value, labels: frozenset[str]) -> None:
    """Call the function as the runtime does: every argument by its name."""
    engine.node = engine.root
    for obj in value:
        call(engine, frozenset([obj]), _arguments(engine, _function(obj), labels))


def _instances(engine: Engine, module: Module, classes: Value) -> Value:
    """What the classes make when they are called and loaded, as at the top level of their module."""
    importing, engine.importing = engine.importing, True
    engine.current.append(engine.top(module))
    try:
        engine.node = engine.root
        made = call(engine, classes, Args())
        for obj in made:
            if isinstance(obj, Site) and obj.cls is not None:
                obj.label = f"the loaded `{obj.cls.name}`"
                if obj.cls.find("load"):
                    device = engine.fresh("device", "torch.dtype")
                    call(engine, read(engine, frozenset([obj]), "load"), Args([device]))
        return made
    finally:
        engine.current.pop()
        engine.importing = importing


def _function(obj: object) -> Func | None:
    match obj:
        case Func():
            return obj
        case Bound(function=Func() as function):
            return function
        case UserClass():
            return next((found for found in obj.find("__init__") if isinstance(found, Func)), None)
        case Site(cls=UserClass() as cls):
            return next((found for found in cls.find("__call__") if isinstance(found, Func)), None)
        case Wrapper(function=functions) | Partial(function=functions) if len(functions) == 1:
            return _function(next(iter(functions)))
        case _:
            return None


def _arguments(engine: Engine, func: Func | None, labels: frozenset[str]) -> Args:
    scratch: dict[str, Value] = {label: imm("str", None, 1) for label in sorted(labels)}
    if func is None:
        return Args(kw=scratch, kwstar=_native(engine, "arguments"))
    parameters = func.node.args
    names = [argument.arg for argument in [*parameters.args, *parameters.kwonlyargs]]
    if func.owner is not None:
        names = names[1:]
    given = {name: _native(engine, name) | func.defaults.get(name, frozenset()) for name in names if name not in labels}
    rest = _native(engine, parameters.kwarg.arg) if parameters.kwarg else frozenset()
    kept = {name: value for name, value in scratch.items() if name in names or parameters.kwarg}
    return Args(kw={**given, **kept}, kwstar=rest)


def _native(engine: Engine, name: str) -> Value:
    return frozenset([engine.site(("argument", name), "native", argument=name)])


def _effects(engine: Engine) -> tuple[Found, ...]:
    found = list(engine.found.values())
    if any(effect.kind is Kind.CWD for effect in found):
        found = [replace(effect, private=effect.private and effect.detail is None) for effect in found]
    return tuple(sorted(found, key=lambda effect: (str(effect.file), effect.line, effect.kind, effect.reason)))
