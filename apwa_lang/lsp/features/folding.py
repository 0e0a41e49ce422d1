"""What can be folded.

In: an open file. Out: brackets, texts, comments and imports that take several lines. Found by words, so that it stays
as it is where the tree has holes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from apwa_lang.lsp.view import View
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.items import CLOSERS, OPENERS
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.tokens import scan


@dataclass(frozen=True, slots=True)
class Fold:
    """From the line in which the span begins, which stays, to the one in which it ends. ``kind``: ``region``,
    ``comment`` or ``imports``.
    """

    span: Span
    kind: str


def folding(view: View) -> tuple[Fold, ...]:
    """The folds of a file in order of place, one for each line where one begins."""
    found = [*_regions(view.source), *_comments(view), *_imports(view)]
    first: dict[int, Fold] = {}
    for fold in sorted(found, key=lambda fold: (fold.span.start, -fold.span.end)):
        source = fold.span.source
        line, last = fold.span.line, source.line_column(fold.span.end)[0]
        if last > line:
            first.setdefault(line, fold)
    return tuple(first.values())


def _regions(source: Source) -> Iterator[Fold]:
    """Brackets and texts, without the line in which they end if only their end stands there."""
    opened: list[tuple[str, int]] = []
    for token in scan(source).tokens:
        if token.kind in OPENERS:
            opened.append((token.kind, token.start))
        elif token.kind in CLOSERS and any(kind == CLOSERS[token.kind] for kind, _ in opened):
            while opened[-1][0] != CLOSERS[token.kind]:
                opened.pop()
            yield _region(source, opened.pop()[1], token.start)
        elif token.text.startswith('"""'):
            yield _region(source, token.start, token.end - 3)


def _region(source: Source, start: int, end: int) -> Fold:
    line_start = source.text.rfind("\n", 0, end) + 1
    alone = not source.text[line_start:end].strip()
    return Fold(Span(source, start, line_start - 1 if alone and line_start > start else end), "region")


def _comments(view: View) -> Iterator[Fold]:
    """Comments on lines of their own, one below the other."""
    text = view.source.text
    spans = [each.span for each in view.module.comments]
    alone = [span for span in spans if not text[text.rfind("\n", 0, span.start) + 1 : span.start].strip("\ufeff \t")]
    for _, block in groupby(enumerate(alone), key=lambda each: each[1].line - each[0]):
        yield _from_first_to_last([span for _, span in block], "comment")


def _imports(view: View) -> Iterator[Fold]:
    """Imports that follow each other."""
    for imports, nodes in groupby(view.module.declarations, key=lambda node: isinstance(node, ast.Import)):
        if imports:
            yield _from_first_to_last([node.span for node in nodes], "imports")


def _from_first_to_last(spans: Sequence[Span], kind: str) -> Fold:
    return Fold(spans[0].to(spans[-1]), kind)
