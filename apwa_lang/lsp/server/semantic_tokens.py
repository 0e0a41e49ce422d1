"""Colours by meaning.

In: a file, a part of it, or what was sent of it before. Out: numbers, five for each piece of a line, or what has
changed of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from lsprotocol import types

from apwa_lang.lsp.features.semantic_tokens import MODIFIERS, TYPES, Token, semantic_tokens
from apwa_lang.lsp.server.base import ApwaServer, Steps
from apwa_lang.lsp.view import View
from apwa_lang.syntax.source import Span

LEGEND = types.SemanticTokensLegend(list(TYPES), list(MODIFIERS))
_NUMBER_OF = {name: number for number, name in enumerate(TYPES)}
_BIT_OF = {name: 1 << number for number, name in enumerate(MODIFIERS)}


def register(server: ApwaServer) -> None:
    """Answer what the words of a file are."""
    sent: dict[str, tuple[str, list[int]]] = {}
    ids = map(str, count(1))

    def whole(uri: str) -> Steps[list[int]]:
        view = yield from server.view(uri)
        return [] if view is None else _data(server, view, Span(view.source, 0, len(view.source.text)))

    def kept(uri: str, data: list[int]) -> str:
        sent[uri] = (next(ids), data)
        return sent[uri][0]

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, LEGEND)
    def _full(params: types.SemanticTokensParams) -> Steps[types.SemanticTokens]:
        data = yield from whole(params.text_document.uri)
        return types.SemanticTokens(data, kept(params.text_document.uri, data))

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, LEGEND)
    def _delta(
        params: types.SemanticTokensDeltaParams,
    ) -> Steps[types.SemanticTokens | types.SemanticTokensDelta]:
        uri = params.text_document.uri
        data = yield from whole(uri)
        before = sent.get(uri)
        name = kept(uri, data)
        if before is None or before[0] != params.previous_result_id:
            return types.SemanticTokens(data, name)
        return types.SemanticTokensDelta(_edits(before[1], data), name)

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, LEGEND)
    def _range(params: types.SemanticTokensRangeParams) -> Steps[types.SemanticTokens]:
        view = yield from server.view(params.text_document.uri)
        if view is None:
            return types.SemanticTokens([])
        return types.SemanticTokens(_data(server, view, server.convert.span(view.source, params.range)))


def _data(server: ApwaServer, view: View, within: Span) -> list[int]:
    data: list[int] = []
    line = character = 0
    for token in semantic_tokens(view, within):
        for span in _lines(view, token):
            place = server.convert.range(span)
            at, width = place.start, place.end.character - place.start.character
            data += (at.line - line, at.character - (character if at.line == line else 0), width)
            data += (_NUMBER_OF[token.type], sum(_BIT_OF[name] for name in token.modifiers))
            line, character = at.line, at.character
    return data


def _lines(view: View, token: Token) -> Iterator[Span]:
    """A token line by line, as clients want them, without line ends and the white space that a line begins with."""
    at = token.start
    for piece in view.source.text[token.start : token.end].splitlines(keepends=True):
        text = piece.strip() if at > token.start else piece.rstrip()
        start = at + (len(piece) - len(piece.lstrip()) if at > token.start else 0)
        if text:
            yield Span(view.source, start, start + len(text))
        at += len(piece)


def _edits(before: Sequence[int], after: Sequence[int]) -> list[types.SemanticTokensEdit]:
    """One edit that makes one list of the other; none where they are the same."""
    shorter = min(len(before), len(after))
    start = next((index for index in range(shorter) if before[index] != after[index]), shorter)
    most = shorter - start
    end = next((index for index in range(most) if before[-1 - index] != after[-1 - index]), most)
    removed, data = len(before) - start - end, list(after[start : len(after) - end])
    return [types.SemanticTokensEdit(start, removed, data)] if removed or data else []
