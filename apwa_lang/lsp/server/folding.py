"""Folds.

In: requests. Out: ranges of lines.
"""

from __future__ import annotations

from lsprotocol import types

from apwa_lang.lsp.features.folding import Fold, folding
from apwa_lang.lsp.server.base import ApwaServer, Steps


def register(server: ApwaServer) -> None:
    """Answer what can be folded."""

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    def _folding(params: types.FoldingRangeParams) -> Steps[list[types.FoldingRange] | None]:
        view = yield from server.view(params.text_document.uri)
        return [_range(server, fold) for fold in folding(view)] if view is not None else None


def _range(server: ApwaServer, fold: Fold) -> types.FoldingRange:
    lines = server.convert.range(fold.span)
    return types.FoldingRange(lines.start.line, lines.end.line, kind=types.FoldingRangeKind(fold.kind))
