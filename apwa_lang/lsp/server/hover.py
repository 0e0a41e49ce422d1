"""What is shown of the word under the pointer.

In: a position. Out: Markdown, or plain text where the client shows no Markdown.
"""

from __future__ import annotations

from lsprotocol import types

from apwa_lang.lsp.features.hover import hover
from apwa_lang.lsp.server.base import ApwaServer


def register(server: ApwaServer) -> None:
    """Answer what a word is."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def _hover(params: types.HoverParams) -> types.Hover | None:
        view = server.view(params.text_document.uri)
        found = None if view is None else hover(view, server.convert.offset(view.source, params.position))
        if found is None:
            return None
        asked = server.client_capabilities.text_document
        formats = asked.hover.content_format if asked and asked.hover else None
        plain = formats is not None and types.MarkupKind.Markdown not in formats
        kind = types.MarkupKind.PlainText if plain else types.MarkupKind.Markdown
        return types.Hover(types.MarkupContent(kind, found.text), server.convert.range(found.span))
