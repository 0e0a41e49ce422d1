"""Two sub-problems that meet, found by trying: for paths that calculate, which the search does not see through.

In: a pair of accesses. Out: candidate rows whose paths are equal; the caller renders them again. Rows are made of
values that are likely to tell: small and large ones, neighbours of the constants in sight, texts that differ little.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from apwa_lang.proofs.parts import Part, Slot
from apwa_lang.proofs.values import is_value, samples, telling
from apwa_lang.semantics.core import Apply, Const, Core, GetField, GetItem, MakeList, Var
from apwa_lang.semantics.types import BOOL, DATE, DATETIME, INT, STR, Choice, Field, Optional

Row = dict[str, str | None]

_MOST_ROWS = 3_000
_MOST_PAIRS = 200
_TEXTS = ("a", "b", "A", "aa", "ab", "ba", "a b", "a-b", "a ", "0", "1", "01", "10")
_DATES = ("2024-01-01", "2024-01-02", "2024-02-01", "2025-01-01", "2124-01-01")
_NUMBERS = (0, 1, 2, 3, 4, 5, 6, -1, -2, 7, 8, 9, 10, 11, 12, 100)


def rows(parts: tuple[Part, ...], constants: frozenset[object]) -> list[Row]:
    """Rows to try for one side: values for each field that its path shows."""
    fields = shown_fields(parts)
    if fields is None:
        return []
    most = {0: 1, 1: 400, 2: 40, 3: 14}.get(len(fields), 6)
    choices = [candidates(field, constants)[:most] for field in fields.values()]
    return [dict(zip(fields, choice, strict=True)) for choice in islice(product(*choices), _MOST_ROWS)]


def shown_fields(parts: tuple[Part, ...]) -> dict[str, Field] | None:
    """The fields of the sub-problem that a path depends on; None where that is not known."""
    found: dict[str, Field] = {}
    for part in parts:
        if not isinstance(part, Slot) or part.origin == "param":
            continue
        if part.origin in ("field", "free"):
            found[part.key] = part.field
            continue
        if part.core is None:
            return None
        found.update(part.fields)
    return found


def meeting(left: list[tuple[Row, str]], right: list[tuple[Row, str]]) -> Iterator[tuple[Row, Row]]:
    """Pairs of rows with one path."""
    places: dict[str, list[Row]] = {}
    for row, path in right:
        places.setdefault(path, []).append(row)
    found = ((row, other) for row, path in left for other in places.get(path, ()) if row is not other)
    yield from islice(found, _MOST_PAIRS)


def constants_of(parts: tuple[Part, ...]) -> frozenset[object]:
    """The constants that holes calculate with."""
    found: set[object] = set()
    for part in parts:
        if isinstance(part, Slot):
            found.update(value for one in part.filters for value in one.arguments if isinstance(value, int | str))
            if part.core is not None:
                found.update(value for value in _constants(part.core) if isinstance(value, int | str))
    return frozenset(found)


def candidates(field: Field, constants: frozenset[object]) -> list[str | None]:
    """Texts of values of ``field``, null last."""
    inner = field.type.inner if isinstance(field.type, Optional) else field.type
    texts: list[str] = samples(field, 3)
    if inner == INT:
        texts += [str(number) for number in _numbers(field, constants)]
    elif inner == STR:
        near = [text for constant in constants if isinstance(constant, str) for text in (constant, constant + "a")]
        texts = [*_TEXTS, *texts, *near, *(text.swapcase() for text in texts)]
        if field.pattern is not None:
            texts = [*telling(field, 150), *texts]
    elif isinstance(inner, Choice):
        texts = list(inner.values)
    elif inner == BOOL:
        texts = ["true", "false"]
    elif inner in (DATE, DATETIME):
        texts = [*_DATES, *texts] if inner == DATE else [f"{day}T00:00:00" for day in _DATES] + texts
    allowed: list[str | None] = [text for text in dict.fromkeys(texts) if is_value(field, text)]
    return [*allowed, None] if isinstance(field.type, Optional) else allowed


def _numbers(field: Field, constants: frozenset[object]) -> Iterator[int]:
    for bound, step in ((field.minimum, 1), (field.maximum, -1)):
        if bound is not None and abs(bound) < 2**53:
            yield from (int(bound), int(bound) + step)
    yield from _NUMBERS
    for constant in constants:
        if isinstance(constant, int):
            yield from (constant - 1, constant, constant + 1, 2 * constant, -constant)


def _constants(core: Core) -> Iterator[object]:
    match core:
        case Const(value):
            yield value
        case Apply(_, parts) | MakeList(parts):
            for part in parts:
                yield from _constants(part)
        case GetField(base) | GetItem(base, _):
            yield from _constants(base)
        case Var():
            return
