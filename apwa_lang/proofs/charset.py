"""Sets of characters as sorted ranges of code points.

In: characters and ranges. Out: sets that can be joined, complemented, intersected and asked for one readable member.
"""

from __future__ import annotations

from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]
"""Inclusive, sorted, neither touching nor overlapping."""

LAST = 0x10FFFF
EVERYTHING: Ranges = ((0, LAST),)

_READABLE = "oaeinrst" + "bcdfghjklmpquvwxyz" + "1023456789" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "-_+=,:@ ."


def normal(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The set that is the union of ``ranges``, given in any order."""
    result: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def chars(text: str) -> Ranges:
    """The characters of ``text``."""
    return normal((ord(char), ord(char)) for char in text)


def between(first: str, last: str) -> Ranges:
    """The characters from ``first`` to ``last``, both included."""
    return ((ord(first), ord(last)),)


def complement(ranges: Ranges) -> Ranges:
    """Every character that is not in ``ranges``."""
    result: list[tuple[int, int]] = []
    start = 0
    for low, high in ranges:
        if start < low:
            result.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        result.append((start, LAST))
    return tuple(result)


def intersection(left: Ranges, right: Ranges) -> Ranges:
    """The characters of both."""
    result: list[tuple[int, int]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        low, high = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if low <= high:
            result.append((low, high))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(result)


def without(ranges: Ranges, removed: Ranges) -> Ranges:
    """The characters of ``ranges`` that are not in ``removed``."""
    return intersection(ranges, complement(removed))


def member(ranges: Ranges, char: str) -> bool:
    """Whether ``char`` is in the set."""
    code = ord(char)
    return any(low <= code <= high for low, high in ranges)


def picks(ranges: Ranges, count: int) -> list[str]:
    """Up to ``count`` members, the most readable first."""
    found: list[str] = []
    for char in _READABLE:
        if len(found) == count:
            return found
        if member(ranges, char):
            found.append(char)
    for low, high in ranges:
        for code in range(low, min(high, low + count) + 1):
            if len(found) < count and chr(code) not in found:
                found.append(chr(code))
    return found[:count]
