"""Small typed programs, written by hand: one table, one split, tasks whose effects are path templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from apwa_lang.semantics.core import Const, Core, GetField, Var
from apwa_lang.semantics.program import (
    Effect,
    Filter,
    Flow,
    Hole,
    Literal,
    LiteralSource,
    Map,
    Param,
    Policy,
    Program,
    ReturnBody,
    Save,
    Split,
    SqlSource,
    Step,
    Table,
    Task,
    Template,
)
from apwa_lang.semantics.types import STR, UNKNOWN, Field, RecordType, Type
from apwa_lang.syntax.source import Source, Span

NOWHERE = Span(Source("nowhere"), 0, 7)
_PART = re.compile(r"\{\{(.*?)\}\}")


def typed(names: dict[str, Type], path: str) -> Type:
    first, *rest = path.split(".")
    type = names.get(first, UNKNOWN)
    for name in rest:
        field = type.field(name) if isinstance(type, RecordType) else None
        type = field.type if field is not None else UNKNOWN
    return type


def template(text: str, names: dict[str, Type]) -> Template:
    """``{{ a.b | filter(1, "x") }}`` holes; anything else in a hole is an expression without a value."""
    source = Source(text)
    segments: list[Literal | Hole] = []
    used: set[str] = set()
    position = 0
    for found in _PART.finditer(text):
        if position < found.start():
            segments.append(Literal(text[position : found.start()], Span(source, position, found.start())))
        position = found.end()
        path, *filters = [piece.strip() for piece in found[1].split("|")]
        span = Span(source, found.start(), found.end())
        used |= set(re.findall(r"(?<![.\w])[a-z]\w*", path))
        if not re.fullmatch(r"[a-z][\w.]*", path):
            segments.append(Hole(None, UNKNOWN, (), span))
            continue
        first, *rest = path.split(".")
        value: Core = Var(first)
        for name in rest:
            value = GetField(value, name)
        segments.append(Hole(value, typed(names, path), tuple(map(a_filter, filters)), span))
    if position < len(text):
        segments.append(Literal(text[position:], Span(source, position, len(text))))
    return Template(text, frozenset(used), tuple(segments), Span(source, 0, len(text)))


def a_filter(text: str) -> Filter:
    name, _, arguments = text.partition("(")
    return Filter(name.strip(), ast.literal_eval(f"({arguments.rstrip(')')},)") if arguments.strip(")") else ())


def record(*fields: Field) -> RecordType:
    return RecordType("Note", tuple(fields))


def table(name: str, fields: RecordType, rows: Iterable[tuple[object, ...]] | None = None) -> Table:
    source = SqlSource("select", (), NOWHERE) if rows is None else LiteralSource(tuple(rows), NOWHERE)
    return Table(name, fields, source, NOWHERE)


def split(
    of: str, subproblem: RecordType, rule: str = "row", identity: tuple[str, ...] | None = None, **arguments: object
) -> Split:
    if identity is None:
        identity = tuple(field.name for field in subproblem.keys)
    return Split(f"{of}_{rule}", of, rule, tuple(arguments.items()), subproblem, identity, True, NOWHERE)


def task(
    name: str,
    parameters: dict[str, Type],
    *,
    writes: Iterable[str] = (),
    reads: Iterable[str] = (),
    reduces: dict[str, str] | None = None,
    params: dict[str, Type] | None = None,
    idempotent: bool = False,
    trust: str | None = None,
    tools: tuple[str, ...] = (),
) -> Task:
    names = {**(params or {}), **parameters}
    effects = [effect("write", text, names) for text in writes]
    effects += [effect("read", text, names) for text in reads]
    effects += [effect("reduce", text, names, operation) for text, operation in (reduces or {}).items()]
    return Task(
        name,
        tuple(parameters.items()),
        STR,
        ReturnBody(Const("x", STR)),
        tuple(effects),
        Policy(),
        NOWHERE,
        idempotent=idempotent,
        trust=trust,
        tools=tools,
    )


def effect(kind: str, text: str, names: dict[str, Type], operation: str | None = None) -> Effect:
    checked = template(text, names)
    return Effect(kind, checked, text.endswith("/**"), checked.span, operation=operation)


def step(name: str, operation: object, depends: Iterable[str] = (), **others: object) -> Step:
    settings = {"record": None, "after": (), "guards": (), "span": NOWHERE, **others}
    return Step(name, operation, depends=tuple(depends), **settings)  # type: ignore[arg-type]


def mapped(name: str, of: Task, over: Split, arguments: dict[str, Core] | None = None, **others: object) -> Step:
    given = arguments if arguments is not None else {of.parameters[0][0]: Var("@")}
    keep = others.pop("keep", ())
    return step(name, Map(of.name, over.name, tuple(given.items()), keep), **others)  # type: ignore[arg-type]


def save(of: str, to: str, params: dict[str, Type] | None = None, **others: object) -> Step:
    return step(f"save {of} {to}", Save(of, template(to, params or {}), "jsonl"), **others)


def program(
    tables: Iterable[Table],
    splits: Iterable[Split],
    tasks: Iterable[Task],
    steps: Iterable[Step],
    params: dict[str, Type] | None = None,
    file: Path | None = None,
) -> Program:
    splits = tuple(splits)
    flow = Flow("main", tuple(steps), splits, NOWHERE)
    return Program(
        Source("", file=file),
        params={name: Param(name, type, None, NOWHERE) for name, type in (params or {}).items()},
        tables={one.name: one for one in tables},
        splits={one.name: one for one in splits},
        tasks={one.name: one for one in tasks},
        flows={"main": flow},
    )


def one_map(
    fields: RecordType,
    *,
    writes: Iterable[str] = (),
    reads: Iterable[str] = (),
    rows: Iterable[tuple[object, ...]] | None = None,
    params: dict[str, Type] | None = None,
    over: Split | None = None,
    **settings: object,
) -> Program:
    """``x = map work over`` a split of one table, by row unless another is given; the task's parameter is ``note``."""
    of = over or split("notes", fields)
    work = task("work", {"note": of.subproblem}, writes=writes, reads=reads, params=params, **settings)  # type: ignore[arg-type]
    return program([table("notes", fields, rows)], [of], [work], [mapped("x", work, of)], params)
