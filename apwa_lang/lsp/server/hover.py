"""What is shown of the word under the pointer.

In: a position. Out: Markdown, or plain text where the client shows no Markdown.
"""

from __future__ import annotations

import asyncio

from lsprotocol import types

from apwa_lang.lsp.features.hover import hover, measured, prompt_at
from apwa_lang.lsp.server.base import ApwaServer, Steps


def register(server: ApwaServer) -> None:
    """Answer what a word is."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def _hover(params: types.HoverParams) -> Steps[types.Hover | None]:
        view = yield from server.view(params.text_document.uri)
        if view is None:
            return None
        offset = server.convert.offset(view.source, params.position)
        found = hover(view, offset)
        if found is None:
            return None
        text = found.text
        task = prompt_at(view, offset)
        more: str | None = (yield asyncio.to_thread, (measured, view.checked, task), None) if task is not None else None
        if more is not None:
            text = f"{text}\n\n{more}"
        asked = server.client_capabilities.text_document
        formats = asked.hover.content_format if asked and asked.hover else None
        plain = formats is not None and types.MarkupKind.Markdown not in formats
        kind = types.MarkupKind.PlainText if plain else types.MarkupKind.Markdown
        return types.Hover(types.MarkupContent(kind, text), server.convert.range(found.span))
