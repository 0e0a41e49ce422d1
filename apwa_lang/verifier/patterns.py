"""The expression of a ``@pattern``.

In: a Python regular expression that a whole value must match. Out: an expression with at least the values that match.
Anchors and looks around count as empty, classes hold all beyond ASCII, lazy and possessive are as greedy.
"""

from __future__ import annotations

import re

from apwa_lang.verifier.letters import END, Letters, inverse, minus, only, span, union
from apwa_lang.verifier.places import EMPTY, Any, Expression, One, Row, Times

_BEYOND: Letters = (128, END)
_CLASSES: dict[str, Letters] = {
    "d": span("0", "9"),
    "w": union(span("0", "9"), span("A", "Z"), span("a", "z"), only("_")),
    "s": union(span("\t", "\r"), span("\x1c", " ")),
}
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_CODES = {"x": 2, "u": 4, "U": 8}
_DEEPEST = 50

_COUNT = re.compile(r"\{(?!\})(?:(?P<exact>[0-9]+)|(?P<low>[0-9]*),(?P<high>[0-9]*))\}")
_OPENING = re.compile(r"\((?:\?(?:(?P<look>=|!|<=|<!)|:|>|P<[^>]*>))?")


class _UnknownError(Exception):
    """The pattern holds what is not read here."""


def pattern(source: str) -> Expression | None:
    """The expression, or None for a pattern that holds more than is read here."""
    reader = _Reader(source)
    try:
        found = reader.choice(0)
    except _UnknownError:
        return None
    return found if reader.at == len(source) else None


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0

    def choice(self, depth: int) -> Expression:
        """Alternatives, up to the end or a closing bracket."""
        if depth > _DEEPEST:
            raise _UnknownError
        branches: list[list[Expression]] = [[]]
        while self.at < len(self.source) and self.source[self.at] != ")":
            if self.source[self.at] == "|":
                self.at += 1
                branches.append([])
            else:
                branches[-1].append(self._repeated(self._item(depth)))
        rows = [branch[0] if len(branch) == 1 else Row(tuple(branch)) for branch in branches]
        return rows[0] if len(rows) == 1 else Any(tuple(rows))

    def _repeated(self, item: Expression) -> Expression:
        count = self._count()
        if count is None:
            return item
        least, most = count
        if most is not None and most < least:
            raise _UnknownError
        if self.source[self.at : self.at + 1] in ("?", "+"):
            self.at += 1
        if self._count() is not None:
            raise _UnknownError
        return Times(item, least, most)

    def _count(self) -> tuple[int, int | None] | None:
        sign = self.source[self.at : self.at + 1]
        if sign and sign in "*+?":
            self.at += 1
            return int(sign == "+"), 1 if sign == "?" else None
        found = _COUNT.match(self.source, self.at)
        if found is None:
            return None
        self.at = found.end()
        if found["exact"]:
            return int(found["exact"]), int(found["exact"])
        return int(found["low"] or 0), int(found["high"]) if found["high"] else None

    def _item(self, depth: int) -> Expression:
        letter = self.source[self.at]
        if letter == "(":
            return self._group(depth)
        self.at += 1
        if letter == "[":
            return One(self._set())
        if letter == ".":
            return One(inverse(only("\n")))
        if letter in "^$":
            return EMPTY
        if letter in "*+?":
            raise _UnknownError
        if letter != "\\":
            return One(only(letter))
        escaped = self._next()
        if escaped in "bBAZ":
            return EMPTY
        if escaped.lower() in _CLASSES:
            return One(_widest(escaped))
        return One(only(self._escaped(escaped)))

    def _group(self, depth: int) -> Expression:
        found = _OPENING.match(self.source, self.at)
        assert found is not None
        self.at = found.end()
        if found[0] == "(" and self.source[self.at : self.at + 1] == "?":
            raise _UnknownError
        inside = self.choice(depth + 1)
        if self._next() != ")":
            raise _UnknownError
        return EMPTY if found["look"] else inside

    def _escaped(self, letter: str) -> str:
        if letter in _NAMED:
            return _NAMED[letter]
        if letter in _CODES:
            digits = self.source[self.at : self.at + _CODES[letter]]
            if len(digits) < _CODES[letter] or not re.fullmatch("[0-9a-fA-F]+", digits) or int(digits, 16) >= END:
                raise _UnknownError
            self.at += len(digits)
            return chr(int(digits, 16))
        if letter.isascii() and letter.isalnum():
            raise _UnknownError
        return letter

    def _set(self) -> Letters:
        """A set in brackets, read up to its end. What an inverted one leaves out is what is in it for certain."""
        inverted = self.source.startswith("^", self.at)
        self.at += inverted
        start = self.at
        pieces: list[Letters] = []
        while self.at == start or self.source[self.at : self.at + 1] != "]":
            low = self._set_item()
            if low.lower() in ("\\d", "\\w", "\\s"):
                pieces.append(_narrowest(low[1]) if inverted else _widest(low[1]))
                continue
            high = low
            if self.source.startswith("-", self.at) and self.source[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._set_item()
            if len(high) > 1 or high < low:
                raise _UnknownError
            pieces.append(span(low, high))
        self.at += 1
        return inverse(union(*pieces)) if inverted else union(*pieces)

    def _set_item(self) -> str:
        """One character, or the two of a class."""
        letter = self._next()
        if letter != "\\":
            return letter
        letter = self._next()
        if letter.lower() in _CLASSES:
            return "\\" + letter
        return "\b" if letter == "b" else self._escaped(letter)

    def _next(self) -> str:
        if self.at >= len(self.source):
            raise _UnknownError
        self.at += 1
        return self.source[self.at - 1]


def _widest(name: str) -> Letters:
    """What a class may match."""
    within = _CLASSES[name.lower()]
    return union(within, _BEYOND) if name.islower() else inverse(within)


def _narrowest(name: str) -> Letters:
    """What a class matches for certain."""
    within = _CLASSES[name.lower()]
    return within if name.islower() else minus(inverse(within), _BEYOND)
