"""Values as the texts that templates render: which texts a type can give, and which texts are values of a field.

In: fields with their types, patterns and ranges. Out: the language of their texts, a check of one text, samples.
A value is known by its text throughout the prover; None stands for ``null``.
"""

from __future__ import annotations

import json
import math
import re
from collections import deque
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from apwa_lang.proofs.charset import EVERYTHING, between, chars, member, normal, picks, without
from apwa_lang.proofs.pattern import full_match, pattern_regex
from apwa_lang.proofs.regex import (
    MAX_STATES,
    Automaton,
    Chars,
    Concat,
    Either,
    NonEmpty,
    Regex,
    Repeat,
    TooLargeError,
    automaton,
    optional,
    some,
    word,
)
from apwa_lang.semantics.types import BOOL, DATE, DATETIME, INT, STR, Choice, Field, Optional, Primitive, Type
from apwa_lang.semantics.types import UUID as UUID_TYPE

_NAME_CHARS = without(EVERYTHING, chars("/\0"))
_DIGIT = between("0", "9")
_HEX = normal([*between("0", "9"), *between("a", "f"), *between("A", "F")])

TEXT: Regex = some(_NAME_CHARS)
"""Every text that may stand in a path: not empty, without ``/`` and NUL."""

TEXT_CHARACTER: Regex = Chars(_NAME_CHARS)
"""One character that may stand in a component of a path."""

ANYTHING: Regex = Repeat(Chars(without(EVERYTHING, chars("\0"))), 0, None)
"""Every text, ``/`` included."""

EVERY: Regex = Repeat(Chars(EVERYTHING), 0, None)
"""Every text at all."""

_INJECTIVE = {"str", "file", "image", "audio", "int", "bool", "date", "datetime", "uuid"}
_LONGEST_RANGE = 64
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")


def _digits(count: int) -> Regex:
    return Repeat(Chars(_DIGIT), count, count)


_SIGN = optional(word("-"))
_COUNTING = Concat((Chars(between("1", "9")), Repeat(Chars(_DIGIT), 0, None)))
INTEGERS = Either((word("0"), Concat((_SIGN, _COUNTING))))
NATURALS = Either((word("0"), _COUNTING))
_FRACTION = Concat((word("."), some(_DIGIT)))
_EXPONENT = Concat((Chars(chars("eE")), optional(Chars(chars("+-"))), some(_DIGIT)))
_FLOAT = Either(
    (
        Concat((_SIGN, some(_DIGIT), optional(_FRACTION), optional(_EXPONENT))),
        *(word(text) for text in ("nan", "NaN", "inf", "-inf", "Infinity", "-Infinity")),
    )
)
_DATE = Concat((_digits(4), word("-"), _digits(2), word("-"), _digits(2)))
_TIME = Concat((_digits(2), word(":"), _digits(2), optional(Concat((word(":"), _digits(2), optional(_FRACTION))))))
_DATETIME = Concat(
    (_DATE, Chars(chars("T ")), _TIME, optional(Either((word("Z"), Concat((Chars(chars("+-")), _TIME))))))
)
_UUID = Concat(
    tuple(
        part
        for number, count in enumerate((8, 4, 4, 4, 12))
        for part in ((word("-"),) if number else ()) + (Repeat(Chars(_HEX), count, count),)
    )
)
_BOOL = Either(tuple(word(text) for text in ("true", "false", "True", "False")))
_NULL = Either(tuple(word(text) for text in ("null", "None", "none")))


def language(field: Field) -> Regex:
    """A language that holds every text of a value of ``field`` that may stand in a path, and perhaps more."""
    return _language(field, field.type)


def _language(field: Field, type: Type) -> Regex:
    match type:
        case Choice(values):
            return Either(tuple(word(value) for value in values if value and not set(value) & set("/\0")))
        case Optional(inner):
            return Either((_language(field, inner), _NULL))
        case Primitive("str") if field.pattern is not None:
            return _patterned(field.pattern)
        case Primitive("int"):
            return _integers(field.minimum, field.maximum)
        case Primitive("float"):
            return _FLOAT
        case Primitive("bool"):
            return _BOOL
        case Primitive("date"):
            return _DATE
        case Primitive("datetime"):
            return _DATETIME
        case Primitive("uuid"):
            return _UUID
        case _:
            return TEXT


@lru_cache(maxsize=512)
def _whole_pattern(pattern: str) -> Regex | None:
    """The words of a pattern, or None where it is not understood or too large."""
    tree = pattern_regex(pattern)
    if tree is None:
        return None
    try:
        automaton(tree)
    except TooLargeError:
        return None
    return tree


def _patterned(pattern: str) -> Regex:
    tree = _whole_pattern(pattern)
    return TEXT if tree is None else NonEmpty(_for_names(tree))


def _for_names(node: Regex) -> Regex:
    """The words of ``node`` without ``/`` and NUL."""
    match node:
        case Chars(ranges):
            return Chars(without(ranges, chars("/\0")))
        case Concat(items):
            return Concat(tuple(map(_for_names, items)))
        case Either(items):
            return Either(tuple(map(_for_names, items)))
        case Repeat(item, least, most):
            return Repeat(_for_names(item), least, most)
        case _:
            return node


def _integers(minimum: float | None, maximum: float | None) -> Regex:
    low = math.ceil(minimum) if minimum is not None and math.isfinite(minimum) else None
    high = math.floor(maximum) if maximum is not None and math.isfinite(maximum) else None
    if low is not None and high is not None:
        if high - low < _LONGEST_RANGE:
            return Either(tuple(word(str(value)) for value in range(low, high + 1)))
        most = max(len(str(abs(low))), len(str(abs(high)))) - 1
        if most < MAX_STATES // 10:
            counting = Concat((Chars(between("1", "9")), Repeat(Chars(_DIGIT), 0, most)))
            return Either((word("0"), counting if low >= 0 else Concat((_SIGN, counting))))
    return NATURALS if low is not None and low >= 0 else INTEGERS


def raw_language(field: Field) -> Regex:
    """A language that holds every text of a value of ``field``, fit for a path or not, and perhaps more."""
    if field.type != STR:
        return language(field) if field.type in (INT, BOOL, DATE, DATETIME, UUID_TYPE) else EVERY
    return (_whole_pattern(field.pattern) or EVERY) if field.pattern is not None else EVERY


def few_values(field: Field) -> list[str] | None:
    """The texts of all values of ``field``, where there are few enough to look at each; None for others."""
    if isinstance(field.type, Choice):
        return list(field.type.values)
    if field.type == BOOL:
        return ["true", "false"]
    low, high = field.minimum, field.maximum
    if field.type == INT and low is not None and high is not None and 0 <= high - low < _LONGEST_RANGE:
        return [str(value) for value in range(math.ceil(low), math.floor(high) + 1)]
    return None


def injective(type: Type) -> bool:
    """Whether two different values of ``type`` never give one text."""
    return isinstance(type, Choice) or (isinstance(type, Primitive) and type.name in _INJECTIVE)


def is_value(field: Field, text: str | None) -> bool:
    """Whether some value of ``field`` has this text."""
    return _is_value(field, field.type, text)


def _is_value(field: Field, type: Type, text: str | None) -> bool:
    if isinstance(type, Optional):
        return text is None or _is_value(field, type.inner, text)
    if text is None:
        return False
    match type:
        case Choice(values):
            return text in values
        case Primitive("str"):
            return field.pattern is None or full_match(field.pattern, text)
        case Primitive("int"):
            return _INTEGER.fullmatch(text) is not None and len(text) < 19 and _within(field, int(text))
        case Primitive("float"):
            return _is_float(text) and _within(field, float(text))
        case Primitive("bool"):
            return text in ("true", "false")
        case Primitive("date"):
            return _reads_back(text, lambda: date.fromisoformat(text).isoformat())
        case Primitive("datetime"):
            return _reads_back(text, lambda: datetime.fromisoformat(text).isoformat())
        case Primitive("uuid"):
            return _reads_back(text, lambda: str(UUID(text)))
        case Primitive("file"):
            return True
        case _:
            return False


def typed(type: Type, text: str | None) -> object:
    """The value of ``type`` with this text, as expressions see it; what is not a number or a truth stays a text."""
    if text is None or isinstance(type, Optional):
        return None if text is None else typed(type.inner, text) if isinstance(type, Optional) else text
    if isinstance(type, Primitive) and type.name in ("int", "float"):
        return int(text) if type.name == "int" else float(text)
    return text == "true" if type == Primitive("bool") else text


def _is_float(text: str) -> bool:
    return _reads_back(text, lambda: repr(float(text))) and math.isfinite(float(text))


def _within(field: Field, value: float) -> bool:
    low, high = field.minimum, field.maximum
    return (low is None or value >= low) and (high is None or value <= high)


def _reads_back(text: str, written: Callable[[], str]) -> bool:
    try:
        return written() == text
    except ValueError:
        return False


def samples(field: Field, count: int) -> list[str]:
    """Up to ``count`` different texts of values of ``field``, short ones first, each fit for a path."""
    fixed = {
        "date": ["2024-01-01", "2024-01-02"],
        "datetime": ["2024-01-01T00:00:00", "2024-01-02T00:00:00"],
        "uuid": ["00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000001"],
        "float": ["0.5", "1.5", "-0.5"],
    }
    inner = field.type.inner if isinstance(field.type, Optional) else field.type
    if isinstance(inner, Primitive) and inner.name in fixed:
        candidates = fixed[inner.name]
    else:
        candidates = _words(automaton(language(field)), 20 + 4 * count)
        if not candidates and field.pattern is not None:
            candidates = list(telling(field, 4 * count))
    return [text for text in candidates if is_value(field, text) and text not in (".", "..")][:count]


_TELLING = "oO10-_\t .\u00df\u0661saAé"
"""Characters that filters are likely to confuse."""


@lru_cache(maxsize=256)
def telling(field: Field, count: int) -> tuple[str, ...]:
    """Up to ``count`` texts of values of a field of texts that differ in what filters are likely to confuse."""
    try:
        machine = automaton(raw_language(field))
    except TooLargeError:
        return ()
    choice = [
        ([char for char in _TELLING if member(ranges, char)] or picks(ranges, 2))[:10] for ranges in machine.letters
    ]
    found: dict[str, None] = {}
    queue: deque[tuple[tuple[int, ...], str]] = deque([((0,), "")])
    for _ in range(2_000):
        if not queue or len(found) >= count:
            break
        states, text = queue.popleft()
        if states[-1] in machine.accepting and is_value(field, text):
            found.setdefault(text)
        for following in machine.follow[states[-1]]:
            queue.extend((((*states, following), text + char)) for char in choice[following])
    for text, states in _shortest_words(machine)[:3]:
        for place, state in enumerate(states):
            for char in choice[state]:
                found.setdefault(text[:place] + char + text[place + 1 :])
    return tuple(text for text in found if is_value(field, text))[: 2 * count]


def _shortest_words(machine: Automaton) -> list[tuple[str, tuple[int, ...]]]:
    """A shortest word for each accepting state, with the states that read it."""
    reached: dict[int, tuple[str, tuple[int, ...]]] = {0: ("", ())}
    queue = deque([0])
    while queue:
        state = queue.popleft()
        text, states = reached[state]
        for following in machine.follow[state]:
            if following not in reached and (letters := picks(machine.letters[following], 1)):
                reached[following] = (text + letters[0], (*states, following))
                queue.append(following)
    return sorted((reached[state] for state in machine.accepting if state in reached), key=lambda each: len(each[0]))


def _words(machine: Automaton, count: int) -> list[str]:
    found: list[str] = []
    queue: deque[tuple[int, str]] = deque([(0, "")])
    looked_at = 0
    while queue and len(found) < count and looked_at < 5_000:
        looked_at += 1
        state, text = queue.popleft()
        if state in machine.accepting and text and text not in found:
            found.append(text)
        for following in machine.follow[state]:
            queue.extend((following, text + letter) for letter in picks(machine.letters[following], 3))
    return found


def shown(field: Field | None, text: str | None) -> str:
    """A value as a program would write it."""
    if text is None:
        return "null"
    inner = field.type.inner if field is not None and isinstance(field.type, Optional) else field and field.type
    plain = isinstance(inner, Primitive) and inner.name in ("int", "float", "bool")
    return text if plain else json.dumps(text, ensure_ascii=False)
