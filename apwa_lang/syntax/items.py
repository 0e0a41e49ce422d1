"""Where declarations begin in a file that does not parse.

In: the tokens of the file. Out: the range of each top-level item, so that a broken one cannot swallow the next. A
declaration is known by its first words (``task name (``). Between brackets it must also begin its line: there a
bracket was left open.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from apwa_lang.syntax.source import Source
from apwa_lang.syntax.tokens import Token

# What follows the keyword and what comes then.
HEADS: dict[str, tuple[str, tuple[str, ...]]] = {
    "import": ("STRING", ("as",)),
    "param": ("NAME", (":",)),
    "record": ("NAME", ("{",)),
    "table": ("NAME", (":",)),
    "model": ("NAME", ("{",)),
    "tool": ("NAME", ("(", "=")),
    "task": ("NAME", ("(",)),
    "split": ("NAME", ("=",)),
    "flow": ("NAME", ("{",)),
    "test": ("STRING", ("{",)),
}
OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {close: open for open, close in OPENERS.items()}

_MARKS_OF_HEADS = frozenset(mark for _, marks in HEADS.values() for mark in marks)
_CONTINUES = frozenset(("=", ":", ",", ".", "|", "->", "(", "[", "+", "-", "*", "/", "//", "%", "@"))


def items(source: Source, tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """The ranges of tokens, one for each top-level item; together they are all tokens."""
    starts: list[int] = []
    open_brackets: list[str] = []
    indent = 0
    for index, token in enumerate(tokens):
        if _begins(source, tokens, index, len(open_brackets), indent):
            starts.append(index)
            open_brackets.clear()
            indent = column(source, token)
        if token.kind in OPENERS:
            open_brackets.append(token.kind)
        elif token.kind in CLOSERS and CLOSERS[token.kind] in open_brackets:
            while open_brackets.pop() != CLOSERS[token.kind]:
                pass
    if not tokens:
        return []
    if not starts or starts[0] != 0:
        starts.insert(0, 0)
    return list(zip(starts, [*starts[1:], len(tokens)], strict=True)) if tokens else []


def starts_line(source: Source, tokens: Sequence[Token], index: int) -> bool:
    """Whether a token is the first of its line."""
    return index == 0 or tokens[index - 1].end <= line_start(source, tokens[index].start)


def line_start(source: Source, offset: int) -> int:
    """The offset at which the line of ``offset`` begins."""
    return source.line_starts[bisect_right(source.line_starts, offset) - 1]


def column(source: Source, token: Token) -> int:
    """Characters before a token on its line."""
    return token.start - line_start(source, token.start)


def _begins(source: Source, tokens: Sequence[Token], index: int, depth: int, indent: int) -> bool:
    token = tokens[index]
    if not _is_word(token) or index + 1 >= len(tokens):
        return False
    before = tokens[index - 1].kind if index else ""
    following = tokens[index + 1]
    mark = tokens[index + 2].kind if index + 2 < len(tokens) else ""
    if token.kind in HEADS:
        name, marks = HEADS[token.kind]
        named = _is_word(following) if name == "NAME" else following.kind == name
        if named and mark in marks and following.kind != "select":
            outdented = token.kind != "split" or column(source, token) <= indent
            return not depth or (outdented and starts_line(source, tokens, index))
    unfinished = before in _CONTINUES or before[:1].islower()
    if depth or unfinished or not starts_line(source, tokens, index):
        return False
    if column(source, token) > indent + 1:
        return False
    if token.kind in HEADS:
        return True
    if token.kind != "NAME":
        return False
    named = _is_word(following) or following.kind == "STRING"
    return following.kind in ("{", "(", ":") or (named and mark in _MARKS_OF_HEADS)


def _is_word(token: Token) -> bool:
    return token.kind == "NAME" or token.kind[0].islower()
