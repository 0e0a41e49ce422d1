"""Expressions whose value is known before the run.

In: checked expressions and the values of some names. Out: the expressions with those names replaced and every constant
part worked out, as far as that is exact: what would fail, and what the run time alone decides, is left as it is.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from apwa_lang.semantics.core import Apply, Const, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.types import BOOL, FLOAT, INT, NULL, STR, Choice, RecordType, Type

_ARITHMETIC: dict[str, Callable[..., object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
_ORDER: dict[str, Callable[..., object]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NEGATE: Callable[..., object] = operator.neg
_EQUALITY: dict[str, Callable[..., object]] = {"==": operator.eq, "!=": operator.ne}


def substitute(core: Core, values: Mapping[str, Core]) -> Core:
    """``core`` with each variable in ``values`` replaced."""
    if isinstance(core, Var):
        return values.get(core.name, core)
    return rebuild(core, lambda part: substitute(part, values))


def fold(core: Core) -> Core:
    """``core`` with its constant parts worked out."""
    core = rebuild(core, fold)
    match core:
        case Apply("and", (Const(bool(value)), other)):
            return other if value else core.arguments[0]
        case Apply("or", (Const(bool(value)), other)):
            return core.arguments[0] if value else other
        case Apply("choose", (Const(bool(value)), then, otherwise)):
            return then if value else otherwise
        case Apply(function, arguments) if all(isinstance(argument, Const) for argument in arguments):
            return _apply(function, [argument for argument in arguments if isinstance(argument, Const)]) or core
        case GetField(MakeRecord(fields=fields), name, each=False):
            return next((value for field, value in fields if field == name), core)
        case GetField(Const(dict(value), RecordType() as record), name, each=False) if name in value:
            field = record.field(name)
            return Const(value[name], field.type) if field else core
        case _:
            return core


def constant(core: Core) -> object:
    """The JSON-able value of a folded expression. Raises ValueError when it is no constant."""
    match core:
        case Const(value):
            return value
        case MakeList(items):
            return [constant(item) for item in items]
        case MakeRecord(fields=parts) | MakeMap(entries=parts):
            return {name: constant(value) for name, value in parts}
        case _:
            raise ValueError("it is not a constant")


def variables(core: Core) -> frozenset[str]:
    """The names that ``core`` uses."""
    found: set[str] = set()

    def collect(part: Core) -> Core:
        if isinstance(part, Var):
            found.add(part.name)
            return part
        return rebuild(part, collect)

    collect(core)
    return frozenset(found)


def rebuild(core: Core, change: Callable[[Core], Core]) -> Core:
    """``core`` with ``change`` applied to its direct parts."""
    match core:
        case GetField(base, field, each):
            return GetField(change(base), field, each)
        case GetItem(base, index):
            return GetItem(change(base), change(index))
        case Apply(function, arguments):
            return Apply(function, tuple(change(argument) for argument in arguments))
        case MakeList(items):
            return MakeList(tuple(change(item) for item in items))
        case MakeRecord(type, fields):
            return MakeRecord(type, tuple((name, change(value)) for name, value in fields))
        case MakeMap(entries):
            return MakeMap(tuple((name, change(value)) for name, value in entries))
        case _:
            return core


def _is_text(type: Type) -> bool:
    return type == STR or isinstance(type, Choice)


def _is_number(type: Type) -> bool:
    return type in (INT, FLOAT)


def _apply(function: str, arguments: list[Const]) -> Const | None:
    """The constant that an operator gives, or None where the run time must decide."""
    values = [argument.value for argument in arguments]
    types = [argument.type for argument in arguments]
    text = all(_is_text(type) for type in types)
    numbers = all(_is_number(type) for type in types)
    plain = text or numbers or all(type == BOOL for type in types)
    try:
        if function == "not" and types == [BOOL]:
            return Const(not values[0], BOOL)
        if function == "neg" and numbers:
            return Const(_NEGATE(values[0]), types[0])
        if function in _EQUALITY and (plain or NULL in types):
            return Const(_EQUALITY[function](*values), BOOL)
        if function in _ORDER and (text or numbers):
            return Const(_ORDER[function](*values), BOOL)
        if function == "+" and text:
            return Const(_ARITHMETIC["+"](*values), STR)
        if function in _ARITHMETIC and numbers:
            value = _ARITHMETIC[function](*values)
            return Const(value, FLOAT if isinstance(value, float) else INT)
        if function == "in" and text:
            return Const(operator.contains(values[1], values[0]), BOOL)  # type: ignore[arg-type]
    except (ArithmeticError, TypeError):
        return None
    return None
