"""Expressions: what each may be, and the effects of finding out.

In: a frame, which knows the variables, and a syntax tree. Out: values.
"""

from __future__ import annotations

import ast
import builtins

from apwa_lang.proofs.python import operators, paths
from apwa_lang.proofs.python.attributes import read, variable, write
from apwa_lang.proofs.python.binding import spread, spread_keywords
from apwa_lang.proofs.python.contexts import Engine
from apwa_lang.proofs.python.frames import Frame
from apwa_lang.proofs.python.modules import Module
from apwa_lang.proofs.python.protocols import expose, items, iterate, special
from apwa_lang.proofs.python.values import (
    NOTHING,
    Args,
    Func,
    Obj,
    Site,
    UserClass,
    Value,
    imm,
    join,
    trimmed,
)

_BUILTINS = frozenset(dir(builtins)) | {"ExceptionGroup", "BaseExceptionGroup", "PythonFinalizationError"}
_COMPREHENSIONS = {ast.ListComp: "list", ast.SetComp: "set", ast.DictComp: "dict", ast.GeneratorExp: "generator"}
_MAKING = (ast.List, ast.Dict, ast.Set, ast.Call)
_MODULE_TEXTS = frozenset(["__name__", "__file__", "__doc__", "__package__", "__path__", "__spec__"])


def evaluate(frame: Frame, node: ast.expr | None) -> Value:
    """What ``node`` may be."""
    if node is None:
        return NOTHING
    engine = frame.engine
    match node:
        case ast.Constant(value=constant):
            text = constant if isinstance(constant, str) else None
            return imm(type(constant).__name__.replace("NoneType", "None"), text)
        case ast.Name(id=name):
            return _name(frame, node, name)
        case ast.Attribute(value=owner, attr=name):
            value = evaluate(frame, owner)
            engine.here.line = node.lineno
            engine.node = node
            found = read(engine, value, name)
            if any(isinstance(obj, Module | UserClass) or (isinstance(obj, Site) and obj.cls) for obj in value):
                engine.expect(node, found, ast.unparse(node)[:60])
            return found
        case ast.Call():
            return _call(frame, node)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = evaluate(frame, left), evaluate(frame, right)
            engine.node = node
            return operators.binary(engine, a, b, operators.NAMES[type(op).__name__])
        case ast.UnaryOp(op=op, operand=operand):
            return _unary(frame, op, evaluate(frame, operand))
        case ast.BoolOp(values=operands):
            every = [evaluate(frame, operand) for operand in operands]
            truth(engine, join(*every))
            return join(*every)
        case ast.Compare(left=left, comparators=others, ops=ops):
            return _compare(frame, [evaluate(frame, part) for part in [left, *others]], ops)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            truth(engine, evaluate(frame, test))
            return evaluate(frame, body) | evaluate(frame, orelse)
        case ast.NamedExpr(target=target, value=right):
            value = evaluate(frame, right)
            frame.bind(target.id, value)
            return value
        case ast.JoinedStr(values=values):
            return _joined(frame, values)
        case ast.FormattedValue(value=inner, format_spec=spec):
            expose(engine, evaluate(frame, inner))
            evaluate(frame, spec)
            return imm("str")
        case ast.Subscript():
            return _subscript(frame, node)
        case ast.Lambda():
            return function(frame, node, f"{engine.here.name}.<lambda>")
        case ast.Yield(value=inner):
            engine.grow(engine.here.results, "yield", evaluate(frame, inner))
            return engine.here.results.get("sent", NOTHING) | imm("None")
        case ast.YieldFrom(value=inner):
            value = evaluate(frame, inner)
            engine.grow(engine.here.results, "yield", iterate(engine, value))
            return join(*(obj.fields.get("return", NOTHING) for obj in value if isinstance(obj, Site))) | imm("None")
        case ast.Await(value=inner):
            evaluate(frame, inner)
            return engine.unknown("waits for a coroutine, which is not followed")
        case ast.Starred(value=inner):
            return iterate(engine, evaluate(frame, inner))
        case ast.Slice(lower=lower, upper=upper, step=step):
            for part in (lower, upper, step):
                evaluate(frame, part)
            return imm("slice")
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return _comprehension(frame, node)
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict():
            return _display(frame, node)
        case _:
            return engine.unknown(f"uses {type(node).__name__}, which is not understood")


def _name(frame: Frame, node: ast.Name, name: str) -> Value:
    engine = frame.engine
    local = frame.lookup(name)
    if local is not None:
        engine.expect(node, local, name)
        return local
    module = engine.here.module
    if name in module.vars:
        engine.here.line = node.lineno
        return variable(engine, module, name)
    if name in _BUILTINS:
        if engine.tables.entry(f"builtins.{name}") is None and name not in engine.tables.types:
            return engine.unknown(f"uses the builtin `{name}`, which is not in the tables of effects")
        return engine.lib(f"builtins.{name}")
    if name in _MODULE_TEXTS or name == "__class__":
        return imm("str") if name != "__class__" or engine.here.owner is None else frozenset([engine.here.owner])
    engine.expect(node, NOTHING, name)
    return NOTHING


def _call(frame: Frame, node: ast.Call) -> Value:
    engine = frame.engine
    callee = evaluate(frame, node.func)
    args = Args()
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            value = evaluate(frame, argument.value)
            spread(engine, value, iterate(engine, value), args)
        elif args.star:
            args.star |= evaluate(frame, argument)
        else:
            args.pos.append(evaluate(frame, argument))
    for keyword in node.keywords:
        value = evaluate(frame, keyword.value)
        if keyword.arg is None:
            spread_keywords(engine, value, args)
        else:
            args.kw[keyword.arg] = value
    engine.here.line = node.lineno
    engine.node = node
    if not isinstance(node.func, ast.Attribute):
        engine.expect(node, callee, ast.unparse(node.func)[:60])
    return engine.call(engine, callee, args)


def function(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str) -> Value:
    """The function that ``node`` makes here, with the values of its defaults."""
    engine = frame.engine
    context = engine.here
    parents = (context,) if not frame.is_class else context.parents

    def make() -> Obj:
        return Func(name, context.module, node, parents, engine.importing, frame.cls)

    value = engine.once(("function", node, parents, engine.importing), make)
    (func,) = value
    assert isinstance(func, Func)
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for argument, default in pairs:
        if default is not None:
            held = evaluate(frame, default)
            for obj in held:
                if isinstance(obj, Site) and isinstance(default, _MAKING) and not obj.label:
                    obj.label = f"the default value of `{argument.arg}`"
            engine.grow(func.defaults, argument.arg, held)
    return value


def truth(engine: Engine, value: Value) -> None:
    """``bool(value)``."""
    special(engine, value, "__bool__")
    special(engine, value, "__len__")


def _unary(frame: Frame, op: ast.unaryop, value: Value) -> Value:
    engine = frame.engine
    if isinstance(op, ast.Not):
        truth(engine, value)
        return imm("bool")
    name = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}[type(op)]
    plain = frozenset(obj for obj in value if not (isinstance(obj, Site) and obj.cls))
    held = frozenset(obj for obj in plain if isinstance(obj, Site))
    found = special(engine, value, name) | (plain - held)
    for obj in held:
        if isinstance(obj, Site):
            found |= engine.fresh(engine.node, obj.type, obj.fields.get("[]", NOTHING), name)
    return found


def _compare(frame: Frame, values: list[Value], ops: list[ast.cmpop]) -> Value:
    engine = frame.engine
    if not all(isinstance(op, ast.Is | ast.IsNot) for op in ops):
        everything = join(*values)
        expose(engine, everything)
        for obj in everything:
            if isinstance(obj, Site) and obj.cls is None and engine.tables.has(obj.type, "array"):
                return frozenset([obj])
        for op, right in zip(ops, values[1:], strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                for obj in right:
                    if isinstance(obj, Site) and (entry := engine.tables.member(obj.type, "__contains__")):
                        engine.call(engine, engine.bound(engine.function(entry.name), obj), Args([values[0]]))
    return imm("bool")


def _joined(frame: Frame, values: list[ast.expr]) -> Value:
    found = imm("str", "")
    for part in values:
        if isinstance(part, ast.FormattedValue):
            value = evaluate(frame, part.value)
            expose(frame.engine, value)
            evaluate(frame, part.format_spec)
            plain = part.format_spec is None and part.conversion == -1
            piece = paths.typed(value, "str") if plain and value else imm("str")
        else:
            piece = evaluate(frame, part)
        found = trimmed(paths.appended(found, piece))
    return found


def _subscript(frame: Frame, node: ast.Subscript) -> Value:
    engine = frame.engine
    value, index = evaluate(frame, node.value), evaluate(frame, node.slice)
    engine.here.line = node.lineno
    engine.node = node
    place: int | None = None
    if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
        place = node.slice.value
    return operators.item(engine, value, index, place, isinstance(node.slice, ast.Slice))


def _display(frame: Frame, node: ast.List | ast.Tuple | ast.Set | ast.Dict) -> Value:
    engine = frame.engine
    type = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set", ast.Dict: "dict"}[node.__class__]
    site = engine.site(node, type)
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            held = evaluate(frame, value)
            if key is None:
                for obj in held:
                    if isinstance(obj, Site):
                        more = frozenset([obj]) if obj.type == "native" else items(engine, frozenset([obj]))
                        engine.grow(site.fields, "[]", obj.fields.get("[]", NOTHING) | more)
                        engine.grow(site.fields, "[k]", iterate(engine, frozenset([obj])))
            else:
                index = evaluate(frame, key)
                expose(engine, index)
                engine.grow(site.fields, "[k]", index)
                engine.grow(site.fields, "[]", held)
        return frozenset([site])
    starred = any(isinstance(element, ast.Starred) for element in node.elts)
    for place, element in enumerate(node.elts):
        held = evaluate(frame, element)
        engine.grow(site.fields, "[]", held)
        if type == "tuple" and not starred:
            engine.grow(site.fields, str(place), held)
    if starred and type == "tuple":
        engine.grow(site.fields, "*", NOTHING)
    if type == "set":
        expose(engine, frozenset([site]))
    return frozenset([site])


def _comprehension(frame: Frame, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Value:
    engine = frame.engine
    with frame.inner():
        for part in node.generators:
            elements = iterate(engine, evaluate(frame, part.iter))
            if part.is_async:
                engine.unknown("iterates over something asynchronous")
            assign(frame, part.target, elements)
            for test in part.ifs:
                truth(engine, evaluate(frame, test))
        type = _COMPREHENSIONS[node.__class__]
        site = engine.site(node, type)
        if isinstance(node, ast.DictComp):
            engine.grow(site.fields, "[k]", evaluate(frame, node.key))
            expose(engine, site.fields["[k]"])
            engine.grow(site.fields, "[]", evaluate(frame, node.value))
        else:
            engine.grow(site.fields, "[]", evaluate(frame, node.elt))
        if type == "set":
            expose(engine, frozenset([site]))
    return frozenset([site])


def assign(frame: Frame, target: ast.expr, value: Value) -> None:
    """``target = value``."""
    engine = frame.engine
    match target:
        case ast.Name(id=name):
            frame.bind(name, value)
        case ast.Attribute(value=owner, attr=name):
            owners = evaluate(frame, owner)
            engine.here.line = target.lineno
            engine.node = target
            write(engine, owners, name, value)
        case ast.Subscript(value=owner, slice=index):
            owners, key = evaluate(frame, owner), evaluate(frame, index)
            engine.here.line = target.lineno
            engine.node = target
            if isinstance(index, ast.Slice):
                value = iterate(engine, value)
            operators.set_item(engine, owners, key, value)
        case ast.Starred(value=inner):
            assign(frame, inner, engine.fresh(target, "list", value))
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            _unpack(frame, parts, value)


def _unpack(frame: Frame, parts: list[ast.expr], value: Value) -> None:
    known = [obj for obj in value if isinstance(obj, Site) and obj.type == "tuple" and "*" not in obj.fields]
    exact = len(known) == len(value) and not any(isinstance(part, ast.Starred) for part in parts)
    elements = iterate(frame.engine, value)
    for place, part in enumerate(parts):
        if exact and all(str(place) in obj.fields for obj in known):
            assign(frame, part, join(*(obj.fields[str(place)] for obj in known)))
        else:
            assign(frame, part, elements)
