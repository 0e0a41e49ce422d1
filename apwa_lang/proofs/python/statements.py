"""Statements, in the order of execution: branches are taken both ways, loops until nothing is new.

In: a frame and a block of statements. Out: the frame's variables after it; effects are recorded on the way.
"""

from __future__ import annotations

import ast

from apwa_lang.proofs.python import operators
from apwa_lang.proofs.python.attributes import read
from apwa_lang.proofs.python.classes import define, field_names
from apwa_lang.proofs.python.contexts import Context, Engine
from apwa_lang.proofs.python.expressions import assign, evaluate, function, truth
from apwa_lang.proofs.python.findings import Kind
from apwa_lang.proofs.python.frames import Env, Frame, merged
from apwa_lang.proofs.python.import_statements import import_from, import_names
from apwa_lang.proofs.python.modules import Module
from apwa_lang.proofs.python.patterns import capture
from apwa_lang.proofs.python.protocols import iterate
from apwa_lang.proofs.python.values import (
    NOTHING,
    Args,
    Func,
    Lib,
    Obj,
    Site,
    UserClass,
    Value,
    imm,
    join,
)

NONE = imm("None")
_TURNS = 12


def run_function(engine: Engine, func: Func, context: Context) -> None:
    """Look at the body of ``func``; what it gives goes to ``context.results``."""
    frame = Frame(engine, context)
    for name, value in context.args.items():
        frame.bind(name, value)
    if isinstance(func.node, ast.Lambda):
        engine.grow(context.results, "return", evaluate(frame, func.node.body))
        return
    run(frame, func.node.body)
    if context.scope.generator:
        site = engine.site(func.node, "generator", context)
        for name, source in (("[]", "yield"), ("return", "returned")):
            engine.grow(site.fields, name, context.results.get(source, NOTHING))
        engine.grow(context.results, "return", frozenset([site]))
    elif frame.env is not None:
        engine.grow(context.results, "return", NONE)


def run_module(engine: Engine, module: Module, context: Context) -> None:
    """Look at the top level of ``module``."""
    run(Frame(engine, context, is_module=True), module.parsed.tree.body)


def run(frame: Frame, body: list[ast.stmt]) -> None:
    """Look at ``body`` as far as it is reached."""
    for statement in body:
        if frame.env is None:
            return
        frame.engine.step()
        frame.engine.here.line = statement.lineno
        _statement(frame, statement)


def _statement(frame: Frame, node: ast.stmt) -> None:
    engine = frame.engine
    match node:
        case ast.Expr(value=value):
            evaluate(frame, value)
        case ast.Assign(targets=targets, value=right):
            assigned = evaluate(frame, right)
            for target in targets:
                assign(frame, target, assigned)
        case ast.AnnAssign(target=target, value=right):
            if right is not None:
                assign(frame, target, evaluate(frame, right))
        case ast.AugAssign():
            _augmented(frame, node)
        case ast.Return(value=right):
            name = "returned" if engine.here.scope.generator else "return"
            engine.grow(engine.here.results, name, evaluate(frame, right) if right else NONE)
            frame.env = None
        case ast.Raise(exc=exc, cause=cause):
            _raise(frame, evaluate(frame, exc))
            evaluate(frame, cause)
            frame.env = None
        case ast.Break():
            frame.breaks.append(frame.env or {})
            frame.env = None
        case ast.Continue():
            frame.continues.append(frame.env or {})
            frame.env = None
        case ast.If(test=test, body=body, orelse=orelse):
            _if(frame, test, body, orelse)
        case ast.While(test=test, body=body, orelse=orelse):
            _loop(frame, None, test, body, orelse)
        case ast.For(target=target, iter=iterable, body=body, orelse=orelse):
            elements = iterate(engine, evaluate(frame, iterable))
            _loop(frame, (target, elements), None, body, orelse)
        case ast.With(items=items, body=body):
            _with(frame, items, body)
        case ast.Try() | ast.TryStar():
            _try(frame, node)
        case ast.Match(subject=subject, cases=cases):
            _match(frame, evaluate(frame, subject), cases)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            _define_function(frame, node)
        case ast.ClassDef():
            _define_class(frame, node)
        case ast.Import():
            import_names(frame, node)
        case ast.ImportFrom():
            import_from(frame, node)
        case ast.Delete(targets=targets):
            for target in targets:
                _delete(frame, target)
        case ast.Assert(test=test, msg=msg):
            truth(engine, evaluate(frame, test))
            evaluate(frame, msg)
        case ast.Global() | ast.Nonlocal() | ast.Pass():
            pass
        case ast.AsyncFor() | ast.AsyncWith():
            engine.unknown("waits for a coroutine, which is not followed")
        case _:
            if type(node).__name__ == "TypeAlias":
                frame.bind(ast.unparse(node).split()[1].partition("[")[0], engine.lib("typing.TypeAliasType"))
            else:
                engine.unknown(f"uses {type(node).__name__}, which is not understood")


def _augmented(frame: Frame, node: ast.AugAssign) -> None:
    engine = frame.engine
    operator = operators.NAMES[type(node.op).__name__]
    right = evaluate(frame, node.value)
    match node.target:
        case ast.Name(id=name):
            left = evaluate(frame, ast.copy_location(ast.Name(name, ast.Load()), node.target))
        case ast.Attribute(value=owner, attr=name):
            left = read(engine, evaluate(frame, owner), name)
        case ast.Subscript(value=owner, slice=index):
            left = operators.item(engine, evaluate(frame, owner), evaluate(frame, index), None, False)
    engine.here.line = node.lineno
    engine.node = node
    assign(frame, node.target, operators.augmented(engine, left, right, operator))


def _raise(frame: Frame, value: Value) -> None:
    engine = frame.engine
    for obj in value:
        made = engine.call(engine, frozenset([obj]), Args()) if isinstance(obj, UserClass) else frozenset([obj])
        engine.grow(engine.raised, "", frozenset(o for o in made if isinstance(o, Site)))


def _if(frame: Frame, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> None:
    value = evaluate(frame, test)
    known = _known(frame, test, value)
    truth(frame.engine, value)
    if known is None:
        _branches(frame, [body, orelse])
    else:
        run(frame, body if known else orelse)


def _known(frame: Frame, test: ast.expr, value: Value) -> bool | None:
    """Conditions that an import decides: ``TYPE_CHECKING`` and ``__name__ == "__main__"``; and ``True``."""
    match test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return None if "__name__" in frame.context.module.vars else False
        case ast.Constant(value=True):
            return True
        case _:
            return False if value == imm("typing.TYPE_CHECKING") else None


def _branches(frame: Frame, bodies: list[list[ast.stmt]]) -> None:
    start = frame.env
    ends: list[Env | None] = []
    for body in bodies:
        frame.env = None if start is None else dict(start)
        run(frame, body)
        ends.append(frame.env)
    frame.env = merged(*ends)


def _loop(
    frame: Frame,
    each: tuple[ast.expr, Value] | None,
    test: ast.expr | None,
    body: list[ast.stmt],
    orelse: list[ast.stmt],
) -> None:
    outer = frame.breaks, frame.continues
    frame.breaks = []
    start = frame.env
    for turn in range(_TURNS):
        frame.continues = []
        frame.env = dict(start or {})
        if test is not None:
            truth(frame.engine, evaluate(frame, test))
        if each is not None:
            assign(frame, *each)
        run(frame, body)
        after = merged(start, frame.env, *frame.continues)
        if after == start:
            break
        start = after
        if turn == _TURNS - 1:
            frame.engine.unknown("has a loop that the analysis does not get to the end of")
    frame.env = start
    if isinstance(test, ast.Constant) and test.value:
        frame.env = None
    run(frame, orelse)
    frame.env = merged(frame.env, *frame.breaks)
    frame.breaks, frame.continues = outer


def _with(frame: Frame, items: list[ast.withitem], body: list[ast.stmt]) -> None:
    for item in items:
        value = evaluate(frame, item.context_expr)
        frame.engine.node = item.context_expr
        entered = operators.entered(frame.engine, value)
        if item.optional_vars is not None:
            assign(frame, item.optional_vars, entered)
    record = _guarded(frame, body)
    frame.env = merged(frame.env, record)


def _guarded(frame: Frame, body: list[ast.stmt]) -> Env:
    """Run ``body``; what the names may be wherever it is left by an error."""
    record: Env = dict(frame.env or {})
    frame.tries.append(record)
    run(frame, body)
    frame.tries.pop()
    for outer in frame.tries:
        for name, value in record.items():
            outer[name] = outer.get(name, NOTHING) | value
    return record


def _try(frame: Frame, node: ast.Try | ast.TryStar) -> None:
    whole: Env = dict(frame.env or {})
    left = len(frame.breaks), len(frame.continues)
    frame.tries.append(whole)
    record = _guarded(frame, node.body)
    run(frame, node.orelse)
    ends = [frame.env]
    for handler in node.handlers:
        frame.env = dict(record)
        frame.engine.here.line = handler.lineno
        caught = _caught(frame, evaluate(frame, handler.type))
        if handler.name:
            frame.bind(handler.name, caught)
        run(frame, handler.body)
        ends.append(frame.env)
    frame.tries.pop()
    normal = merged(*ends)
    if node.finalbody:
        frame.env = merged(normal, whole, record)
        run(frame, node.finalbody)
        for ways, before in zip((frame.breaks, frame.continues), left, strict=True):
            if len(ways) > before and frame.env is not None:
                ways.append(dict(frame.env))
        if normal is None:
            frame.env = None
    else:
        frame.env = normal


def _caught(frame: Frame, types: Value) -> Value:
    engine = frame.engine
    classes = join(types, iterate(engine, frozenset(obj for obj in types if isinstance(obj, Site))))
    own = {obj for obj in classes if isinstance(obj, UserClass)}
    library = [obj for obj in classes if isinstance(obj, Lib)]
    found = engine.fresh(engine.here.module, "Exception") if library or not types else NOTHING
    for obj in engine.raised.get("", NOTHING):
        if isinstance(obj, Site) and (library or not types or (obj.cls is not None and own & set(obj.cls.mro()))):
            found |= frozenset([obj])
    for cls in own:
        found |= frozenset([engine.site(cls, "instance", "caught", cls=cls)])
    return found


def _match(frame: Frame, subject: Value, cases: list[ast.match_case]) -> None:
    start = frame.env
    ends: list[Env | None] = [start]
    for case in cases:
        frame.env = None if start is None else dict(start)
        capture(frame, case.pattern, subject)
        if case.guard is not None:
            truth(frame.engine, evaluate(frame, case.guard))
        run(frame, case.body)
        ends.append(frame.env)
    frame.env = merged(*ends)


def _define_function(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    decorators = [evaluate(frame, decorator) for decorator in node.decorator_list]
    value = function(frame, node, f"{frame.engine.here.name}.{node.name}")
    frame.bind(node.name, _decorated(frame, node, value, decorators))


def _decorated(
    frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, value: Value, by: list[Value]
) -> Value:
    for decorator, expression in zip(reversed(by), reversed(node.decorator_list), strict=True):
        frame.engine.here.line = expression.lineno
        frame.engine.node = expression
        frame.engine.expect(expression, decorator, ast.unparse(expression)[:60])
        value = frame.engine.call(frame.engine, decorator, Args([value]))
    return value


def _define_class(frame: Frame, node: ast.ClassDef) -> None:
    engine = frame.engine
    enclosing = engine.here
    decorators = [evaluate(frame, decorator) for decorator in node.decorator_list]
    bases = join(*(evaluate(frame, base) for base in node.bases))
    keywords = {keyword.arg or "": evaluate(frame, keyword.value) for keyword in node.keywords}
    name = f"{enclosing.name}.{node.name}"

    def make() -> Obj:
        return UserClass(node.name, enclosing.module, node, engine.importing, names=field_names(node))

    value = engine.once(("class", node, enclosing, engine.importing), make)
    (cls,) = value
    assert isinstance(cls, UserClass)
    parents = enclosing.parents if frame.is_class else (enclosing,)
    context = Context(name, enclosing.module, enclosing.module.parsed.scopes[node], parents, enclosing.caller)
    context.shared, context.line = enclosing.shared, node.lineno
    inner = Frame(engine, context, cls, is_class=True)
    engine.current.append(context)
    try:
        run(inner, node.body)
    finally:
        engine.current.pop()
    for attribute, held in (inner.env or {}).items():
        for obj in held:
            if isinstance(obj, Site) and obj.shared and not obj.label and obj.cls is not cls:
                obj.label = f"the class attribute `{node.name}.{attribute}`"
    define(engine, cls, bases, keywords, inner.env or {})
    frame.bind(node.name, _decorated(frame, node, value, decorators))


def _delete(frame: Frame, target: ast.expr) -> None:
    engine = frame.engine
    match target:
        case ast.Name(id=name):
            if name in engine.here.scope.globals and not frame.is_module:
                engine.record(Kind.WRITE_GLOBAL, f"deletes the module variable `{name}`")
        case ast.Attribute(value=owner, attr=name):
            for obj in evaluate(frame, owner):
                engine.mutate(obj, f"deletes `{name}` of")
        case ast.Subscript(value=owner, slice=index):
            operators.delete_item(engine, evaluate(frame, owner), evaluate(frame, index))
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                _delete(frame, part)
