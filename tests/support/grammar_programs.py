"""Random programs from the grammar itself, with random white space and comments between their words.

Every production of `apwa.lark` is drawn, whatever it would mean; what the scanner or the parser takes for something
else (a keyword where both it and a name fit) is not left out here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

from lark import Lark

from apwa_grammar import grammar_text

NAMES = [
    "a",
    "note",
    "text_of",
    "Note",
    "größe",
    "x1",
    "by",
    "text",
    "table",
    "over",
    "keep",
    "else",
    "in",
    "not",
    "row",
]
STRINGS = [
    '""', '"a"', '"out/{{ note.id }}.json"', r'"say \"#\" \\ \n"', '"# no comment"', '"日本語"', '"{ [ ( ,"',
    '"""one line"""', '""""""', '"""\n    Two lines {{ x }}\n      further\n\n    # no comment\n  """',
    '"""first\n  second \\\n  third"""', '"""\r\n\ta\r\n\tb\r\n"""', '"""\nat the margin\n"""',
]  # fmt: skip
WORDS = {
    "NAME": NAMES,
    "STRING": STRINGS,
    "INT": ["0", "7", "1_000"],
    "FLOAT": ["0.50", "1e-3", "12_0.5"],
    "DURATION": ["30s", "1.5h", "500ms"],
    "SIZE": ["8GiB", "512B"],
}
SPACES = [" ", " ", " ", " ", "  ", "\t", "\n", "\n    ", "\n\n", "\n \t\n\n  ", "\r\n", "\f "]
COMMENTS = [
    "# text",
    "## doc",
    "#",
    "#!odd  \t",
    "# apwa: ignore[APWA901] why",
    "## apwa: ignore[APWA690]",
    '### """ {',
]


def program(seed: int, *, declarations: int = 3, comments: float = 0.1) -> str:
    """A program of some declarations; ``comments`` is the share of gaps that have some."""
    draw = random.Random(seed)
    words: list[str] = []
    for _ in range(declarations):
        _expand(draw, "declaration", words, len(words) + draw.choice([5, 20, 60]))
    return "".join(_spaced(draw, words, comments))


@cache
def _grammar() -> tuple[dict[str, list[list[str]]], dict[str, str], dict[str, int]]:
    """Productions by rule, the text of fixed words, and how many steps each symbol needs at least."""
    lark = Lark(grammar_text(), parser="lalr", start="module", maybe_placeholders=True)
    fixed = {term.name: term.pattern.value for term in lark.terminals if term.pattern.type == "str"}
    rules: dict[str, list[list[str]]] = {}
    for rule in lark.rules:
        rules.setdefault(rule.origin.name, []).append([symbol.name for symbol in rule.expansion])
    steps = dict.fromkeys([*fixed, *WORDS], 0)
    while any(name not in steps for name in rules):
        for name, productions in rules.items():
            known = [production for production in productions if all(symbol in steps for symbol in production)]
            if known and name not in steps:
                steps[name] = 1 + min(max((steps[symbol] for symbol in each), default=0) for each in known)
    return rules, fixed, steps


def _expand(draw: random.Random, symbol: str, words: list[str], size: int, depth: int = 0) -> None:
    """Add the words of a symbol. Once there are ``size``, it is finished in as few steps as it takes."""
    rules, fixed, steps = _grammar()
    if symbol in fixed:
        words.append(fixed[symbol])
    elif symbol in WORDS:
        common = symbol == "NAME" and draw.random() < 0.8
        words.append(draw.choice(WORDS[symbol][:6] if common else WORDS[symbol]))
    else:
        full = len(words) > size or depth > 60
        # A rule that begins with itself is a list or a chain: one of its other productions, and some more behind it.
        more = [production[1:] for production in rules[symbol] if production[:1] == [symbol]]
        first = [production for production in rules[symbol] if production[:1] != [symbol]]
        if full:
            needed = [max((steps[part] for part in each), default=0) for each in first]
            first = [each for each, need in zip(first, needed, strict=True) if need == min(needed)]
        parts = list(draw.choice(first))
        if more and not full:
            for _ in range(draw.choice([0, 1, 2, 4] if symbol.startswith("_") else [0, 0, 0, 0, 0, 1, 2])):
                parts += draw.choice(more)
        for part in parts:
            _expand(draw, part, words, size, depth + 1)


def _spaced(draw: random.Random, words: list[str], comments: float) -> Iterator[str]:
    before = " "
    for word in [*words, ""]:
        if draw.random() < comments:
            yield draw.choice(["", " ", "\n", "\n\n  ", "\n"])
            for _ in range(draw.choice([1, 1, 2])):
                yield draw.choice(COMMENTS) + draw.choice(["\n", "\n  ", "\n\n", "\r\n"])
        elif not _may_touch(before, word) or draw.random() < 0.7:
            yield draw.choice(SPACES)
        yield word
        before = word


def _may_touch(left: str, right: str) -> bool:
    """Whether two words stay two without anything between them."""
    closed = "()[]{},:@"
    return bool(right) and (left[-1] in closed or right[0] in closed)
