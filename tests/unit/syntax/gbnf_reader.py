"""A reader of GBNF texts: draws texts that a grammar admits, and says whether it admits one.

In: a grammar as llama.cpp takes it, of the forms that ours uses. Out: :class:`Grammar`.
"""

from __future__ import annotations

import random
import re
import sys
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|[a-zA-Z][\w-]*|[|()?*+]|\{\d+,\d+\}')

# ("text", str), ("class", set or its complement), ("rule", name), ("seq", [...]), ("alt", [...]), ("times", node, a, b)
Node = tuple[Any, ...]


@dataclass
class Grammar:
    rules: dict[str, Node]
    ends: dict[tuple[int, int], frozenset[int]] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Grammar:
        rules = {}
        for line in text.splitlines():
            name, _, body = line.partition(" ::= ")
            tokens = TOKEN.findall(body)
            assert "".join(tokens) == re.sub(r'("(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\])|\s', r"\1", body), line
            assert name not in rules
            rules[name] = _alternatives(tokens)
            assert not tokens, line
        grammar = cls(rules)
        assert all(name in rules for node in rules.values() for name in _named(node))
        return grammar

    def draw(self, rng: random.Random, budget: int = 60) -> str:
        """A text that the grammar admits; after about ``budget`` rules it comes to an end."""
        self.left = budget
        return self._draw(("rule", "root"), rng)

    def _draw(self, node: Node, rng: random.Random) -> str:
        match node:
            case ("text", text):
                return str(text)
            case ("class", letters, True):
                return rng.choice("abz 01{}:.é#%")
            case ("class", letters, _):
                return str(rng.choice(letters))
            case ("rule", name):
                self.left -= 1
                return self._draw(self.rules[name], rng)
            case ("seq", parts):
                return "".join(self._draw(part, rng) for part in parts)
            case ("alt", parts):
                some = sorted(parts, key=self._size)[:1] if self.left < 0 else parts
                return self._draw(rng.choice(some), rng)
            case ("times", inner, low, high):
                count = low if self.left < 0 else rng.randint(low, min(high, low + 3))
                return "".join(self._draw(inner, rng) for _ in range(count))
        raise AssertionError(node)

    def _size(self, node: Node) -> float:
        if not hasattr(self, "sizes"):
            self.sizes = dict.fromkeys(self.rules, float("inf"))
            for _ in self.rules:
                self.sizes = {name: 1 + self._measure(rule) for name, rule in self.rules.items()}
        return self._measure(node)

    def _measure(self, node: Node) -> float:
        match node:
            case ("rule", name):
                return self.sizes[name]
            case ("seq", parts):
                return sum(map(self._measure, parts))
            case ("alt", parts):
                return min(map(self._measure, parts))
            case ("times", inner, low, _):
                return self._measure(inner) * low if low else 0
        return 1

    def admits(self, text: str) -> bool:
        """Whether the whole of ``text`` is a text of the grammar."""
        self.ends.clear()
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(20_000)
        try:
            return len(text) in self._ends(("rule", "root"), text, 0)
        finally:
            sys.setrecursionlimit(limit)

    def _ends(self, node: Node, text: str, at: int) -> frozenset[int]:
        key = (id(node), at) if node[0] != "rule" else (id(self.rules[node[1]]), at)
        if key not in self.ends:
            self.ends[key] = self._matched(node, text, at)
        return self.ends[key]

    def _matched(self, node: Node, text: str, at: int) -> frozenset[int]:
        match node:
            case ("text", fixed):
                return frozenset([at + len(fixed)] if text.startswith(fixed, at) else [])
            case ("class", letters, negated):
                return frozenset([at + 1] if at < len(text) and (text[at] in letters) != negated else [])
            case ("rule", name):
                return self._matched(self.rules[name], text, at)
            case ("alt", parts):
                return frozenset().union(*(self._ends(part, text, at) for part in parts))
            case ("seq", parts):
                places = frozenset([at])
                for part in parts:
                    places = frozenset().union(*(self._ends(part, text, place) for place in places))
                return places
            case ("times", inner, low, high):
                places, found = frozenset([at]), frozenset([at] if low == 0 else [])
                for count in range(1, high + 1):
                    places = frozenset().union(*(self._ends(inner, text, place) for place in places)) - found
                    if not places:
                        break
                    found |= places if count >= low else frozenset()
                return found
        raise AssertionError(node)


def _alternatives(tokens: list[str]) -> Node:
    parts = [_sequence(tokens)]
    while tokens and tokens[0] == "|":
        tokens.pop(0)
        parts.append(_sequence(tokens))
    return ("alt", parts)


def _sequence(tokens: list[str]) -> Node:
    parts: list[Node] = []
    while tokens and tokens[0] not in "|)":
        token = tokens.pop(0)
        node: Node
        if token == "(":
            node = _alternatives(tokens)
            assert tokens.pop(0) == ")"
        elif token[0] == '"':
            node = ("text", _unescaped(token[1:-1]))
        elif token[0] == "[":
            node = _class(token[1:-1])
        else:
            node = ("rule", token)
        if tokens and tokens[0] == "?":
            tokens.pop(0)
            node = ("times", node, 0, 1)
        elif tokens and tokens[0][0] == "{":
            low, high = map(int, tokens.pop(0)[1:-1].split(","))
            node = ("times", node, low, high)
        parts.append(node)
    return ("seq", parts)


def _class(body: str) -> Node:
    negated, body = body.startswith("^"), _unescaped(body.removeprefix("^"))
    letters = re.sub("(.)-(.)", lambda ends: "".join(map(chr, range(ord(ends[1]), ord(ends[2]) + 1))), body)
    return ("class", letters, negated)


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        return chr(int(found[1][1:], 16)) if found[1][0] == "x" else {"n": "\n"}.get(found[1], found[1])

    return re.sub(r"\\(x..|.)", plain, text)


def _named(node: Node) -> set[str]:
    match node:
        case ("rule", name):
            return {name}
        case ("seq" | "alt", parts):
            return set().union(*map(_named, parts))
        case ("times", inner, _, _):
            return _named(inner)
    return set()
