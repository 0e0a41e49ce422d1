"""The server that features register with.

In: messages of a client. Out: :class:`ApwaServer`, a pygls server with the open files of :mod:`.documents` in place of
pygls's own text store.
"""

from __future__ import annotations

from importlib.metadata import version

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method

from apwa_lang.lsp.server.convert import Converter
from apwa_lang.lsp.server.documents import Documents
from apwa_lang.lsp.view import View


class _Protocol(LanguageServerProtocol):
    """pygls's protocol, which would else keep a second copy of each text and cut lines where no editor does."""

    _server: ApwaServer

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Keep the text of a file."""
        self._server.documents.open(params.text_document)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Edit the text of a file."""
        self._server.documents.change(params.text_document, params.content_changes)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Forget the text of a file."""
        self._server.documents.close(params.text_document.uri)


class ApwaServer(LanguageServer):
    """The language server. ``documents`` are the open files; ``convert`` knows the client's way to count characters."""

    def __init__(self) -> None:
        super().__init__("apwa", version("apwa-lang"), protocol_cls=_Protocol)
        self.convert = Converter()
        self.documents = Documents(self.convert)

    def view(self, uri: str) -> View | None:
        """The open file of that address as features see it; None where it is not open."""
        return self.documents.view(uri)
