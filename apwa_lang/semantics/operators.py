"""The types of operators, shared by expressions and templates.

In: operand types. Out: the result's type, or None where the operator has no meaning for them. An operand of unknown
type gives an unknown or plainly known result and never a finding.
"""

from __future__ import annotations

from apwa_lang.semantics.types import (
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FILE,
    FLOAT,
    INT,
    JSON,
    NULL,
    STR,
    UNKNOWN,
    UUID,
    Choice,
    ListOf,
    MapOf,
    Optional,
    Primitive,
    RecordType,
    TableOf,
    Type,
    Union,
    assignable,
    parts,
)

NUMBERS: tuple[Type, ...] = (INT, FLOAT)
ORDERED: tuple[Type, ...] = (STR, INT, FLOAT, DATE, DATETIME, DURATION)
SCALARS: tuple[Type, ...] = (STR, INT, FLOAT, BOOL, DATE, DATETIME, DURATION, UUID, FILE)
COMPARISONS = frozenset(("<", "<=", ">", ">="))
EQUALITIES = frozenset(("==", "!="))
LOGIC = frozenset(("and", "or"))

_ARITHMETIC: dict[tuple[str, Type, Type], Type] = {
    ("+", STR, STR): STR,
    ("+", DURATION, DURATION): DURATION,
    ("-", DURATION, DURATION): DURATION,
    ("+", DATETIME, DURATION): DATETIME,
    ("+", DURATION, DATETIME): DATETIME,
    ("-", DATETIME, DURATION): DATETIME,
    ("-", DATETIME, DATETIME): DURATION,
    ("-", DATE, DATE): DURATION,
    ("*", DURATION, INT): DURATION,
    ("*", INT, DURATION): DURATION,
    ("*", DURATION, FLOAT): DURATION,
    ("*", FLOAT, DURATION): DURATION,
    ("/", DURATION, INT): DURATION,
    ("/", DURATION, FLOAT): DURATION,
    ("/", DURATION, DURATION): FLOAT,
}


def indexing(base: Type) -> tuple[tuple[Type, ...], Type] | None:
    """What may stand between the brackets after a value of ``base``, and what that gives; None where nothing may."""
    match plain(base):
        case ListOf(item):
            return (INT,), item
        case MapOf(value):
            return (STR,), value
        case Primitive("str"):
            return (INT,), STR
        case Primitive("json"):
            return (INT, STR), JSON
        case _:
            return None


def plain(type: Type) -> Type:
    """The type as operators see it: a choice is a text, a table a list of its rows."""
    match type:
        case Choice():
            return STR
        case TableOf(record):
            return ListOf(record)
        case _:
            return type


def has_unknown(type: Type) -> bool:
    """Whether part of ``type`` is unknown."""
    return type == UNKNOWN or any(has_unknown(part) for part in parts(type))


def join(left: Type, right: Type) -> Type | None:
    """The least type that both fit; None where there is none."""
    if assignable(left, right):
        return left if assignable(right, left) and has_unknown(right) else right
    if assignable(right, left):
        return left
    match left, right:
        case (Choice(values), Choice(others)):
            return Choice(tuple(dict.fromkeys((*values, *others))))
        case (Primitive("null"), _):
            return Optional(right)
        case (_, Primitive("null")):
            return Optional(left)
        case (Optional(inner), Optional(other)) | (Optional(inner), other) | (inner, Optional(other)):
            joined = join(inner, other)
            return None if joined is None else Optional(joined)
        case (ListOf(item), ListOf(other)):
            joined = join(item, other)
            return None if joined is None else ListOf(joined)
        case (MapOf(value), MapOf(other)):
            joined = join(value, other)
            return None if joined is None else MapOf(joined)
        case _:
            return None


def binary(operator: str, left: Type, right: Type) -> Type | None:
    """Type of ``left operator right``, or None where it has none."""
    left, right = plain(left), plain(right)
    if operator in EQUALITIES:
        return BOOL if comparable(left, right) else None
    if operator == "in":
        return BOOL if contains(right, left) else None
    if operator in LOGIC:
        return BOOL if {left, right} <= {BOOL, UNKNOWN} else None
    if operator in COMPARISONS:
        return BOOL if _ordered(left, right) else None
    if left == UNKNOWN or right == UNKNOWN:
        return UNKNOWN
    if left in NUMBERS and right in NUMBERS:
        return FLOAT if operator == "/" or FLOAT in (left, right) else INT
    if operator == "+" and isinstance(left, ListOf) and isinstance(right, ListOf):
        return join(left, right)
    return _ARITHMETIC.get((operator, left, right))


def unary(operator: str, operand: Type) -> Type | None:
    """Type of ``-operand`` (``neg``) or ``not operand``."""
    if operand == UNKNOWN:
        return UNKNOWN if operator == "neg" else BOOL
    if operator == "not":
        return BOOL if operand == BOOL else None
    return operand if operand in (*NUMBERS, DURATION) else None


def comparable(left: Type, right: Type) -> bool:
    """Whether ``==`` can ever hold between values of these types."""
    if NULL in (left, right):
        return True
    left = left.inner if isinstance(left, Optional) else left
    right = right.inner if isinstance(right, Optional) else right
    if isinstance(left, Choice) and isinstance(right, Choice):
        return bool(set(left.values) & set(right.values))
    return JSON in (left, right) or join(left, right) is not None


def contains(container: Type, item: Type) -> bool:
    """Whether ``item in container`` has a meaning."""
    match plain(container):
        case ListOf(inner):
            return comparable(plain(inner), plain(item))
        case Primitive("str") | MapOf():
            return plain(item) in (STR, UNKNOWN)
        case other:
            return other in (JSON, UNKNOWN)


def element(container: Type) -> Type | None:
    """Type of what a loop over ``container`` yields; None where it cannot be looped over."""
    match plain(container):
        case ListOf(item):
            return item
        case MapOf():
            return STR
        case Primitive("json") | Primitive("null") as other:
            return JSON if other == JSON else None
        case other:
            return UNKNOWN if other == UNKNOWN else None


def field_type(base: Type, name: str) -> Type | None:
    """Type of field ``name`` of a record or union of records; None where there is none."""
    match base:
        case RecordType():
            field = base.field(name)
            return None if field is None else field.type
        case Union(members):
            if name == "kind" and any(member.field(name) is None for member in members):
                return Choice(tuple(member.name for member in members))
            types = [field_type(member, name) for member in members]
            result = types[0]
            for other in types[1:]:
                result = join(result, other) if result is not None and other is not None else None
            return result
        case _:
            return None


def field_names(base: Type) -> tuple[str, ...]:
    """The fields that ``field_type`` knows."""
    match base:
        case RecordType(fields=fields):
            return tuple(field.name for field in fields)
        case Union(members):
            names = (field.name for member in members for field in member.fields)
            return tuple(name for name in dict.fromkeys((*names, "kind")) if field_type(base, name) is not None)
        case _:
            return ()


def _ordered(left: Type, right: Type) -> bool:
    if UNKNOWN in (left, right):
        return True
    if left in NUMBERS and right in NUMBERS:
        return True
    return left == right and left in ORDERED
