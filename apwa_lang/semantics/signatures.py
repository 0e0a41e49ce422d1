"""Signatures of built-in functions and template filters, and how a call is matched with them.

In: signatures as text, ``slice(items: list[T], start: int, end: int? = null) -> list[T]``, which is also what people
are shown, and the types of a call's arguments. Out: the signature that fits and the type of the result, or what is
amiss.

``T`` stands for any type. ``value`` is any type but ``T?``; ``scalar``, ``number``, ``ordered`` and ``summable`` are
variables over the types in ``KINDS``. A variable that occurs twice stands for the least type that both uses fit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from apwa_lang.semantics.operators import NUMBERS, ORDERED, SCALARS, join, plain
from apwa_lang.semantics.types import (
    DURATION,
    FLOAT,
    INT,
    JSON,
    NULL,
    PRIMITIVES,
    STR,
    UNKNOWN,
    Choice,
    ListOf,
    MapOf,
    Optional,
    Type,
    assignable,
)

KINDS: dict[str, tuple[Type, ...] | None] = {
    "T": None,
    "value": None,
    "scalar": SCALARS,
    "number": NUMBERS,
    "ordered": ORDERED,
    "summable": (INT, FLOAT, DURATION),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A type that the call decides."""

    name: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """``list``, ``map`` or ``maybe`` of a pattern, or ``any`` one of several."""

    form: str
    parts: tuple[Shape, ...]


Shape = Variable | Pattern | Type
Bindings = dict[str, Type]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; ``text`` is its type as people read it, ``default`` None where it must be given."""

    name: str
    shape: Shape
    text: str
    default: Constant | None = None
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A parameter's default."""

    value: str | int | bool | None

    @property
    def type(self) -> Type:
        """Its type."""
        return {str: STR, int: INT, bool: PRIMITIVES["bool"]}.get(type(self.value), NULL)


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's or filter's parameters and result, and the text they were read from."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Shape
    text: str


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in: its overloads as text, and what it does in one line."""

    overloads: tuple[str, ...]
    doc: str

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """The overloads, read."""
        return tuple(read(text) for text in self.overloads)


@dataclass(frozen=True, slots=True)
class Match:
    """A call that fits. ``order`` has, for each value passed on, the index of the argument, or the default."""

    signature: Signature
    order: tuple[int | Constant, ...]
    result: Type


@dataclass(frozen=True, slots=True)
class Misfit:
    """An argument of the wrong type; ``expected`` is the type that was asked for, as text."""

    argument: int
    parameter: str
    expected: str
    found: Type
    optional: bool


@cache
def read(text: str) -> Signature:
    """The signature that ``text`` says. Raises ValueError for text that is none."""
    found = re.fullmatch(r"(\w+)\((.*)\) -> (.+)", text)
    if found is None:
        raise ValueError(f"{text!r} is not a signature")
    name, inside, result = found.groups()
    parameters = tuple(_parameter(part) for part in parts_of(inside))
    return Signature(name, parameters, _shape(result), text)


def match_call(
    overloads: Sequence[Signature],
    names: Sequence[str | None],
    type_of: Callable[[int, Type | None], Type],
    expected: Type | None = None,
) -> Match | Misfit | None:
    """Match arguments with overloads; None when no overload takes so many arguments, or arguments of these names.

    ``names`` has the name of each argument, None for a positional one. ``type_of(i, hint)`` gives the type of argument
    ``i``, called once for each and in order; ``hint`` is the type it had best have, where that is known.
    """
    candidates = [(signature, order, Bindings()) for signature in overloads if (order := _arrange(signature, names))]
    if not candidates:
        return None
    vague = False
    for index in range(len(names)):
        signature, order, bindings = candidates[0]
        hints = (_bind(signature.result, expected, {}) or {}) if expected is not None else {}
        wanted = [(_parameter_of(each, places, index), each, places, bound) for each, places, bound in candidates]
        found = type_of(index, substitute(wanted[0][0].shape, {**hints, **bindings}))
        vague = vague or found == UNKNOWN
        fitting = [
            (each, places, more)
            for parameter, each, places, bound in wanted
            if (more := _bind(parameter.shape, found, bound)) is not None
        ]
        if not fitting:
            first = wanted[0][0]
            texts = dict.fromkeys(_told(parameter, bound) for parameter, _, _, bound in wanted)
            inner = found.inner if isinstance(found, Optional) else None
            optional = inner is not None and any(
                _bind(parameter.shape, inner, bound) is not None for parameter, _, _, bound in wanted
            )
            return Misfit(index, first.name, " or ".join(texts), found, optional)
        candidates = fitting
    signature, order, bindings = candidates[0]
    results = [substitute(each.result, bound) or UNKNOWN for each, _, bound in candidates]
    result = results[0] if not vague or all(other == results[0] for other in results) else UNKNOWN
    return Match(signature, order, result)


def told(overloads: Sequence[str]) -> str:
    """Signatures as a help line has them, with what their variables stand for."""
    lines = [" or ".join(f"`{text}`" for text in overloads)]
    for name, types in KINDS.items():
        if types is not None and any(re.search(rf"\b{name}\b", text) for text in overloads):
            lines.append(f"where `{name}` is {', '.join(f'`{type}`' for type in types)}")
    return ", ".join(lines)


def substitute(shape: Shape, bindings: Bindings) -> Type | None:
    """The type that ``shape`` is under ``bindings``; None while that is open."""
    match shape:
        case Variable(name):
            return bindings.get(name)
        case Pattern("any"):
            return None
        case Pattern(form, (part,)):
            inner = substitute(part, bindings)
            if inner is None:
                return ListOf(UNKNOWN) if form == "list" else None
            if form == "list":
                return ListOf(inner)
            if form == "map":
                return MapOf(inner)
            return inner if isinstance(inner, Optional) else Optional(inner)
        case Pattern():
            return None
        case _:
            return shape


def _bind(shape: Shape, given: Type, bindings: Bindings) -> Bindings | None:
    """The bindings under which ``given`` may stand for ``shape``, or None."""
    if given == UNKNOWN:
        return bindings
    given = plain(given) if not isinstance(given, Choice) else given
    match shape:
        case Variable(name):
            bound = bindings.get(name)
            joined = given if bound is None else join(bound, given)
            if joined is None or not _allowed(name, joined):
                return None
            return {**bindings, name: joined}
        case Pattern("any", parts):
            options = (_bind(part, given, bindings) for part in parts)
            return next((option for option in options if option is not None), None)
        case Pattern("list", (part,)):
            return _bind(part, given.item, bindings) if isinstance(given, ListOf) else None
        case Pattern("map", (part,)):
            return _bind(part, given.value, bindings) if isinstance(given, MapOf) else None
        case Pattern("maybe", (part,)):
            if given == NULL:
                return bindings
            return _bind(part, given.inner if isinstance(given, Optional) else given, bindings)
        case Pattern():
            return None
        case _:
            return bindings if given == shape or (shape != JSON and assignable(given, shape)) else None


def _allowed(name: str, type: Type) -> bool:
    if name == "T":
        return True
    if isinstance(type, Optional) or type == NULL:
        return False
    kinds = KINDS[name]
    return kinds is None or type == UNKNOWN or plain(type) in kinds


def _arrange(signature: Signature, names: Sequence[str | None]) -> tuple[int | Constant, ...] | None:
    """Which argument, or default, each parameter takes; rest arguments follow. None when they do not go together."""
    places: dict[str, int] = {}
    rest: list[int] = []
    for index, name in enumerate(names):
        if name is not None:
            if name in places or all(parameter.name != name for parameter in signature.parameters):
                return None
            places[name] = index
        elif index < len(signature.parameters) and not signature.parameters[index].rest:
            places[signature.parameters[index].name] = index
        elif signature.parameters and signature.parameters[-1].rest:
            rest.append(index)
        else:
            return None
    order: list[int | Constant] = []
    for parameter in signature.parameters:
        if parameter.rest:
            order += rest
        elif parameter.name in places:
            order.append(places[parameter.name])
        elif parameter.default is not None:
            order.append(parameter.default)
        else:
            return None
    return tuple(order)


def _parameter_of(signature: Signature, order: tuple[int | Constant, ...], index: int) -> Parameter:
    place = next(place for place, each in enumerate(order) if each is index or each == index)
    return signature.parameters[min(place, len(signature.parameters) - 1)]


def _told(parameter: Parameter, bindings: Bindings) -> str:
    known = substitute(parameter.shape, bindings)
    return parameter.text if known is None or known == ListOf(UNKNOWN) else str(known)


def _parameter(text: str) -> Parameter:
    head, _, default = (part.strip() for part in text.partition("="))
    name, _, type = (part.strip() for part in head.partition(":"))
    constant = Constant(json.loads(default)) if default else None
    return Parameter(name.removeprefix("..."), _shape(type), type, constant, name.startswith("..."))


def _shape(text: str) -> Shape:
    options = parts_of(text, "|")
    if len(options) > 1:
        return Pattern("any", tuple(_shape(option) for option in options))
    text = text.strip()
    if text.endswith("?"):
        return Pattern("maybe", (_shape(text[:-1]),))
    if text.startswith("list["):
        return Pattern("list", (_shape(text[5:-1]),))
    if text.startswith("map[str,"):
        return Pattern("map", (_shape(text[8:-1]),))
    if text in KINDS:
        return Variable(text)
    return PRIMITIVES[text]


def parts_of(text: str, separator: str = ",") -> list[str]:
    """``text`` cut at the separators outside brackets."""
    found, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "[(") - (letter in "])")
        if letter == separator and depth == 0:
            found.append(text[start:place].strip())
            start = place + 1
    last = text[start:].strip()
    return [*found, last] if last else found
