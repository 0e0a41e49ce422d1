"""Inlay hints.

In: requests for a part of a file. Out: the hints of :mod:`apwa_lang.lsp.features.inlay_hints`.
"""

from __future__ import annotations

from lsprotocol import types

from apwa_lang.lsp.features.inlay_hints import inlay_hints
from apwa_lang.lsp.server.base import ApwaServer, Steps


def register(server: ApwaServer) -> None:
    """Register the request."""

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def _hints(params: types.InlayHintParams) -> Steps[list[types.InlayHint]]:
        view = yield from server.view(params.text_document.uri)
        if view is None:
            return []
        within = server.convert.span(view.source, params.range)
        return [
            types.InlayHint(
                server.convert.position(view.source, hint.offset),
                hint.text,
                kind=types.InlayHintKind.Type if hint.is_type else None,
                tooltip=hint.tooltip,
                padding_left=not hint.is_type,
            )
            for hint in inlay_hints(view, within)
        ]
