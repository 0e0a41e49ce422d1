"""Parsing a file again and again, as while a person types.

In: the texts that a file has in turn. Out: for each what :func:`~apwa_lang.syntax.parser.parse` gives; only the
declarations whose text has changed are read, the others are moved.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TypeVar

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.interrupt import checkpoint
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.build import Builder
from apwa_lang.syntax.comments import attach_docs
from apwa_lang.syntax.items import items
from apwa_lang.syntax.moved import moved
from apwa_lang.syntax.parser import Parsed, parse, parsed, whole_file
from apwa_lang.syntax.recover import recover, whole_item
from apwa_lang.syntax.slips import mend
from apwa_lang.syntax.source import Source
from apwa_lang.syntax.tokens import Scan, scan

T = TypeVar("T", int, tuple[int, str])


class Parser:
    """Parses the texts that one file has in turn. What it gives is always what :func:`parse` gives."""

    def __init__(self) -> None:
        self._known: dict[_Key, tuple[n.Declaration, int]] = {}

    def parse(self, source: Source) -> Parsed:
        """The tree of a file and what is wrong with its syntax."""
        scanned = scan(source)
        docs, module_doc = attach_docs(source, scanned.comments, scanned.tokens)
        tokens = scanned.tokens
        builder = Builder(source, docs)
        reader = _Reader(builder, scanned, docs, self._known)
        problems: list[Diagnostic] = []
        declarations: tuple[n.Declaration, ...] | None = None
        found: list[n.Declaration] = []
        for start, stop in items(source, tokens):
            declaration = reader.read(start, stop)
            if declaration is None:
                # Where lines begin in unusual places an item is no declaration, though all of them together are some.
                rest = Builder(source, docs)
                following = whole_file(rest, tokens[start:])
                if following is not None:
                    declarations = (*found, *following)
                    builder.diagnostics.extend(rest.diagnostics)
                elif mend(source, scanned) is not None:
                    self._known = reader.known
                    return parse(source)
                else:
                    declarations, problems = recover(builder, scanned, reader.read)
                break
            found.append(declaration)
        self._known = reader.known
        return parsed(
            source,
            scanned,
            tuple(found) if declarations is None else declarations,
            module_doc,
            [*builder.diagnostics, *problems],
        )


# The text of an item, and the doc comments in it by offset.
_Key = tuple[str, tuple[tuple[int, str], ...]]


class _Reader:
    """Reads items: those that were there before are moved, others parsed. ``known`` are those of this text."""

    def __init__(
        self, builder: Builder, scanned: Scan, docs: dict[int, str], before: dict[_Key, tuple[n.Declaration, int]]
    ) -> None:
        self._builder = builder
        self._tokens = scanned.tokens
        self._broken = sorted(scanned.broken)
        self._docs = sorted(docs.items())
        self._before = before
        self._read: dict[int, n.Declaration | None] = {}
        self.known: dict[_Key, tuple[n.Declaration, int]] = {}

    def read(self, start: int, stop: int) -> n.Declaration | None:
        """The declaration of an item; None where it has a syntax error."""
        if start not in self._read:
            checkpoint()
            self._read[start] = self._again(start, stop)
        return self._read[start]

    def _again(self, start: int, stop: int) -> n.Declaration | None:
        first, end = self._tokens[start].start, self._tokens[stop - 1].end
        if _between(self._broken, first, end):
            return whole_item(self._builder, self._tokens, start, stop)
        docs = tuple((offset - first, doc) for offset, doc in _between(self._docs, (first, ""), (end, "")))
        key = (self._builder.source.text[first:end], docs)
        before = self._before.get(key)
        if before is not None:
            declaration = moved(before[0], self._builder.source, first - before[1])
        else:
            problems = len(self._builder.diagnostics)
            read = whole_item(self._builder, self._tokens, start, stop)
            if read is None or len(self._builder.diagnostics) > problems:
                return read
            declaration = read
        self.known[key] = (declaration, first)
        return declaration


def _between(sorted_items: list[T], start: T, end: T) -> list[T]:
    """Those from ``start`` up to, not including, ``end``."""
    return sorted_items[bisect_left(sorted_items, start) : bisect_left(sorted_items, end)]
