"""Conditions on rows: can they hold together, and do they hold for a row?

In: boolean expressions, each with the value it is to have. Out: whether no values at all satisfy them (a proof, never a
guess), or what one of them gives for known values.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from apwa_lang.proofs.evaluate import OPERATORS, path_of_core
from apwa_lang.semantics.core import Apply, Const, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.types import BOOL, DATE, FLOAT, INT, STR, Choice, Field, ListOf, Optional, Primitive, Type

Condition = tuple[Core, bool]
"""An expression and the value that it has."""

_MOST_CASES = 64
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_IMPLIES = {
    "<": {"<": True, "<=": True, ">": False, ">=": False, "==": False},
    "<=": {"<=": True, ">": False},
    ">": {">": True, ">=": True, "<": False, "<=": False, "==": False},
    ">=": {">=": True, "<": False},
    "==": {"==": True, "<=": True, ">=": True, "<": False, ">": False},
}
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def contradict(conditions: Iterable[Condition]) -> bool:
    """Whether no values satisfy all conditions. False where that is not found out."""
    cases = [list(_cases(core, expected)) for core, expected in conditions]
    size = 1
    for case in cases:
        size *= len(case)
    if size > _MOST_CASES:
        return False
    return all(_impossible([literal for part in choice for literal in part]) for choice in product(*cases))


@dataclass(frozen=True, slots=True)
class _Literal:
    """``core`` is (or is not) true; nothing more is known of its parts."""

    core: Core
    expected: bool


def _cases(core: Core, expected: bool) -> Iterator[list[_Literal]]:
    """The condition as alternatives, each a list of literals that hold together."""
    match core:
        case Apply("not", (inside,)):
            yield from _cases(inside, not expected)
        case Apply("and" | "or" as word, (left, right)) if (word == "and") == expected:
            for one in _cases(left, expected):
                for other in _cases(right, expected):
                    yield [*one, *other]
        case Apply("and" | "or", (left, right)):
            yield from _cases(left, expected)
            yield from _cases(right, expected)
        case Apply("!=", (left, right)):
            yield from _cases(Apply("==", (left, right)), not expected)
        case Apply("==", (left, Const(bool() as value, Primitive("bool")))) if expected:
            # Only so: a null is neither equal to true nor to false.
            yield [_Literal(left, value), _Literal(core, True)]
        case _:
            yield [_Literal(core, expected), *_implied(core, expected)]


def _implied(core: Core, expected: bool) -> Iterator[_Literal]:
    """What else is so where two values compare in one way: said of both, in either order of writing."""
    match core:
        case Apply("<" | "<=" | ">" | ">=" | "==" as word, (left, right)) if expected:
            for other, holds in _IMPLIES[word].items():
                yield _Literal(Apply(other, (left, right)), holds)
                yield _Literal(Apply(_FLIPPED.get(other, other), (right, left)), holds)


@dataclass
class _Known:
    """What several literals say of one expression."""

    allowed: list[object] | None = None
    excluded: list[object] | None = None
    # Each bound with whether some literal says so of a value that compares: NaN satisfies every negation.
    low: tuple[object, bool, bool] | None = None
    high: tuple[object, bool, bool] | None = None


def _impossible(literals: Sequence[_Literal]) -> bool:
    truths: dict[str, bool] = {}
    known: dict[str, _Known] = {}
    for literal in literals:
        if isinstance(literal.core, Const) and literal.core.type == BOOL:
            if literal.core.value is not literal.expected:
                return True
            continue
        if truths.setdefault(repr(literal.core), literal.expected) != literal.expected:
            return True
        _note(literal, known)
    return any(_empty(one) for one in known.values())


def _note(literal: _Literal, known: dict[str, _Known]) -> None:
    match literal.core:
        case Apply("==", (Const() as constant, subject) | (subject, Const() as constant)) if _plain(constant.type):
            values: list[object] = [constant.value]
        case Apply("in", (subject, MakeList(items))) if all(_is_plain(item) for item in items):
            values = [item.value for item in items if isinstance(item, Const)]
        case Apply("in", (subject, Const(list() as items, ListOf(item_type)))) if _plain(item_type):
            values = list(items)
        case Apply("<" | "<=" | ">" | ">=" as word, (left, Const() as constant)) if _plain(constant.type):
            _bound(known.setdefault(repr(left), _Known()), word, constant.value, literal.expected)
            return
        case Apply("<" | "<=" | ">" | ">=" as word, (Const() as constant, right)) if _plain(constant.type):
            _bound(known.setdefault(repr(right), _Known()), _FLIPPED[word], constant.value, literal.expected)
            return
        case _:
            return
    about = known.setdefault(repr(subject), _Known())
    if not literal.expected:
        about.excluded = [*(about.excluded or ()), *values]
    elif about.allowed is None:
        about.allowed = values
    else:
        about.allowed = [value for value in about.allowed if value in values]


def _is_plain(core: Core) -> bool:
    return isinstance(core, Const) and _plain(core.type)


def _plain(type: Type) -> bool:
    """Whether values of a constant's type are equal, and in order, just as their JSON-able forms are."""
    return isinstance(type, Choice) or type in (STR, INT, FLOAT, DATE)


def _bound(about: _Known, word: str, value: object, expected: bool) -> None:
    word = word if expected else _NEGATED[word]
    strict = word in ("<", ">")
    if word in (">", ">="):
        about.low = _tighter(about.low, (value, strict, expected), operator.gt)
    else:
        about.high = _tighter(about.high, (value, strict, expected), operator.lt)


def _tighter(
    old: tuple[object, bool, bool] | None, new: tuple[object, bool, bool], beats: Callable[[Any, Any], Any]
) -> tuple[object, bool, bool]:
    if old is None or beats(new[0], old[0]):
        return new
    if new[0] == old[0]:
        return new[0], old[1] or new[1], old[2] or new[2]
    return old


def _empty(about: _Known) -> bool:
    if about.allowed is not None:
        return not any(_fits(about, value) for value in about.allowed)
    if about.low is None or about.high is None or not (about.low[2] or about.high[2]):
        return False
    (low, low_strict, _), (high, high_strict, _) = about.low, about.high
    return _compared(">", low, high) or (low == high and (low_strict or high_strict))


def _fits(about: _Known, value: object) -> bool:
    if about.excluded is not None and value in about.excluded:
        return False
    for bound, word in ((about.low, ">"), (about.high, "<")):
        if bound is not None and isinstance(value, int | float | str):
            limit, strict, _ = bound
            if not (_compared(word, value, limit) or (value == limit and not strict)):
                return False
    return True


def _compared(word: str, left: object, right: object) -> bool:
    try:
        return bool(OPERATORS[word](left, right))
    except TypeError:
        return False


def renamed(core: Core, name_of: Callable[[str], Core]) -> Core:
    """``core`` with each variable replaced."""
    match core:
        case Var(name):
            return name_of(name)
        case GetField(base, name, each):
            return GetField(renamed(base, name_of), name, each)
        case GetItem(base, index):
            return GetItem(renamed(base, name_of), renamed(index, name_of))
        case Apply(function, arguments):
            return Apply(function, tuple(renamed(one, name_of) for one in arguments))
        case MakeList(items):
            return MakeList(tuple(renamed(one, name_of) for one in items))
        case MakeRecord(type, fields):
            return MakeRecord(type, tuple((name, renamed(one, name_of)) for name, one in fields))
        case MakeMap(entries):
            return MakeMap(tuple((name, renamed(one, name_of)) for name, one in entries))
        case _:
            return core


def paths(core: Core) -> Iterator[str]:
    """The dotted paths of fields that ``core`` names."""
    path = path_of_core(core)
    if path is not None:
        yield path
        return
    match core:
        case GetField(base):
            yield from paths(base)
        case GetItem(base, index):
            yield from paths(base)
            yield from paths(index)
        case Apply(_, parts) | MakeList(parts):
            for part in parts:
                yield from paths(part)
        case MakeRecord(_, entries) | MakeMap(entries):
            for _, part in entries:
                yield from paths(part)


def constants(core: Core) -> Iterator[tuple[str, object]]:
    """The fields that ``core`` compares with constants, each with the constant."""
    match core:
        case Apply("==" | "!=" | "<" | "<=" | ">" | ">=", (left, right)):
            for subject, other in ((left, right), (right, left)):
                path = path_of_core(subject)
                if path is not None and isinstance(other, Const):
                    yield path, other.value
        case Apply("in", (subject, MakeList(items))) if (path := path_of_core(subject)) is not None:
            yield from ((path, item.value) for item in items if isinstance(item, Const))
        case Apply("in", (subject, Const(list() as items, _))) if (path := path_of_core(subject)) is not None:
            yield from ((path, item) for item in items)
    if isinstance(core, Apply):
        for part in core.arguments:
            yield from constants(part)


def constant_fields(core: Core) -> Iterator[str]:
    """The fields that have one value wherever ``core`` holds."""
    match core:
        case Apply("and", (left, right)):
            yield from constant_fields(left)
            yield from constant_fields(right)
        case Apply("==", (Var(name), Const()) | (Const(), Var(name))):
            yield name


def narrowed(field: Field, core: Core, expected: bool, path: str) -> Field:
    """``field``, which ``core`` calls ``path``, with only those values for which ``core`` is ``expected``, or more."""
    match core:
        case Apply("not", (inside,)):
            return narrowed(field, inside, not expected, path)
        case Apply("and" | "or" as word, (left, right)) if (word == "and") == expected:
            return narrowed(narrowed(field, left, expected, path), right, expected, path)
        case Apply("!=", sides):
            return narrowed(field, Apply("==", sides), not expected, path)
        case Apply("==" | "in" | "<" | "<=" | ">" | ">="):
            known: dict[str, _Known] = {}
            _note(_Literal(core, expected), known)
        case _:
            return field
    about = next((found for subject, found in known.items() if subject == repr(field_core(path))), None)
    return _within(field, about) if about is not None else field


def _within(field: Field, about: _Known) -> Field:
    inner = field.type.inner if isinstance(field.type, Optional) else field.type
    if about.allowed is not None and None in about.allowed:
        return field
    if about.allowed is not None and (inner == STR or isinstance(inner, Choice)):
        given = inner.values if isinstance(inner, Choice) else None
        texts = [one for one in about.allowed if isinstance(one, str) and (given is None or one in given)]
        return replace(field, type=Choice(tuple(dict.fromkeys(texts))))
    if about.excluded is not None and isinstance(field.type, Choice):
        return replace(field, type=Choice(tuple(one for one in field.type.values if one not in about.excluded)))
    if field.type != INT:
        return field
    low, high = field.minimum, field.maximum
    if about.allowed is not None and about.allowed:
        numbers = [one for one in about.allowed if isinstance(one, int | float)]
        low, high = _highest(low, min(numbers)), _lowest(high, max(numbers))
    if about.low is not None and isinstance(about.low[0], int):
        low = _highest(low, about.low[0] + about.low[1])
    if about.high is not None and isinstance(about.high[0], int):
        high = _lowest(high, about.high[0] - about.high[1])
    return replace(field, minimum=low, maximum=high)


def _highest(one: float | None, other: float) -> float:
    return other if one is None else max(one, other)


def _lowest(one: float | None, other: float) -> float:
    return other if one is None else min(one, other)


def field_core(path: str) -> Core:
    """The expression for a dotted path of fields."""
    root, *fields = path.split(".")
    core: Core = Var(root)
    for name in fields:
        core = GetField(core, name)
    return core
