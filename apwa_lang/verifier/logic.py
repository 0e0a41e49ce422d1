"""Conditions that cannot hold together.

In: conditions over names, each with whether it holds, and the types of the names. Out: whether no values satisfy them
all. Whatever is not read here, may hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product

from apwa_lang.verifier.expressions import Done, Fixed, Listed, Named, Opaque, Parameter, Path, Value
from apwa_lang.verifier.types import Type

Condition = tuple[Value, bool]
TypeOf = Callable[[Value], Type]
_Bound = tuple[str | float, bool, bool]

_MOST_CASES = 64
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_FOLLOWS = {
    "<": {"<=": True, ">": False, ">=": False, "==": False},
    "<=": {">": False},
    ">": {">=": True, "<": False, "<=": False, "==": False},
    ">=": {"<": False},
    "==": {"<=": True, ">=": True, "<": False, ">": False},
}
_TEXTS = ("lower", "upper", "strip", "str", "~", "key", "sha256", "replace", "basename", "stem", "suffix", "dirname")


def contradict(conditions: Iterable[Condition], type_of: TypeOf) -> bool:
    """Whether no values satisfy all conditions."""
    choices = [list(_cases(value, holds)) for value, holds in conditions]
    size = 1
    for cases in choices:
        size *= len(cases)
    if not choices or size > _MOST_CASES:
        return False
    return all(_impossible([one for case in chosen for one in case], type_of) for chosen in product(*choices))


def renamed(value: Value, rename: Callable[[Path], Value | None]) -> Value | None:
    """An expression with its names replaced; None where one has no replacement."""
    match value:
        case Named(path):
            return rename(path)
        case Fixed() | Parameter():
            return value
        case Done(function, parts):
            found = [new for part in parts if (new := renamed(part, rename)) is not None]
            return Done(function, tuple(found)) if len(found) == len(parts) else None
        case Listed(parts):
            found = [new for part in parts if (new := renamed(part, rename)) is not None]
            return Listed(tuple(found)) if len(found) == len(parts) else None
        case Opaque(parts):
            return Opaque() if all(renamed(part, rename) is not None for part in parts) else None
        case _:
            return Opaque()


def _cases(value: Value, holds: bool) -> Iterator[list[Condition]]:
    """A condition as alternatives, each of conditions without ``and``, ``or`` and ``not``."""
    match value:
        case Done("not", (inside,)):
            yield from _cases(inside, not holds)
        case Done("and" | "or" as word, (left, right)) if (word == "and") == holds:
            yield from ([*one, *other] for one in _cases(left, holds) for other in _cases(right, holds))
        case Done("and" | "or", (left, right)):
            yield from _cases(left, holds)
            yield from _cases(right, holds)
        case Done("!=", sides):
            yield from _cases(Done("==", sides), not holds)
        case Done("==", (left, Fixed(bool() as flag))) if holds:
            # If it does not hold, the left may be null.
            yield [(left, flag), (value, True)]
        case _:
            yield [(value, holds), *_followed(value, holds)]


def _followed(value: Value, holds: bool) -> Iterator[Condition]:
    """What holds, or does not, of two values that compare in one way."""
    match value:
        case Done(word, (left, right)) if holds and word in _FOLLOWS:
            for other, so in (_FOLLOWS[word] | {word: True}).items():
                yield Done(other, (left, right)), so
                yield Done(_FLIPPED.get(other, other), (right, left)), so


def _impossible(literals: Sequence[Condition], type_of: TypeOf) -> bool:
    truths: dict[Value, bool] = {}
    known: dict[Value, _Known] = {}
    for value, holds in literals:
        if _is_opaque(value):
            continue
        if isinstance(value, Fixed):
            if isinstance(value.value, bool) and value.value is not holds:
                return True
        elif truths.setdefault(value, holds) != holds:
            return True
        _note(value, holds, known, type_of)
    return any(one.is_empty() for one in known.values())


def _is_opaque(value: Value) -> bool:
    match value:
        case Done(_, parts) | Listed(parts):
            return any(map(_is_opaque, parts))
        case Named() | Parameter() | Fixed():
            return False
        case _:
            return True


def _note(value: Value, holds: bool, known: dict[Value, _Known], type_of: TypeOf) -> None:
    match value:
        case Done("==", (Fixed() as one, subject) | (subject, Fixed() as one)):
            values = _plain([one], subject, type_of)
        case Done("in", (subject, Listed(items))):
            values = _plain(items, subject, type_of)
        case Done("<" | "<=" | ">" | ">=" as word, (left, right)) if isinstance(left, Fixed) != isinstance(
            right, Fixed
        ):
            subject, constant = (right, left) if isinstance(left, Fixed) else (left, right)
            bounds = _plain([constant], subject, type_of)
            if bounds:
                side = _FLIPPED[word] if isinstance(left, Fixed) else str(word)
                known.setdefault(subject, _Known()).bound(side if holds else _NEGATED[side], bounds[0], holds)
            return
        case _:
            return
    if values is None:
        return
    about = known.setdefault(subject, _Known())
    if not holds:
        about.excluded += values
    else:
        about.allowed = values if about.allowed is None else [one for one in about.allowed if one in values]


def _plain(items: Sequence[Value], subject: Value, type_of: TypeOf) -> list[str | float] | None:
    """The constants, where a value of the subject is equal to one, or less, just when its text or number is."""
    kind = "str" if isinstance(subject, Done) and subject.function in _TEXTS else type_of(subject).present.kind
    found: list[str | float] = []
    for one in items:
        value = one.value if isinstance(one, Fixed) else None
        if isinstance(value, str):
            day = kind == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII)
            if not (day or kind in ("str", "choice")):
                return None
        elif isinstance(value, bool) or not isinstance(value, int | float) or kind in ("str", "choice", "date"):
            return None
        found.append(value)
    return found


class _Known:
    """What conditions say of one value."""

    def __init__(self) -> None:
        self.allowed: list[str | float] | None = None
        self.excluded: list[str | float] = []
        self._lows: list[_Bound] = []
        self._highs: list[_Bound] = []

    def bound(self, word: str, value: str | float, certain: bool) -> None:
        """Note a bound. Only a ``certain`` one says that the value compares at all: it may be NaN."""
        (self._lows if word in (">", ">=") else self._highs).append((value, word in ("<", ">"), certain))

    def is_empty(self) -> bool:
        """Whether no value is left."""
        if self.allowed is not None:
            return not any(self._fits(one) for one in self.allowed)
        return any(
            (one[2] or other[2]) and (_less(other[0], one[0]) or (one[0] == other[0] and (one[1] or other[1])))
            for one in self._lows
            for other in self._highs
        )

    def _fits(self, value: str | float) -> bool:
        above = all(_less(low, value) or (low == value and not strict) for low, strict, _ in self._lows)
        below = all(_less(value, high) or (high == value and not strict) for high, strict, _ in self._highs)
        return value not in self.excluded and above and below


def _less(one: str | float, other: str | float) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and one < other
    return one < other
