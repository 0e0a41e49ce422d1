"""``@pattern`` as a tree over character sets.

In: the text of a Python regular expression that must match a whole value. Out: a tree that matches every such value,
and sometimes more: anchors and look-arounds count for nothing, ``\\d``, ``\\w`` and ``\\s`` match all beyond ASCII,
possessive quantifiers are greedy. More is safe where languages are shown to be disjoint; a witness is matched again
with :mod:`re`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from apwa_lang.proofs.charset import LAST, Ranges, chars, complement, normal, without
from apwa_lang.proofs.regex import EMPTY, Chars, Concat, Either, Regex, Repeat

_BEYOND_ASCII: Ranges = ((128, LAST),)
_CLASSES: dict[str, Ranges] = {
    "d": ((48, 57),),
    "w": normal([(48, 57), (65, 90), (95, 95), (97, 122)]),
    "s": normal([(9, 13), (28, 32)]),
}
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}
_MAX_DEPTH = 50


class UnsupportedError(Exception):
    """The pattern uses what this reader does not know."""


@lru_cache(maxsize=512)
def pattern_regex(pattern: str) -> Regex | None:
    """The tree for ``pattern``, or None when it holds what this reader does not know."""
    reader = _Reader(pattern)
    try:
        tree = reader.alternatives(0)
        return tree if reader.position == len(pattern) else None
    except UnsupportedError:
        return None


def full_match(pattern: str, text: str) -> bool:
    """Whether ``pattern`` matches the whole of ``text``; False for a pattern that does not compile."""
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return False


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0

    def alternatives(self, depth: int) -> Regex:
        if depth > _MAX_DEPTH:
            raise UnsupportedError
        items = [self._sequence(depth)]
        while self._take("|"):
            items.append(self._sequence(depth))
        return items[0] if len(items) == 1 else Either(tuple(items))

    def _sequence(self, depth: int) -> Regex:
        items: list[Regex] = []
        while self.position < len(self.pattern) and self._peek() not in "|)":
            items.append(self._quantified(self._atom(depth)))
        return items[0] if len(items) == 1 else Concat(tuple(items))

    def _quantified(self, item: Regex) -> Regex:
        bounds = self._bounds()
        if bounds is None:
            return item
        least, most = bounds
        if most is not None and most < least:
            raise UnsupportedError
        if not self._take("?"):
            self._take("+")
        if self._bounds() is not None:
            raise UnsupportedError
        return Repeat(item, least, most)

    def _bounds(self) -> tuple[int, int | None] | None:
        match self._peek():
            case "*":
                bounds: tuple[int, int | None] = (0, None)
            case "+":
                bounds = (1, None)
            case "?":
                bounds = (0, 1)
            case "{":
                found = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}").match(self.pattern, self.position)
                if found is None or found[0] == "{}":
                    return None
                self.position = found.end()
                least = int(found[1] or 0)
                return least, (int(found[3]) if found[3] else None) if found[2] else least
            case _:
                return None
        self.position += 1
        return bounds

    def _atom(self, depth: int) -> Regex:
        char = self._next()
        match char:
            case "(":
                return self._group(depth)
            case "[":
                return Chars(self._set())
            case ".":
                return Chars(complement(chars("\n")))
            case "^" | "$":
                return EMPTY
            case "\\":
                return self._escape()
            case "*" | "+" | "?":
                raise UnsupportedError
            case _:
                return Chars(chars(char))

    def _group(self, depth: int) -> Regex:
        dropped = False
        if self._take("?"):
            if any(self._take(look) for look in ("=", "!", "<=", "<!")):
                dropped = True
            elif self._take("P<"):
                end = self.pattern.find(">", self.position)
                if end < 0:
                    raise UnsupportedError
                self.position = end + 1
            elif not (self._take(":") or self._take(">")):
                raise UnsupportedError
        inside = self.alternatives(depth + 1)
        if not self._take(")"):
            raise UnsupportedError
        return EMPTY if dropped else inside

    def _escape(self) -> Regex:
        char = self._next()
        if char in "bBAZ":
            return EMPTY
        if char.lower() in _CLASSES:
            return Chars(_class(char)[0])
        return Chars(chars(self._plain_escape(char)))

    def _plain_escape(self, char: str) -> str:
        if char in _CONTROL:
            return _CONTROL[char]
        if char in _HEX_DIGITS:
            digits = self.pattern[self.position : self.position + _HEX_DIGITS[char]]
            if not re.fullmatch(r"[0-9a-fA-F]+", digits) or len(digits) != _HEX_DIGITS[char] or int(digits, 16) > LAST:
                raise UnsupportedError
            self.position += len(digits)
            return chr(int(digits, 16))
        if char.isascii() and char.isalnum():
            raise UnsupportedError
        return char

    def _set(self) -> Ranges:
        negated = self._take("^")
        surely: list[tuple[int, int]] = []
        perhaps: list[tuple[int, int]] = []
        first = True
        while first or self._peek() != "]":
            first = False
            low = self._set_item()
            if isinstance(low, str):
                high: str | tuple[Ranges, Ranges] = low
                if self._peek() == "-" and self.pattern[self.position + 1 : self.position + 2] not in ("]", ""):
                    self.position += 1
                    high = self._set_item()
                if not isinstance(high, str) or high < low:
                    raise UnsupportedError
                surely.append((ord(low), ord(high)))
                perhaps.append((ord(low), ord(high)))
            else:
                perhaps.extend(low[0])
                surely.extend(low[1])
        self.position += 1
        return complement(normal(surely)) if negated else normal(perhaps)

    def _set_item(self) -> str | tuple[Ranges, Ranges]:
        char = self._next()
        if char != "\\":
            return char
        char = self._next()
        if char.lower() in _CLASSES:
            return _class(char)
        return "\b" if char == "b" else self._plain_escape(char)

    def _peek(self) -> str:
        return self.pattern[self.position : self.position + 1]

    def _next(self) -> str:
        char = self._peek()
        if not char:
            raise UnsupportedError
        self.position += 1
        return char

    def _take(self, text: str) -> bool:
        if self.pattern.startswith(text, self.position):
            self.position += len(text)
            return True
        return False


def _class(letter: str) -> tuple[Ranges, Ranges]:
    """What ``\\d`` and its like match perhaps, and what they match surely."""
    within = _CLASSES[letter.lower()]
    if letter.islower():
        return normal(within + _BEYOND_ASCII), within
    return complement(within), without(complement(within), _BEYOND_ASCII)
