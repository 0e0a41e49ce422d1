"""The texts of values.

In: a column. Out: an expression for the texts of its values that may stand in a path, and for all of them.
"""

from __future__ import annotations

import math
from functools import lru_cache

from apwa_lang.verifier.letters import ALL, inverse, minus, only, span, union
from apwa_lang.verifier.patterns import pattern
from apwa_lang.verifier.places import (
    MOST_PLACES,
    Any,
    Expression,
    Filled,
    One,
    Part,
    Row,
    Times,
    TooManyPlacesError,
    many,
    perhaps,
    places,
    text,
)
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.types import Column, Type

NAME_LETTER: Expression = One(minus(ALL, only("/\0")))

NAME: Expression = Times(NAME_LETTER, 1, None)
"""What may be part of the name of a file."""

ANYTHING: Expression = Times(One(inverse(only("\0"))), 0, None)

EVERY: Expression = Times(One(ALL), 0, None)
"""Every text, fit for a path or not."""

_WIDEST_RANGE = 64

_DIGIT = span("0", "9")
_HEX = union(_DIGIT, span("a", "f"), span("A", "F"))


def _digits(count: int) -> Expression:
    return Times(One(_DIGIT), count, count)


def _words(*words: str) -> Expression:
    return Any(tuple(map(text, words)))


_MINUS = perhaps(text("-"))
_COUNTING = Row((One(span("1", "9")), Times(One(_DIGIT), 0, None)))
NATURAL = Any((text("0"), _COUNTING))
INTEGER = Any((text("0"), Row((_MINUS, _COUNTING))))
_FRACTION = Row((text("."), many(_DIGIT)))
_EXPONENT = Row((One(only("eE")), perhaps(One(only("+-"))), many(_DIGIT)))
_FLOAT = Any(
    (
        Row((_MINUS, many(_DIGIT), perhaps(_FRACTION), perhaps(_EXPONENT))),
        *map(text, ("nan", "NaN", "inf", "-inf", "Infinity", "-Infinity")),
    )
)
_DATE = Row((_digits(4), text("-"), _digits(2), text("-"), _digits(2)))
_CLOCK = Row((_digits(2), text(":"), _digits(2), perhaps(Row((text(":"), _digits(2), perhaps(_FRACTION))))))
_ZONE = perhaps(Any((text("Z"), Row((One(only("+-")), _CLOCK)))))
_UUID = Row(
    (
        Times(One(_HEX), 8, 8),
        *(piece for count in (4, 4, 4, 12) for piece in (text("-"), Times(One(_HEX), count, count))),
    )
)
_PRINTED: dict[str, Expression] = {
    "float": _FLOAT,
    "bool": _words("true", "false", "True", "False"),
    "date": _DATE,
    "datetime": Row((_DATE, One(only("T ")), _CLOCK, _ZONE)),
    "uuid": _UUID,
}


def printed(column: Column, type: Type | None = None) -> Expression:
    """The texts of a column's values."""
    type = type or column.type
    match type.kind:
        case "unknown":
            raise CannotVerifyError(f"the type of `{column.name}` is computed, which is not worked out here")
        case "choice":
            return _words(*(value for value in type.values if value and not set(value) & {"/", "\0"}))
        case "optional":
            assert type.inner is not None
            return Any((printed(column, type.inner), _words("null", "None", "none")))
        case "str" if column.pattern is not None:
            return _matching(column.pattern)
        case "int":
            return _integers(column.low, column.high)
        case kind:
            return _PRINTED.get(kind, NAME)


def written(column: Column) -> Expression:
    """The texts of a column's values before any filter, fit for a path or not."""
    match column.type.kind:
        case "str":
            found = _whole_pattern(column.pattern) if column.pattern is not None else None
            return EVERY if found is None else found
        case "int" | "bool" | "date" | "datetime" | "uuid":
            return printed(column)
        case _:
            return EVERY


def few(column: Column) -> list[str]:
    """The texts of all values of a column, where there are few enough to look at each; else none."""
    low, high = column.low, column.high
    match column.type.kind:
        case "choice":
            return list(column.type.values)
        case "bool":
            return ["true", "false"]
        case "int" if low is not None and high is not None and 0 <= high - low < _WIDEST_RANGE:
            return [str(value) for value in range(math.ceil(low), math.floor(high) + 1)]
        case _:
            return []


@lru_cache(maxsize=512)
def _whole_pattern(source: str) -> Expression | None:
    found = pattern(source)
    try:
        return found if found is not None and places(found) else None
    except TooManyPlacesError:
        return None


def _matching(source: str) -> Expression:
    found = _whole_pattern(source)
    return NAME if found is None else Filled(_in_names(found))


def _in_names(expression: Expression) -> Expression:
    """The expression without the characters that no name has."""
    match expression:
        case One(letters):
            return One(minus(letters, only("/\0")))
        case Row(items):
            return Row(tuple(map(_in_names, items)))
        case Any(items):
            return Any(tuple(map(_in_names, items)))
        case Times(item, least, most):
            return Times(_in_names(item), least, most)
        case Filled(item):
            return Filled(_in_names(item))
        case Part(item, number):
            return Part(_in_names(item), number)


def _integers(low: float | None, high: float | None) -> Expression:
    least = math.ceil(low) if low is not None and math.isfinite(low) else None
    most = math.floor(high) if high is not None and math.isfinite(high) else None
    if least is not None and most is not None:
        if most - least < _WIDEST_RANGE:
            return _words(*map(str, range(least, most + 1)))
        longest = max(len(str(abs(least))), len(str(abs(most))))
        if longest <= MOST_PLACES // 10:
            counting = Row((One(span("1", "9")), Times(One(_DIGIT), 0, longest - 1)))
            return Any((text("0"), counting if least >= 0 else Row((_MINUS, counting))))
    return NATURAL if least is not None and least >= 0 else INTEGER
