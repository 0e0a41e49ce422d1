"""Sets of characters as the code points where membership changes.

In: characters and ranges. Out: sets: an even number of ascending code points, in, out, in, out.
"""

from __future__ import annotations

from collections import Counter

Letters = tuple[int, ...]

END = 0x110000
ALL: Letters = (0, END)


def only(text: str) -> Letters:
    """The characters of ``text``."""
    return union(*((ord(letter), ord(letter) + 1) for letter in text))


def span(first: str, last: str) -> Letters:
    """The characters from ``first`` to ``last``, both included."""
    return (ord(first), ord(last) + 1)


def inverse(letters: Letters) -> Letters:
    """Every other character."""
    return tuple(sorted({*letters} ^ {0, END}))


def union(*sets: Letters) -> Letters:
    """The characters of any of the sets."""
    changes: Counter[int] = Counter()
    for letters in sets:
        changes.update(letters[0::2])
        changes.subtract(letters[1::2])
    edges: list[int] = []
    depth = 0
    for place in sorted(changes):
        before, depth = depth, depth + changes[place]
        if (before == 0) != (depth == 0):
            edges.append(place)
    return tuple(edges)


def minus(letters: Letters, removed: Letters) -> Letters:
    """The characters of the first set that are not in the second."""
    return inverse(union(inverse(letters), removed))


def meet(one: Letters, other: Letters) -> bool:
    """Whether some character is in both."""
    at = 0
    for start, stop in zip(one[0::2], one[1::2], strict=True):
        while at < len(other) and other[at + 1] <= start:
            at += 2
        if at < len(other) and other[at] < stop:
            return True
    return False
