"""What a selection grows to.

In: an open file and a place in it. Out: what is around the place, from the word to the file: a word, a template's tag,
a text, a node of the tree, what stands between brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apwa_lang.lsp.view import View
from apwa_lang.syntax.items import CLOSERS, OPENERS
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.tokens import Token, scan
from apwa_lang.syntax.walk import around

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_WORD = re.compile(r"\w+")


def selection_ranges(view: View, offset: int) -> tuple[Span, ...]:
    """The spans around a place, each inside the next; the last is the file."""
    source = view.source
    found = [(node.span.start, node.span.end) for node in around(view.module, offset)]
    found += [(each.span.start, each.span.end) for each in view.module.comments]
    tokens = scan(source).tokens
    for token in tokens:
        if token.kind == "STRING" and token.start <= offset <= token.end:
            found += _in_text(source, token)
    found += _brackets(tokens)
    found += [word.span() for word in _WORD.finditer(source.text, *_line(source, offset))]
    chain = [(offset, offset)]
    for start, end in sorted(set(found), key=lambda span: span[1] - span[0]):
        if start <= chain[-1][0] and chain[-1][1] <= end and start < end:
            chain.append((start, end))
    if chain[-1] != (0, len(source.text)):
        chain.append((0, len(source.text)))
    return tuple(Span(source, *span) for span in chain[1:])


def _in_text(source: Source, token: Token) -> Iterator[tuple[int, int]]:
    """A string, what is between its quotes, and its tags with and without their marks."""
    quotes = 3 if token.text.startswith('"""') else 1
    yield token.start, token.end
    yield token.start + quotes, max(token.start + quotes, token.end - quotes)
    for tag in _TAG.finditer(source.text, token.start, token.end):
        yield tag.span()
        inside = tag[0][2:-2]
        start = tag.start() + 2 + len(inside) - len(inside.lstrip())
        yield start, start + len(inside.strip())


def _brackets(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """Each pair of brackets, and what is between them."""
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind in OPENERS:
            opened.append(index)
        elif token.kind in CLOSERS and any(tokens[each].kind == CLOSERS[token.kind] for each in opened):
            while tokens[opened[-1]].kind != CLOSERS[token.kind]:
                opened.pop()
            opener = opened.pop()
            yield tokens[opener].start, token.end
            if index > opener + 1:
                yield tokens[opener + 1].start, tokens[index - 1].end


def _line(source: Source, offset: int) -> tuple[int, int]:
    end = source.text.find("\n", offset)
    return source.text.rfind("\n", 0, offset) + 1, end if end >= 0 else len(source.text)
