"""Links to files.

In: requests. Out: addresses, with the line where one is known.
"""

from __future__ import annotations

from lsprotocol import types

from apwa_lang.lsp.features.document_links import Link, document_links
from apwa_lang.lsp.server.base import ApwaServer, Steps


def register(server: ApwaServer) -> None:
    """Answer which texts lead to files."""

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_LINK)
    def _links(params: types.DocumentLinkParams) -> Steps[list[types.DocumentLink] | None]:
        view = yield from server.view(params.text_document.uri)
        return [_link(server, link) for link in document_links(view)] if view is not None else None


def _link(server: ApwaServer, link: Link) -> types.DocumentLink:
    line = f"#L{link.line}" if link.line > 1 else ""
    return types.DocumentLink(server.convert.range(link.span), f"{link.file.absolute().as_uri()}{line}")
