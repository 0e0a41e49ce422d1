"""Where a name is used, in all files and in the open one.

In: a position. Out: places.
"""

from __future__ import annotations

from lsprotocol import types

from apwa_lang.lsp.features.references import highlights, references
from apwa_lang.lsp.server.base import ApwaServer, Steps
from apwa_lang.lsp.server.programs import workspace


def register(server: ApwaServer) -> None:
    """Answer where names are used."""

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def _references(params: types.ReferenceParams) -> Steps[list[types.Location] | None]:
        view = yield from server.view(params.text_document.uri)
        if view is None:
            return None
        offset = server.convert.offset(view.source, params.position)
        found = references(view, offset, workspace(server), declaration=params.context.include_declaration)
        return [place for span in found if (place := server.convert.location(span)) is not None]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def _highlights(params: types.DocumentHighlightParams) -> Steps[list[types.DocumentHighlight] | None]:
        view = yield from server.view(params.text_document.uri)
        if view is None:
            return None
        kinds = types.DocumentHighlightKind
        return [
            types.DocumentHighlight(server.convert.range(each.span), kinds.Write if each.writes else kinds.Read)
            for each in highlights(view, server.convert.offset(view.source, params.position))
        ]
